"""What the elbow network's outputs mean; the same layout for training and inference.

About the filtered shoulder (anchor) a, the elbow is at a + r u with u on the unit sphere. The
network corrects a first guess of u and the measured upper-arm length, and says how unsure it is:

    u = normalise(u0 + v)                     v: DIRECTION
    r = measured length + dr                  dr: RADIUS
    S = L L'  (3x3, world axes), used as P S P on the tangent plane at u     L: SPREAD
    rho_r = exp(.)                            RADIAL
    p(t + GRID) - p(t) = f                    f: FORWARD, p = elbow - anchor
    p(t) - p(t - lag) = d_lag, covariance L_lag L_lag'     LAGS

A covariance in world axes, projected, needs no tangent frame, so nothing jumps as u moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DIRECTION = slice(0, 3)
RADIUS = slice(3, 4)
SPREAD = slice(4, 10)
RADIAL = slice(10, 11)
FORWARD = slice(11, 14)
LAG_STEPS: tuple[int, ...] = (6, 24)
"""Lags of the learned motion bounds, in grid steps (0.25 s and 1 s)."""
LAG_WIDTH = 9
LAGS_AT = 14
OUTPUTS = LAGS_AT + LAG_WIDTH * len(LAG_STEPS)

UNIT = 0.03
"""Scale [m] of the network's raw length outputs, near the errors to be learned."""
ARM = 0.28
"""Length [m] that turns a tangential error in metres into an angle for a typical upper arm."""


def lag_slices(index: int) -> tuple[slice, slice]:
    """Where lag `index` keeps its mean (3) and its spread (6)."""
    start = LAGS_AT + LAG_WIDTH * index
    return slice(start, start + 3), slice(start + 3, start + 9)


@dataclass(frozen=True)
class Prediction:
    """Decoded outputs; every array has the leading axes of the raw outputs.

    Attributes:
        direction: u, shape (..., 3).
        radius: r [m], shape (...).
        spread: covariance S of the elbow's position [m^2], shape (..., 3, 3).
        radial: standard deviation of the radius [m], shape (...).
        forward: expected displacement over the next grid period [m], shape (..., 3).
        lag_mean: [m], shape (..., n_lags, 3).
        lag_spread: [m^2], shape (..., n_lags, 3, 3).
        summary: what the learned multipliers are a function of, before they were applied: logs
            of the spreads, speed, context, shape (..., scale.INPUTS).
    """

    direction: Array
    radius: Array
    spread: Array
    radial: Array
    forward: Array
    lag_mean: Array
    lag_spread: Array
    summary: Array
