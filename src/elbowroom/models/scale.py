"""Learned multipliers of the networks' own spreads.

A network's likelihood rewards being right on average; a box must hold the whole trajectory. The
multipliers are therefore fitted, on people the networks did not train on, to the figure that
counts: the mean edge of the box at the scale that holds 95 % of the people throughout.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.features import NAMES
from elbowroom.models.heads import LAG_STEPS, UNIT, Prediction

Array = NDArray[np.float64]

OUTPUTS = 2 + len(LAG_STEPS)
"""Log multipliers: tangential, radial, one for each lag."""
_CONTEXT = (
    "time",
    "reach",
    "log_force",
    "wrist_weight",
    "sighted",
    "progress_weight",
    "effort_weight",
)
INPUTS = 5 + len(_CONTEXT) + 2


@dataclass(frozen=True)
class Scale:
    """exp(W2 tanh(W1 z + b1) + b2) on summaries z of prediction and features."""

    first: Array
    first_bias: Array
    second: Array
    second_bias: Array

    def tensors(self) -> dict[str, Array]:
        """Arrays for an artefact."""
        return dict(vars(self))


def neutral_scale(width: int = 24) -> Scale:
    """Multipliers of one."""
    return Scale(
        np.zeros((INPUTS, width)), np.zeros(width), np.zeros((width, OUTPUTS)), np.zeros(OUTPUTS)
    )


def unpack_scale(tensors: dict[str, NDArray[np.generic]]) -> Scale:
    """Scale from an artefact's arrays.

    Raises:
        KeyError, ValueError: if an array is missing or of the wrong shape.
    """
    names = ("first", "first_bias", "second", "second_bias")
    scale = Scale(*(np.asarray(tensors[n], float) for n in names))
    if scale.first.shape[0] != INPUTS or scale.second.shape[1] != OUTPUTS:
        raise ValueError("the scale does not fit this version's inputs and outputs")
    return scale


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
        *(features[..., NAMES.index(n)] for n in _CONTEXT),
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
    m = multipliers(scale, summarise(prediction, np.asarray(features, float)))
    return replace(
        prediction,
        spread=prediction.spread * m[..., 0, None, None] ** 2,
        radial=prediction.radial * m[..., 1],
        lag_spread=prediction.lag_spread * m[..., 2:, None, None] ** 2,
    )
