"""Checks of what comes in: samples by features, finite, alike in width."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elbowroom.core import InputError

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]
Single = NDArray[np.float32]


class MonitoringError(InputError):
    """Samples, units or settings that no statement can be built on."""


class UnitError(MonitoringError):
    """Units that are too short, or too few, to be taken for independent."""


def require(condition: Any, message: str) -> None:
    """Raise MonitoringError with `message` unless `condition` holds."""
    if not condition:
        raise MonitoringError(message)


def read_samples(name: str, value: ArrayLike, least: int = 2, width: int | None = None) -> Array:
    """Return `value` as finite float64 samples, shape (n, d); shape (n,) is taken for d = 1.

    Raises:
        MonitoringError: if it is not numeric, has no feature, fewer than `least` rows, another
            width than `width`, or holds a NaN or an infinity.
    """
    array = _read(name, value)
    array = array[:, None] if array.ndim == 1 else array
    require(array.ndim == 2, f"{name} must have shape (samples, features), got {array.shape}")
    require(array.shape[1] > 0, f"{name} has no features")
    require(len(array) >= least, f"{name} needs at least {least} samples, got {len(array)}")
    _check_width(name, array.shape[1], width)
    _check_finite(name, array)
    return array


def read_unit(name: str, value: ArrayLike, width: int) -> Array:
    """Return one unit's feature vector, finite, shape (width,).

    Raises:
        MonitoringError: likewise.
    """
    array = _read(name, value)
    require(array.ndim == 1, f"{name} must be one vector, got shape {array.shape}")
    _check_width(name, len(array), width)
    _check_finite(name, array)
    return array


def read_layers(name: str, value: Mapping[str, ArrayLike], layers: tuple[str, ...]) -> None:
    """Refuse a mapping whose keys are not `layers`.

    Raises:
        MonitoringError: if a layer is missing or unknown.
    """
    missing, unknown = set(layers) - set(value), set(value) - set(layers)
    require(not missing, f"{name} lacks the layers {sorted(missing)}")
    require(not unknown, f"{name} has unknown layers {sorted(unknown)}, known: {list(layers)}")


def _read(name: str, value: ArrayLike) -> Array:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MonitoringError(f"{name} must be an array of numbers: {error}") from error
    require(array.ndim > 0, f"{name} must be an array, got a single number")
    return array


def _check_width(name: str, got: int, width: int | None) -> None:
    require(width is None or got == width, f"{name} must have {width} features, got {got}")


def _check_finite(name: str, array: Array) -> None:
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise MonitoringError(f"{name} must be finite, {bad} of {array.size} numbers are not")
