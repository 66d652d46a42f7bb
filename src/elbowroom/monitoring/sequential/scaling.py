"""Features brought to one scale by the reference, with a floor under the deviation.

A feature that is nearly constant in the reference would turn a change of rounding into a great
number. The floor is a share of the median deviation of all features of the layer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, read_samples, require

FLOOR = 0.05
"""Least deviation as a share of the median deviation over the features."""


@dataclass(frozen=True)
class Scaler:
    """x -> (x - mean) / deviation, feature by feature.

    Attributes:
        mean, deviation: shape (d,).
    """

    mean: Array
    deviation: Array

    def scale(self, samples: Array) -> Array:
        """Scaled samples, shape (..., d)."""
        return np.asarray((samples - self.mean) / self.deviation)


def fit_scaler(reference: ArrayLike, floor: float = FLOOR) -> Scaler:
    """Scaler of a reference, shape (n, d).

    Raises:
        MonitoringError: if all features are constant, or the reference is refused.
    """
    rows = read_samples("reference", reference)
    deviation = rows.std(axis=0, ddof=1)
    size = 1e-12 * np.abs(rows).max(axis=0)
    moving = deviation[deviation > size]
    require(moving.size, "every feature of the reference is constant: nothing can be monitored")
    return Scaler(rows.mean(axis=0), np.maximum(deviation, floor * np.median(moving)))
