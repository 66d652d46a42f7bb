"""States as plain arrays and back, so that a restart goes on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.monitoring.checks import require

Arrays = dict[str, NDArray[Any]]


def pack_state(state: Any) -> Arrays:
    """Arrays by field name of a detector's or a window's state."""
    return {name: np.asarray(value) for name, value in state._asdict().items()}


def unpack_state(arrays: Mapping[str, NDArray[Any]], like: Any) -> Any:
    """Return the state that `pack_state` packed.

    Args:
        arrays: by field name.
        like: a state of the detector or window that is to go on, such as its `start()`.

    Raises:
        MonitoringError: if a field is missing or unknown, of another shape or kind, or not finite.
    """
    fields = like._asdict()
    require(arrays.keys() == fields.keys(), f"a state has {list(fields)}, got {sorted(arrays)}")
    return type(like)(*(_read(name, arrays[name], value) for name, value in fields.items()))


def _read(name: str, array: NDArray[Any], like: Any) -> Any:
    model, given = np.asarray(like), np.asarray(array)
    fits = given.shape == model.shape and given.dtype.kind == model.dtype.kind
    require(fits, f"{name} of the state is {given.dtype}{given.shape}, not {model.shape}")
    gaps = np.isnan(model).any()  # a window that is not full yet
    good = np.isfinite(given) | (gaps & np.isnan(given))
    require(good.all(), f"{name} of the state is not finite")
    if isinstance(like, np.ndarray):
        return given.astype(model.dtype)
    return type(like)(given.item())
