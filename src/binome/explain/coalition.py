"""The value of a coalition of units: what the module answers when only these are as in the item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import torch

from binome.core import BinomeError
from binome.explain.baseline import Baseline, make_baseline
from binome.explain.explainer import Call
from binome.explain.path import needed_background
from binome.explain.units import Units

Hidden = Baseline | Literal["background"]
"""A baseline, or `background`: the mean answer over the background's items in the absent units' place."""
Output = Literal["logit", "probability"]


def hidden_by(call: Call, baseline: Any, method: str) -> torch.Tensor:
    """What stands in for absent units, (m, n or 1, …), over whose m the answers are averaged."""
    if isinstance(baseline, str) and baseline == "background":
        return needed_background(call, method)[:, None]
    return make_baseline(baseline, call.inputs, call.positions, call.total, call.generator)[None]


def coalition_values(
    call: Call, units: Units, hidden: torch.Tensor, present: torch.Tensor, output: Output = "logit"
) -> torch.Tensor:
    """The target's score for each coalition, float64 (coalitions, n).

    Args:
        hidden: from `hidden_by`.
        present: bool (coalitions, n or 1, units).
        output: the target's logit, or its probability.
    """
    if output not in get_args(Output):
        raise BinomeError(f"output is {output!r}; give logit or probability")
    many = len(hidden)

    def copies(part: range) -> torch.Tensor:
        places = torch.arange(part.start, part.stop, device=call.inputs.device)
        return units.switch(call.inputs, hidden[places % many], present[places // many])

    values = call.scores(len(present) * many, copies, probability=output == "probability").double()
    return values.view(len(present), many, -1).mean(1)


def by_regression(
    call: Call,
    units: Units,
    hidden: torch.Tensor,
    coalitions: Sequence[torch.Tensor],
    output: Output,
    solve: Callable[[int, torch.Tensor], tuple[torch.Tensor, torch.Tensor]],
) -> torch.Tensor:
    """Maps of what a regression on each item's own coalitions gives its units.

    Details: `seed_deviation`, of the maps' shape.

    Args:
        coalitions: of each item, bool (coalitions, its units); items may have different numbers of both.
        solve: from an item's row and its coalitions' values, float64 (coalitions,) on the CPU, to its units' values
            and their standard errors, (its units,) each.
    """
    most = max(len(present) for present in coalitions)
    # What an item has fewer than others are full coalitions, whose answers nobody reads.
    asked = torch.ones(most, len(coalitions), units.count, dtype=torch.bool)
    for row, present in enumerate(coalitions):
        asked[: len(present), row, : present.shape[1]] = present
    values = coalition_values(call, units, hidden, asked.to(call.inputs.device), output).cpu()
    found, deviations = torch.zeros(2, len(coalitions), units.count, dtype=torch.float64)
    for row, present in enumerate(coalitions):
        known = present.shape[1]
        found[row, :known], deviations[row, :known] = solve(row, values[: len(present), row])
    if call.detailed:
        call.note("seed_deviation", units.spread(deviations.to(call.inputs.device), call.inputs))
    return units.spread(found.to(call.inputs.device), call.inputs)
