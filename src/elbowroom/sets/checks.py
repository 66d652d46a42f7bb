"""Checks of what comes in: shapes and finite numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elbowroom.sets.errors import SetError

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


def read_array(name: str, value: ArrayLike, ndim: int) -> Array:
    """Return `value` as a finite float64 array of at least `ndim` axes.

    Raises:
        SetError: if it is not numeric, has too few axes or holds a NaN or an infinity.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SetError(f"{name} must be an array of numbers, got {value!r}") from error
    if array.ndim < ndim:
        raise SetError(f"{name} needs at least {ndim} axes, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise SetError(f"{name} must be finite")
    return array


def read_positive(name: str, value: ArrayLike, ndim: int) -> Array:
    """Return `value` as `read_array` does and refuse negative entries."""
    array = read_array(name, value, ndim)
    if (array < 0).any():
        raise SetError(f"{name} must not be negative, got a least entry of {array.min()}")
    return array


def require(condition: Any, message: str) -> None:
    """Raise SetError with `message` unless `condition` holds."""
    if not condition:
        raise SetError(message)
