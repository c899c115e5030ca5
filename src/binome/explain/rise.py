"""RISE: how well the module answers behind random veils."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from binome.core import BinomeError, derive_seed
from binome.explain.baseline import Baseline, make_baseline
from binome.explain.coalition import Output
from binome.explain.explainer import Call, explainer


@explainer("rise", family="perturbation", forward="samples", paper="Petsiuk, Das & Saenko 2018, arXiv 1806.07421")
def rise(
    call: Call,
    samples: int = 1000,
    cells: int | None = None,
    keep: float = 0.5,
    baseline: Baseline = "zero",
    output: Output = "probability",
) -> torch.Tensor:
    """The mean of random smooth masks, each weighted by the target's score behind it, over the share that is kept.

    Masks are grids of `cells` × `cells` coin tosses, enlarged bilinearly and shifted at random; all items share them.

    Details: `seed_deviation` (of the maps' shape), the standard error over the masks.

    Args:
        samples: masks.
        cells: along each side of the grid; 7 by default, or fewer where the picture has fewer pixels.
        keep: share of the cells that are seen.
        baseline: what hides.
        output: the target's `probability`, as in the paper, or `logit`.
    """
    if call.inputs.dim() != 4:
        raise BinomeError(f"rise needs pictures (n, channels, height, width), found {tuple(call.inputs.shape)}")
    height, width = call.inputs.shape[2:]
    cells = min(7, height, width) if cells is None else cells
    if not 1 <= cells <= min(height, width) or not 0 < keep < 1 or samples < 2:
        raise BinomeError(
            f"rise needs 1 <= cells <= {min(height, width)}, 0 < keep < 1 and 2 samples or more; found cells {cells}, "
            f"keep {keep}, samples {samples}"
        )
    if output not in ("logit", "probability"):
        raise BinomeError(f"output is {output!r}; give logit or probability")
    hidden = make_baseline(baseline, call.inputs, call.positions, call.total, call.generator)
    masks = call.inputs.new_empty(0)

    def veiled(part: range) -> torch.Tensor:
        nonlocal masks
        drawn = [_mask(derive_seed(call.seed, "mask", draw), cells, keep, height, width) for draw in part]
        masks = torch.stack(drawn).to(call.inputs)
        return torch.lerp(hidden, call.inputs, masks[:, None, None])

    total = torch.zeros(len(call.inputs), height * width, dtype=call.inputs.dtype, device=call.inputs.device)
    squares = torch.zeros_like(total)
    for _, scores in call.scored(samples, veiled, probability=output == "probability"):
        flat = masks.flatten(1)
        total += scores.T @ flat
        if call.detailed:
            squares += scores.square().T @ flat.square()
    mean = total / samples
    if call.detailed:
        call.note(
            "seed_deviation",
            _wide(call, ((squares / samples - mean.square()) / (samples - 1)).clamp_min(0).sqrt() / keep),
        )
    return _wide(call, mean / keep)


def _mask(seed: int, cells: int, keep: float, height: int, width: int) -> torch.Tensor:
    """One mask (height, width) in [0, 1]: the grid, enlarged by one cell more than the picture, cut out at random."""
    generator = torch.Generator().manual_seed(seed)
    grid = (torch.rand(1, 1, cells, cells, generator=generator) < keep).float()
    tall, wide = -(-height // cells), -(-width // cells)
    large = F.interpolate(grid, size=((cells + 1) * tall, (cells + 1) * wide), mode="bilinear", align_corners=False)
    top, left = (int(torch.randint(0, side, (1,), generator=generator)) for side in (tall, wide))
    return large[0, 0, top : top + height, left : left + width]


def _wide(call: Call, values: torch.Tensor) -> torch.Tensor:
    """Values of places (n, height × width), in equal parts on all channels."""
    channels, height, width = call.inputs.shape[1:]
    return (values.view(-1, 1, height, width) / channels).expand(call.inputs.shape).contiguous()
