"""Exact measurements of a point among the state's coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.gaussian.regression import Linearisation

Array = NDArray[np.float64]

_LEAST = 1e-9
"""Length below which a direction is meaningless."""


@dataclass(frozen=True)
class DistanceModel:
    """y = |x[:3] - o| + v with the origin o as context: the point is on a shell about o.

    Attributes:
        noise: half-width of v [m], shape (1,).
        deviation: its standard deviation [m], shape (1,).
        width: number of coordinates of the state.
    """

    noise: Array
    deviation: Array
    width: int

    def predict(self, points: Array, context: Array) -> tuple[Array, Array]:
        """Distances of many states, (k, n) -> (k, 1), and zeros."""
        distance = np.linalg.norm(points[:, :3] - context, axis=1, keepdims=True)
        return distance, np.zeros_like(distance)

    def linearise(self, point: Array, context: Array) -> Linearisation:
        """Distance, unit vector from the origin and zero, at one state."""
        away = point[:3] - context
        distance = max(float(np.linalg.norm(away)), _LEAST)
        jacobian = np.zeros((1, self.width))
        jacobian[0, :3] = away / distance
        return Linearisation(np.array([distance]), jacobian, np.zeros(1))

    def remainder(self, point: Array, reach: Array, context: Array) -> Array:
        """Bound |d'| - n.d' for every d' of the box about d, n = d / |d|.

        It is |d'| - a = sqrt(a^2 + b^2) - a with a the part of d' along n and b that across; it
        falls with a and grows with b, so the least a and the largest b bound it.
        """
        away = point[:3] - context
        distance = max(float(np.linalg.norm(away)), _LEAST)
        least = distance - float(np.abs(away / distance) @ reach[:3])
        across = float(np.linalg.norm(reach[:3]))
        return np.array([np.hypot(least, across) - least])

    def spread(self, point: Array, reach: Array, context: Array) -> Array:
        """Zero: the model is exact."""
        return np.zeros(1)


@dataclass(frozen=True)
class PointModel:
    """y = x[:3] + v: the point itself is seen.

    Attributes:
        noise: half-widths of v [m], shape (3,).
        deviation: its standard deviations [m], shape (3,).
        width: number of coordinates of the state.
    """

    noise: Array
    deviation: Array
    width: int

    def predict(self, points: Array, context: Array) -> tuple[Array, Array]:
        """Points of many states, (k, n) -> (k, 3), and zeros."""
        return points[:, :3], np.zeros((len(points), 3))

    def linearise(self, point: Array, context: Array) -> Linearisation:
        """The point, the matrix that selects it and zeros, at one state."""
        return Linearisation(point[:3], np.eye(3, self.width), np.zeros(3))

    def remainder(self, point: Array, reach: Array, context: Array) -> Array:
        """Zero: the measurement is linear."""
        return np.zeros(3)

    def spread(self, point: Array, reach: Array, context: Array) -> Array:
        """Zero: the model is exact."""
        return np.zeros(3)
