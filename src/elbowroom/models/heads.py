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
OUTPUTS = 14 + LAG_WIDTH * len(LAG_STEPS)

UNIT = 0.03
"""Scale [m] of the network's raw length outputs, near the errors to be learned."""
ARM = 0.28
"""Length [m] that turns a tangential error in metres into an angle for a typical upper arm."""


def lag_slices(index: int) -> tuple[slice, slice]:
    """Where lag `index` keeps its mean (3) and its spread (6)."""
    start = 14 + LAG_WIDTH * index
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
    """

    direction: Array
    radius: Array
    spread: Array
    radial: Array
    forward: Array
    lag_mean: Array
    lag_spread: Array


def triangle(raw: NDArray[np.floating]) -> Array:
    """Lower-triangular L with positive diagonal [m] from six raw numbers, (..., 6) -> (..., 3, 3).

    Diagonal entries are UNIT exp(raw); the others UNIT raw.
    """
    out = np.zeros((*raw.shape[:-1], 3, 3))
    diagonal = UNIT * np.exp(np.clip(raw[..., :3], -6.0, 4.0))
    for i in range(3):
        out[..., i, i] = diagonal[..., i]
    out[..., 1, 0] = UNIT * raw[..., 3]
    out[..., 2, 0] = UNIT * raw[..., 4]
    out[..., 2, 1] = UNIT * raw[..., 5]
    return out


def decode(raw: NDArray[np.floating], guess: Array, length: Array) -> Prediction:
    """Mean prediction of an ensemble.

    Directions, radii and displacements are averaged over members; covariances are averaged and
    the spread between members is added (law of total variance).

    Args:
        raw: shape (members, ..., OUTPUTS).
        guess: first guess of the direction u0, unit vectors, shape (..., 3).
        length: measured upper arm [m], shape (...).
    """
    raw = raw.astype(np.float64)
    vectors = _normalise(guess + raw[..., DIRECTION])
    direction = _normalise(vectors.mean(axis=0))
    radii = length + UNIT * raw[..., RADIUS.start]
    radial = (UNIT * np.exp(np.clip(raw[..., RADIAL.start], -6.0, 4.0))) ** 2
    lags = [lag_slices(i) for i in range(len(LAG_STEPS))]
    lag_means = np.stack([UNIT * raw[..., m] for m, _ in lags], axis=-2)
    lag_triangles = np.stack([triangle(raw[..., s]) for _, s in lags], axis=-3)
    return Prediction(
        direction=direction,
        radius=radii.mean(axis=0),
        spread=_gram(triangle(raw[..., SPREAD])) + _between(ARM * vectors),
        radial=np.sqrt(radial.mean(axis=0) + radii.var(axis=0)),
        forward=UNIT * raw[..., FORWARD].mean(axis=0),
        lag_mean=lag_means.mean(axis=0),
        lag_spread=_gram(lag_triangles) + _between(lag_means),
    )


def _normalise(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _gram(triangles: Array) -> Array:
    return np.asarray((triangles @ np.swapaxes(triangles, -1, -2)).mean(axis=0))


def _between(vectors: Array) -> Array:
    centred = vectors - vectors.mean(axis=0)
    return np.asarray(np.einsum("m...i,m...j->...ij", centred, centred) / len(vectors))
