"""The elbow as a system: state, inputs and learned models.

State x = (p, v): elbow in the world frame [m] and its velocity [m/s], on a grid of `GRID`
seconds. Context c is built from the causal features of `models.features`.

    dynamics     v+ = v + mu_f(z_f) + w,   p+ = p + GRID v+
    measurement  (F / |F|, log |F|) = mu_g(z_g) + v, force filtered over 50 ms
    radius       |p - shoulder| = upper arm + v

z_f = (p - shoulder, v, gripper - p, gripper velocity, shoulder velocity, force over 0.2 s, upper
arm) and z_g = (p - shoulder, gripper - shoulder, gripper velocity, forearm); `shoulder` is the
tracked shoulder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from elbowroom.estimation.learned import LearnedModel
from elbowroom.models.features import GRID, NAMES
from elbowroom.models.gaussian_process import GaussianProcess

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
    """Measured direction and logarithm of the force, (..., WIDTH) -> (..., 4)."""
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


DYNAMICS_STATE = _block(19, 6, [(0, 0, 1.0), (3, 3, 1.0), (6, 0, -1.0)])
DYNAMICS_CONTEXT = _block(
    19,
    CONTEXT,
    [
        (0, _ANCHOR, -1.0),
        (6, _GRIPPER, 1.0),
        (6, _ANCHOR, 1.0),
        (9, _GRIP_SPEED, 1.0),
        (12, _ANCHOR_SPEED, 1.0),
        (15, _FORCE, 1.0),
    ],
)
DYNAMICS_CONTEXT[18, _UPPER] = 1.0
FORCE_STATE = _block(10, 6, [(0, 0, 1.0)])
FORCE_CONTEXT = _block(10, CONTEXT, [(0, _ANCHOR, -1.0), (3, _GRIPPER, 1.0), (6, _GRIP_SPEED, 1.0)])
FORCE_CONTEXT[9, _FOREARM] = 1.0

_DRIFT = np.block([[np.eye(3), GRID * np.eye(3)], [np.zeros((3, 3)), np.eye(3)]])
_KICK = np.vstack([GRID * np.eye(3), np.eye(3)])


@dataclass(frozen=True)
class ElbowModels:
    """What was learned of elbows.

    Attributes:
        dynamics: mu_f with its noise.
        force: mu_g with its noise.
        acceleration: half-width of the elbow's acceleration between grid steps [m/s^2].
        version: version of the artefact.
    """

    dynamics: LearnedModel
    force: LearnedModel
    acceleration: float
    version: str = ""

    def with_curvature(self, curvature: Literal["proved", "sampled", "none"]) -> ElbowModels:
        """The same with another bound on the linearisation error."""
        return replace(
            self,
            dynamics=replace(self.dynamics, curvature=curvature),
            force=replace(self.force, curvature=curvature),
        )


def dynamics_model(process: GaussianProcess, kick: Array) -> LearnedModel:
    """System form of mu_f, with half-widths of w [m/s], shape (3,)."""
    noise = np.concatenate([GRID * kick, kick])
    return LearnedModel(process, _DRIFT, _KICK, DYNAMICS_STATE, DYNAMICS_CONTEXT, noise, "sampled")


def force_model(process: GaussianProcess, noise: Array) -> LearnedModel:
    """System form of mu_g, with half-widths of v, shape (4,)."""
    linear = np.zeros((4, 6))
    return LearnedModel(process, linear, np.eye(4), FORCE_STATE, FORCE_CONTEXT, noise, "sampled")
