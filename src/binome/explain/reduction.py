"""`reduce`: from maps over channels to one value a pixel, as an explicit step of its own."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from binome.core import BinomeError

Channels = Literal["sum", "mean"]
Sign = Literal["absolute", "positive", "signed"]


def reduce(maps: Any, channels: Channels = "sum", sign: Sign = "absolute") -> npt.NDArray[np.float32]:
    """Maps (n, channels, height, width) as (n, height, width) float32: the channels' sum, then the sign rule.

    Signed channels are added before the sign is dropped: a pixel whose channels cancel speaks neither way.

    Raises:
        BinomeError: for maps of another shape, or a rule that does not exist.
    """
    array = np.asarray(maps.detach().cpu().float().numpy() if hasattr(maps, "detach") else maps, dtype=np.float32)
    if array.ndim != 4:
        raise BinomeError(f"maps have shape {array.shape}; give (n, channels, height, width)")
    for name, value, known in (("channels", channels, get_args(Channels)), ("sign", sign, get_args(Sign))):
        if value not in known:
            raise BinomeError(f"reduce: {name} is {value!r}; give {', '.join(known)}")
    flat: npt.NDArray[np.float32] = array.sum(1) if channels == "sum" else array.mean(1)
    if sign == "absolute":
        return np.abs(flat)
    return np.clip(flat, 0, None) if sign == "positive" else flat
