"""The decoding of the networks' outputs written plainly, for comparison with the compiled one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from elbowroom.models.elbow.heads import (
    ARM,
    DIRECTION,
    FORWARD,
    LAG_STEPS,
    RADIAL,
    RADIUS,
    SPREAD,
    UNIT,
    Prediction,
    lag_slices,
)
from elbowroom.models.elbow.scale import CONTEXT, INPUTS, Scale
from elbowroom.models.features.names import NAMES

Array = np.ndarray


def triangle(raw: Array) -> Array:
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


def decode_plainly(raw: Array, guess: Array, length: Array) -> Prediction:
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
        summary=np.zeros((*raw.shape[1:-1], INPUTS)),
    )


def _normalise(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _gram(triangles: Array) -> Array:
    return np.asarray((triangles @ np.swapaxes(triangles, -1, -2)).mean(axis=0))


def _between(vectors: Array) -> Array:
    centred = vectors - vectors.mean(axis=0)
    return np.asarray(np.einsum("m...i,m...j->...ij", centred, centred) / len(vectors))


def summarise(prediction: Prediction, features: Array) -> Array:
    """Inputs z of the scale, (..., INPUTS): log spreads, context, speeds.

    Args:
        prediction: of the ensemble.
        features: shape (..., WIDTH).
    """
    trace = np.trace(prediction.spread, axis1=-2, axis2=-1)
    across = trace - np.einsum(
        "...i,...ij,...j->...", prediction.direction, prediction.spread, prediction.direction
    )
    lag_trace = np.trace(prediction.lag_spread, axis1=-2, axis2=-1)
    columns = [
        np.log(across / UNIT**2) / 2,
        np.log(prediction.radial / UNIT),
        np.log(lag_trace[..., 0] / UNIT**2) / 2,
        np.log(lag_trace[..., 1] / UNIT**2) / 2,
        np.linalg.norm(prediction.forward, axis=-1) / 0.01,
        *(features[..., NAMES.index(n)] for n in CONTEXT),
        _length(features, "gripper_speed") / 0.1,
        _length(features, "anchor_speed") / 0.1,
    ]
    return np.stack([np.asarray(c, float) for c in columns], axis=-1)


def _length(features: Array, name: str) -> Array:
    start = NAMES.index(f"{name}_x")
    return np.asarray(np.linalg.norm(features[..., start : start + 3], axis=-1))


def multipliers(scale: Scale, z: Array) -> Array:
    """Positive multipliers, (..., INPUTS) -> (..., OUTPUTS)."""
    hidden = np.tanh(z @ scale.first + scale.first_bias)
    return np.exp(np.clip(hidden @ scale.second + scale.second_bias, -3.0, 3.0))


def apply_scale(scale: Scale, prediction: Prediction, features: Array) -> Prediction:
    """The prediction with its spreads multiplied."""
    z = summarise(prediction, np.asarray(features, float))
    m = multipliers(scale, z)
    return replace(
        prediction,
        summary=z,
        spread=prediction.spread * m[..., 0, None, None] ** 2,
        radial=prediction.radial * m[..., 1],
        lag_spread=prediction.lag_spread * m[..., 2:, None, None] ** 2,
    )
