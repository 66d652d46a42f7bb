"""Six tanks in a row, three of them gauged: a benchmark of nonlinear set observers.

Water flows from each tank to the next by Torricelli's law; the exact equations are known, so
nothing is learned. Levels in metres, as in the comparison of Holzinger and Althoff
(arXiv 2602.03646), whose model (named tank6 there) has no orifice factor in the second tank.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.gaussian.regression import Linearisation

Array = NDArray[np.float64]

GAUGED = (1, 3, 4)
"""Tanks whose level is measured."""

_FACTOR = 0.015
_ROOT = float(np.sqrt(2.0 * 9.81))
_FED = {0: 0, 3: 1, 4: 2}
"""Which inflow feeds which tank."""


@dataclass(frozen=True)
class TankDynamics:
    """x_i+ = x_i + h (c_i (sqrt x_{i-1} - sqrt x_i) + b_i u_i), i = 1..6, with x_0 = 0.

    Attributes:
        period: h [s].
        noise: half-widths of the disturbance [m], shape (6,).
        least: level that no tank ever falls below [m].
    """

    period: float = 0.5
    noise: Array = field(default_factory=lambda: np.full(6, 0.001))
    least: float = 1.0

    @property
    def deviation(self) -> Array:
        """Standard deviations of evenly spread noise [m], shape (6,)."""
        return self.noise / np.sqrt(3.0)

    @property
    def flows(self) -> Array:
        """Flow factors h c_i, shape (6,)."""
        flows = np.full(6, _FACTOR * _ROOT)
        flows[1] = _ROOT
        return self.period * flows

    def advance(self, levels: Array, inflow: Array) -> Array:
        """Levels one period later without disturbance, (k, 6) and (3,) -> (k, 6)."""
        roots = np.sqrt(levels)
        after = levels - self.flows * roots
        after[:, 1:] += self.flows[1:] * roots[:, :-1]
        for tank, inlet in _FED.items():
            share = self.period if tank == 0 else self.flows[tank]
            after[:, tank] += share * inflow[inlet]
        return after

    def predict(self, points: Array, context: Array) -> tuple[Array, Array]:
        """Exact levels one period later and a zero standard deviation, both (k, 6)."""
        return self.advance(points, context), np.zeros_like(points)

    def linearise(self, point: Array, context: Array) -> Linearisation:
        """Exact value, Jacobian and a zero standard deviation at one state."""
        slopes = 0.5 / np.sqrt(point)
        jacobian = np.eye(6) - np.diag(self.flows * slopes)
        jacobian[np.arange(1, 6), np.arange(5)] = self.flows[1:] * slopes[:-1]
        return Linearisation(self.advance(point[None], context)[0], jacobian, np.zeros(6))

    def remainder(self, point: Array, reach: Array, context: Array) -> Array:
        """Lagrange's bound: sqrt has second derivative -x^(-3/2) / 4, largest at the low end.

        The two roots of a tank err to opposite sides, so the larger of their bounds holds.
        """
        low = np.maximum(point - reach, self.least)
        bends = reach**2 * low**-1.5 / 8.0
        upstream = np.concatenate([[0.0], bends[:-1]])
        return self.flows * np.maximum(bends, upstream)

    def spread(self, point: Array, reach: Array, context: Array) -> Array:
        """Zero: the model is exact."""
        return np.zeros(6)


@dataclass(frozen=True)
class TankGauges:
    """y = (x_2, x_4, x_5) + v.

    Attributes:
        noise: half-widths of v [m], shape (3,).
    """

    noise: Array = field(default_factory=lambda: np.full(3, 0.2))

    @property
    def deviation(self) -> Array:
        """Standard deviations of evenly spread noise [m], shape (3,)."""
        return self.noise / np.sqrt(3.0)

    def predict(self, points: Array, context: Array) -> tuple[Array, Array]:
        """Gauged levels and a zero standard deviation, both (k, 3)."""
        return points[:, GAUGED], np.zeros((len(points), 3))

    def linearise(self, point: Array, context: Array) -> Linearisation:
        """Gauged levels, the matrix that selects them and a zero standard deviation."""
        return Linearisation(point[list(GAUGED)], np.eye(6)[list(GAUGED)], np.zeros(3))

    def remainder(self, point: Array, reach: Array, context: Array) -> Array:
        """Zero: the measurement is linear."""
        return np.zeros(3)

    def spread(self, point: Array, reach: Array, context: Array) -> Array:
        """Zero: the model is exact."""
        return np.zeros(3)
