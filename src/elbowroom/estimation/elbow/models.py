"""The elbow as a system: state, inputs and learned models.

State x = (p, v, k): elbow in the world frame [m], its velocity [m/s] and the velocity's last
change [m/s], on a grid of `GRID` seconds. Context c is built from the causal features of
`models.features`.

    dynamics     k+ = T (v, k) + mu_f(z_f) + w,   v+ = v + k+,   p+ = p + GRID v+
    measurement  (F / (|F| + 0.2 N), log(|F| + 0.2 N)) = mu_g(z_g) + v, F filtered over 50 ms
    radius       |p - shoulder| = upper arm + v

z_f = (p - shoulder, v, k, gripper - p, gripper velocity, shoulder velocity, force over 0.2 s,
upper arm), z_g = (p - shoulder, gripper - shoulder, gripper velocity, forearm); `shoulder` is the
tracked shoulder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from elbowroom.estimation.filters.learned import LearnedModel
from elbowroom.models.features.causal import GRID, NAMES
from elbowroom.models.gaussian.regression import GaussianProcess

Array = NDArray[np.float64]

CONTEXT = 17
"""Width of the context: five vectors and two lengths."""
_ANCHOR, _GRIPPER, _GRIP_SPEED, _ANCHOR_SPEED, _FORCE, _UPPER, _FOREARM = 0, 3, 6, 9, 12, 15, 16


LOG_OFFSET = 0.2
"""Force [N] added before its logarithm is taken, as the features do."""
_FRESH = 0.9
"""Weight above which the tracked wrist was seen a moment ago."""


def _columns(name: str, width: int) -> list[int]:
    first = NAMES.index(name if width == 1 else f"{name}_x")
    return list(range(first, first + width))


_READ = [
    *_columns("gripper_from_anchor", 3),
    *_columns("gripper_speed", 3),
    *_columns("anchor_speed", 3),
    *_columns("force_200ms", 3),
    *_columns("upper_arm", 1),
    *_columns("forearm", 1),
]
_WRIST, _WRIST_WEIGHT = _columns("wrist_from_anchor", 3), NAMES.index("wrist_weight")
_FORCE_OUT = [*_columns("force_direction", 3), *_columns("log_force", 1)]


def context_of(features: Array, anchor: Array) -> Array:
    """Context c of one feature row (WIDTH,) and the shoulder (3,), or of many; (..., 17)."""
    return np.concatenate([anchor, features[..., _READ]], axis=-1)


def force_of(features: Array) -> Array:
    """Measured direction and logarithm of the force [log N], shapes (..., WIDTH) -> (..., 4)."""
    return np.asarray(features[..., _FORCE_OUT], dtype=float)


def wrist_of(features: Array, anchor: Array) -> Array | None:
    """Tracked wrist [m], shape (3,), or None if it was not seen a moment ago."""
    weight = float(features[_WRIST_WEIGHT])
    return anchor + features[_WRIST] / weight if weight > _FRESH else None


def _block(rows: int, columns: int, parts: list[tuple[int, int, float]]) -> Array:
    matrix = np.zeros((rows, columns))
    for row, column, value in parts:
        matrix[row : row + 3, column : column + 3] = value * np.eye(3)
    return matrix


WIDTH = 9
"""Width of the state."""
DYNAMICS_STATE = _block(22, WIDTH, [(0, 0, 1.0), (3, 3, 1.0), (6, 6, 1.0), (9, 0, -1.0)])
DYNAMICS_CONTEXT = _block(
    22,
    CONTEXT,
    [
        (0, _ANCHOR, -1.0),
        (9, _GRIPPER, 1.0),
        (9, _ANCHOR, 1.0),
        (12, _GRIP_SPEED, 1.0),
        (15, _ANCHOR_SPEED, 1.0),
        (18, _FORCE, 1.0),
    ],
)
DYNAMICS_CONTEXT[21, _UPPER] = 1.0
FORCE_STATE = _block(10, WIDTH, [(0, 0, 1.0)])
FORCE_CONTEXT = _block(10, CONTEXT, [(0, _ANCHOR, -1.0), (3, _GRIPPER, 1.0), (6, _GRIP_SPEED, 1.0)])
FORCE_CONTEXT[9, _FOREARM] = 1.0

_DRIFT = _block(WIDTH, WIDTH, [(0, 0, 1.0), (0, 3, GRID), (3, 3, 1.0)])
_KICK = _block(WIDTH, 3, [(0, 0, GRID), (3, 0, 1.0), (6, 0, 1.0)])


class Noise(NamedTuple):
    """What a model leaves unexplained.

    Attributes:
        bound: half-widths that cover nearly all errors, shape (m,).
        deviation: standard deviations that white noise needs so that its mean over a second is
            as uncertain as that of the (correlated) errors, shape (m,).
    """

    bound: Array
    deviation: Array


@dataclass(frozen=True)
class ElbowModels:
    """What was learned of elbows.

    Attributes:
        dynamics: mu_f with its noise.
        force: mu_g with its noise.
        trend: T, shape (3, 6); part of `dynamics`.
        kick: half-width of the velocity's change over a grid step [m/s].
        version: version of the artefact.
    """

    dynamics: LearnedModel
    force: LearnedModel
    trend: Array
    kick: float
    version: str = ""

    def with_curvature(self, curvature: str) -> ElbowModels:
        """The same with another bound on the linearisation error."""
        return replace(
            self,
            dynamics=replace(self.dynamics, curvature=curvature),
            force=replace(self.force, curvature=curvature),
        )


def dynamics_model(process: GaussianProcess, trend: Array, noise: Noise) -> LearnedModel:
    """System form of mu_f, the trend T (3, 6) and the noise of k+ [m/s]."""
    spread = np.abs(_KICK)
    return LearnedModel(
        process,
        _DRIFT + _KICK @ np.hstack([np.zeros((3, 3)), trend]),
        _KICK,
        DYNAMICS_STATE,
        DYNAMICS_CONTEXT,
        spread @ noise.bound,
        spread @ noise.deviation,
        "sampled",
    )


def force_model(process: GaussianProcess, noise: Noise) -> LearnedModel:
    """System form of mu_g with the noise of direction and log magnitude."""
    linear = np.zeros((4, WIDTH))
    return LearnedModel(process, linear, np.eye(4), FORCE_STATE, FORCE_CONTEXT, *noise, "sampled")
