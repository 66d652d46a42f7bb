"""What is followed over a dressing: running extremes and means of a few numbers of each layer.

An instant of a dressing is rarely telling; what accumulates is. A sensor's noise floor, the mean
lever between torque and force, the largest force change so far vary little between people after
some tenths of a second, and a change of inputs moves them for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from elbowroom.estimation.layers.residuals import RESIDUALS
from elbowroom.estimation.layers.sensor import SENSOR
from elbowroom.monitoring.checks import Array
from elbowroom.monitoring.dressing.dressings import Projection

MAX, MIN, MEAN, NOW, FIRST = range(5)
"""Folds: largest, smallest, mean so far; the present value; the value at `FIRST_AT` for good."""
FIRST_AT = 6  # readings, 0.25 s
WARM = 12  # readings, 0.5 s, in which a sensor's noise and lever are not known well

_FOLDS = ("max", "min", "mean", "now", "first")
_LARGEST = (
    "force_fast",
    "force_change",
    "force_drift",
    "torque",
    "power",
    "shoulder_speed",
    "shoulder_moved",
    "members_direction",
    "members_forward",
    "members_lag_short",
    "members_lag_long",
    "spread",
    "jump",
    "turned",
    "arm_gap",
)
_MEANS = (
    "force_fast",
    "force_change",
    "force_along_pull",
    "force_along_arm",
    "force_up",
    "shoulder_speed",
    "members_direction",
    "members_forward",
    "members_lag_short",
    "members_lag_long",
    "spread",
    "forward",
    "jump",
)


class Statistic(NamedTuple):
    """One number of a layer and how it is folded over time."""

    layer: str
    column: str
    fold: int

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.layer} {self.column}, {_FOLDS[self.fold]}"

    @property
    def wait(self) -> int:
        """Readings at the start at which it is not judged: it is not known well yet."""
        return WARM if self.fold in (MIN, NOW) else 0


def choose_statistics(layers: tuple[str, ...]) -> tuple[Statistic, ...]:
    """What is followed of these layers.

    Of "residual" and "sensor" named columns; of every other layer how far it is inside and
    outside of the reference's leading components.
    """
    found: list[Statistic] = []
    for layer in layers:
        if layer == "residual":
            found += [Statistic(layer, c, MAX) for c in _LARGEST]
            found += [Statistic(layer, c, MEAN) for c in _MEANS]
        elif layer == "sensor":
            found += [Statistic(layer, c, MIN) for c in SENSOR if c.startswith("noise")]
            found += [Statistic(layer, c, NOW) for c in SENSOR if c.endswith("dressing")]
            found += [Statistic(layer, c, FIRST) for c in (*_levels(), "level")]
        else:
            found += [Statistic(layer, c, f) for f in (MAX, MEAN) for c in ("inside", "outside")]
    return tuple(found)


def read_columns(
    statistics: tuple[Statistic, ...],
    layers: Mapping[str, NDArray[np.floating]],
    projections: Mapping[str, Projection],
) -> Array:
    """The numbers that are folded, shape (..., len(statistics)).

    Args:
        statistics: see `choose_statistics`.
        layers: activations by layer, shape (..., d).
        projections: by layer.
    """
    known: dict[tuple[str, str], Array] = {}
    for layer in {s.layer for s in statistics}:
        for column, values in _columns(layer, layers[layer], projections[layer]).items():
            known[layer, column] = values
    return np.stack([known[s.layer, s.column] for s in statistics], axis=-1)


def _columns(layer: str, rows: NDArray[np.floating], projection: Projection) -> dict[str, Array]:
    x = np.asarray(rows, dtype=np.float64)
    if layer == "residual":
        return {name: x[..., i] for i, name in enumerate(RESIDUALS)}
    if layer == "sensor":
        found = {name: x[..., i] for i, name in enumerate(SENSOR)}
        force = np.sqrt(sum(found[name] ** 2 for name in _levels()[:3]))
        return found | {"level": np.log(force + 0.1)}
    return dict(zip(("inside", "outside"), np.moveaxis(projection.measure(x), -1, 0), strict=True))


def _levels() -> tuple[str, ...]:
    return tuple(c for c in SENSOR if c.startswith("level"))


def start_folds(count: int) -> Array:
    """Folded values before the first reading, shape (count,)."""
    return np.full(count, np.nan)


def fold(folds: NDArray[np.int64], held: Array, values: Array, index: int) -> Array:
    """Folded values after the reading of this index, shape (count,).

    Args:
        folds: kinds of folds, shape (count,).
        held: folded values before it.
        values: of the reading.
        index: readings before it.
    """
    # The noise floor starts anew until the sensor's noise is known.
    fresh = (index == 0) | ((folds == MIN) & (index <= WARM))
    kept = np.where(fresh, values, held)
    return np.select(
        [folds == MAX, folds == MIN, folds == MEAN, folds == FIRST],
        [
            np.maximum(kept, values),
            np.minimum(kept, values),
            kept + (values - kept) / (index + 1),
            values if index <= FIRST_AT else kept,
        ],
        values,
    )
