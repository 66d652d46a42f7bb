"""From the networks' raw outputs to scaled predictions, one compiled pass for node and batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.models.elbow.heads import (
    ARM,
    DIRECTION,
    FORWARD,
    LAG_STEPS,
    LAG_WIDTH,
    LAGS_AT,
    RADIAL,
    RADIUS,
    SPREAD,
    UNIT,
    Prediction,
)
from elbowroom.models.elbow.scale import CONTEXT, INPUTS, OUTPUTS, Scale
from elbowroom.models.features.names import NAMES

Array = NDArray[np.float64]

_LAGS = len(LAG_STEPS)
_DIRECTION, _RADIUS, _SPREAD = DIRECTION.start, RADIUS.start, SPREAD.start
_RADIAL, _FORWARD = RADIAL.start, FORWARD.start
_SIGHTED, _SIGHTING = NAMES.index("sighted"), NAMES.index("sighting_from_anchor0_x")
_START, _UPPER = NAMES.index("start_gripper_from_anchor0_x"), NAMES.index("upper_arm")
_CONTEXT = np.array([NAMES.index(n) for n in CONTEXT])
_SPEEDS = np.array([NAMES.index("gripper_speed_x"), NAMES.index("anchor_speed_x")])


def decode(raw: NDArray[Any], features: NDArray[Any], scale: Scale) -> Prediction:
    """Mean prediction of an ensemble with its spreads scaled.

    Directions, radii and displacements are averaged over members; covariances are averaged and
    the spread between members is added (law of total variance). With summaries z of prediction
    and features (see `Prediction.summary`) the spreads are multiplied by
    exp(clip(W2 tanh(W1 z + b1) + b2, -3, 3)).

    Args:
        raw: shape (members, ..., OUTPUTS).
        features: shape (..., WIDTH).
        scale: learned multipliers.
    """
    lead = features.shape[:-1]
    rows = int(np.prod(lead))
    found = Prediction(
        np.empty((rows, 3)),
        np.empty(rows),
        np.zeros((rows, 3, 3)),
        np.empty(rows),
        np.zeros((rows, 3)),
        np.zeros((rows, _LAGS, 3)),
        np.zeros((rows, _LAGS, 3, 3)),
        np.empty((rows, INPUTS)),
    )
    _decode_rows(
        raw.reshape(len(raw), rows, raw.shape[-1]),
        features.reshape(rows, features.shape[-1]),
        scale.first,
        scale.first_bias,
        scale.second,
        scale.second_bias,
        *vars(found).values(),
    )
    return Prediction(*(v.reshape((*lead, *v.shape[1:])) for v in vars(found).values()))


@njit(cache=True, nogil=True)
def _decode_rows(
    raw: NDArray[Any],
    features: NDArray[Any],
    first: Array,
    first_bias: Array,
    second: Array,
    second_bias: Array,
    direction: Array,
    radius: Array,
    spread: Array,
    radial: Array,
    forward: Array,
    lag_mean: Array,
    lag_spread: Array,
    summary: Array,
) -> None:
    vectors = np.empty((len(raw), 3))
    for r in range(len(features)):
        _decode_direction(raw, r, features[r], vectors, direction[r], spread[r])
        radius[r], radial[r] = _decode_radius(raw, r, features[r, _UPPER])
        for i in range(3):
            for m in range(len(raw)):
                forward[r, i] += UNIT * raw[m, r, _FORWARD + i] / len(raw)
        for j in range(_LAGS):
            at = LAGS_AT + j * LAG_WIDTH
            _decode_lag(raw, r, at, vectors, lag_mean[r, j], lag_spread[r, j])
        z = summary[r]
        _summarise(features[r], direction[r], spread[r], radial[r], forward[r], lag_spread[r], z)
        out = second_bias.copy()
        for h in range(len(first_bias)):
            value = first_bias[h]
            for i in range(INPUTS):
                value += z[i] * first[i, h]
            value = np.tanh(value)
            for i in range(OUTPUTS):
                out[i] += value * second[h, i]
        out = np.exp(np.minimum(np.maximum(out, -3.0), 3.0))
        spread[r] *= out[0] * out[0]
        radial[r] *= out[1]
        for j in range(_LAGS):
            lag_spread[r, j] *= out[2 + j] * out[2 + j]


@njit(cache=True, nogil=True)
def _decode_direction(
    raw: NDArray[Any],
    r: int,
    features: NDArray[Any],
    vectors: Array,
    direction: Array,
    spread: Array,
) -> None:
    guess = np.empty(3)
    at = _SIGHTING if features[_SIGHTED] > 0.5 else _START
    size = 0.0
    for i in range(3):
        guess[i] = features[at + i]
        size += guess[i] * guess[i]
    size = np.sqrt(size)
    for i in range(3):
        # Padding has neither sighting nor start; any direction will do there.
        guess[i] = guess[i] / size if size > 1e-6 else (1.0 if i == 0 else 0.0)
    total = np.zeros(3)
    for m in range(len(raw)):
        size = 0.0
        for i in range(3):
            vectors[m, i] = guess[i] + raw[m, r, _DIRECTION + i]
            size += vectors[m, i] * vectors[m, i]
        for i in range(3):
            vectors[m, i] /= np.sqrt(size)
            total[i] += vectors[m, i]
    size = np.sqrt(total[0] * total[0] + total[1] * total[1] + total[2] * total[2])
    for i in range(3):
        direction[i] = total[i] / size
    for m in range(len(raw)):
        _add_gram(raw, m, r, _SPREAD, len(raw), spread)
    _add_between(vectors, ARM, spread)


@njit(cache=True, nogil=True)
def _decode_radius(raw: NDArray[Any], r: int, length: float) -> tuple[float, float]:
    mean = square = own = 0.0
    for m in range(len(raw)):
        value = UNIT * raw[m, r, _RADIUS]
        mean += value / len(raw)
        square += value * value / len(raw)
        deviation = UNIT * np.exp(min(max(float(raw[m, r, _RADIAL]), -6.0), 4.0))
        own += deviation * deviation / len(raw)
    return length + mean, np.sqrt(own + max(square - mean * mean, 0.0))


@njit(cache=True, nogil=True)
def _decode_lag(
    raw: NDArray[Any], r: int, at: int, vectors: Array, mean: Array, spread: Array
) -> None:
    for m in range(len(raw)):
        for i in range(3):
            vectors[m, i] = UNIT * raw[m, r, at + i]
            mean[i] += vectors[m, i] / len(raw)
        _add_gram(raw, m, r, at + 3, len(raw), spread)
    _add_between(vectors, 1.0, spread)


@njit(cache=True, nogil=True)
def _add_gram(raw: NDArray[Any], m: int, r: int, at: int, members: int, spread: Array) -> None:
    """Add L L' / members with L from six raw numbers as in `heads`."""
    low = np.zeros((3, 3))
    for i in range(3):
        low[i, i] = UNIT * np.exp(min(max(float(raw[m, r, at + i]), -6.0), 4.0))
    low[1, 0] = UNIT * raw[m, r, at + 3]
    low[2, 0] = UNIT * raw[m, r, at + 4]
    low[2, 1] = UNIT * raw[m, r, at + 5]
    for i in range(3):
        for j in range(3):
            for k in range(min(i, j) + 1):
                spread[i, j] += low[i, k] * low[j, k] / members


@njit(cache=True, nogil=True)
def _add_between(vectors: Array, factor: float, spread: Array) -> None:
    """Add the covariance of the members' vectors times factor^2."""
    members = len(vectors)
    for i in range(3):
        for j in range(3):
            mean_i = mean_j = 0.0
            for m in range(members):
                mean_i += vectors[m, i] / members
                mean_j += vectors[m, j] / members
            for m in range(members):
                product = (vectors[m, i] - mean_i) * (vectors[m, j] - mean_j)
                spread[i, j] += factor * factor * product / members


@njit(cache=True, nogil=True)
def _summarise(
    features: NDArray[Any],
    direction: Array,
    spread: Array,
    radial: float,
    forward: Array,
    lag_spread: Array,
    z: Array,
) -> None:
    across = 0.0
    for i in range(3):
        across += spread[i, i]
        for j in range(3):
            across -= direction[i] * spread[i, j] * direction[j]
    z[0] = 0.5 * np.log(across / (UNIT * UNIT))
    z[1] = np.log(radial / UNIT)
    for k in range(_LAGS):
        trace = lag_spread[k, 0, 0] + lag_spread[k, 1, 1] + lag_spread[k, 2, 2]
        z[2 + k] = 0.5 * np.log(trace / (UNIT * UNIT))
    z[2 + _LAGS] = np.sqrt(np.sum(forward * forward)) / 0.01
    for k in range(len(_CONTEXT)):
        z[3 + _LAGS + k] = features[_CONTEXT[k]]
    for k in range(2):
        square = 0.0
        for i in range(3):
            square += float(features[_SPEEDS[k] + i]) ** 2
        z[3 + _LAGS + len(_CONTEXT) + k] = np.sqrt(square) / 0.1
