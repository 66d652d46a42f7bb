"""Kinematics of the Franka Emika Panda: forward, Jacobian and damped least-squares inverse.

Geometry and limits are those of the manufacturer's data sheet, as in the `franka_panda` model
that ships with PyBullet; a test holds both together.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.sim.vectors import cross, rotation_error

Array = NDArray[np.float64]

JOINTS = 7
JOINT_NAMES = tuple(f"panda_joint{k}" for k in range(1, JOINTS + 1))
LOWER = np.array([-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973])
UPPER = np.array([2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973])
SPEED = np.array([2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61])
"""Greatest joint speeds [rad/s]."""
EFFORT = np.array([87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0])
"""Greatest joint torques [N m]."""
REST = np.array([0.0, -0.6, 0.0, -2.2, 0.0, 1.7, 0.785])
"""A posture in the middle of the ranges, towards which the spare joint is drawn [rad]."""
FLANGE, FINGERS = 0.107, 0.105
"""Last joint to flange (the wrist sensor) and flange to the point between the fingers [m]."""

# Every joint turns about its z axis; its frame is the previous one moved by (x, y, z) and then
# turned about x by a quarter turn times the fourth number.
_CHAIN = np.array(
    [
        [0.0, 0.0, 0.333, 0.0],
        [0.0, 0.0, 0.0, -1.0],
        [0.0, -0.316, 0.0, 1.0],
        [0.0825, 0.0, 0.0, 1.0],
        [-0.0825, 0.384, 0.0, -1.0],
        [0.0, 0.0, 0.0, 1.0],
        [0.088, 0.0, 0.0, 1.0],
    ]
)
_HAND_TURN = -math.pi / 4
_DAMPING = 0.02
_SPARE_GAIN = 0.02


@njit(cache=True)
def forward(q: Array, base: Array, turn: Array) -> tuple[Array, Array, Array]:
    """Pose of the point between the fingers and the Jacobian of its twist.

    Args:
        q: joint angles [rad], shape (7,).
        base: position of the base [m], shape (3,).
        turn: rotation of the base, shape (3, 3).

    Returns:
        Position (3,), rotation (3, 3), and J (6, 7) with (v, w) = J q'.
    """
    p = base.copy()
    r = turn.copy()
    origins = np.empty((JOINTS, 3))
    axes = np.empty((JOINTS, 3))
    for k in range(JOINTS):
        p = p + r @ _CHAIN[k, :3]
        s = _CHAIN[k, 3]
        if s != 0.0:
            y = r[:, 1].copy()
            r[:, 1] = s * r[:, 2]
            r[:, 2] = -s * y
        _turn_z(r, q[k])
        origins[k] = p
        axes[k] = r[:, 2]
    p = p + (FLANGE + FINGERS) * r[:, 2]
    _turn_z(r, _HAND_TURN)
    jacobian = np.empty((6, JOINTS))
    for k in range(JOINTS):
        jacobian[:3, k] = cross(axes[k], p - origins[k])
        jacobian[3:, k] = axes[k]
    return p, r, jacobian


@njit(cache=True)
def state(q: Array, rate: Array, base: Array, turn: Array) -> tuple[Array, Array, Array]:
    """Position (3,), rotation (3, 3) and twist (6,) of the fingers; see `forward`."""
    p, r, jacobian = forward(q, base, turn)
    return p, r, jacobian @ rate


@njit(cache=True)
def _turn_z(r: Array, angle: float) -> None:
    c, s = math.cos(angle), math.sin(angle)
    x = r[:, 0].copy()
    r[:, 0] = c * x + s * r[:, 1]
    r[:, 1] = c * r[:, 1] - s * x


@njit(cache=True)
def follow(
    q: Array, base: Array, turn: Array, position: Array, rotation: Array, limit: Array
) -> tuple[Array, Array]:
    """One damped least-squares step of the joints towards a pose.

    dq = J^T (J J^T + d^2 I)^-1 e + (I - J^# J) g (REST - q), cut to `limit` as a whole and to the
    joints' ranges; e is the error of position and rotation vector (Wampler 1986, doi
    10.1109/TSMC.1986.289285).

    Args:
        q: joint angles [rad], shape (7,).
        base: position of the base [m], shape (3,).
        turn: rotation of the base, shape (3, 3).
        position: wanted, of the fingers [m], shape (3,).
        rotation: wanted, of the fingers, shape (3, 3).
        limit: greatest change of every joint [rad], shape (7,).

    Returns:
        New joint angles (7,) and the error (6,) before the step.
    """
    p, r, jacobian = forward(q, base, turn)
    error = np.empty(6)
    error[:3] = position - p
    error[3:] = rotation_error(r, rotation)
    spare = _SPARE_GAIN * (REST - q)
    square = jacobian @ jacobian.T
    for a in range(6):
        square[a, a] += _DAMPING * _DAMPING
    inner = np.linalg.solve(square, error - jacobian @ spare)
    step = jacobian.T @ inner + spare
    worst = np.max(np.abs(step) / limit)
    if worst > 1.0:
        step /= worst
    return np.minimum(np.maximum(q + step, LOWER), UPPER), error


@njit(cache=True)
def reach(
    q: Array, base: Array, turn: Array, position: Array, rotation: Array, steps: int
) -> tuple[Array, float]:
    """Joint angles for a pose, searched from `q`, and the error left (metres plus radians)."""
    limit = np.full(JOINTS, 0.3)
    for _ in range(steps):
        q, error = follow(q, base, turn, position, rotation, limit)
        if np.linalg.norm(error) < 1e-5:
            break
    _, error = follow(q, base, turn, position, rotation, limit)
    return q, float(np.linalg.norm(error))
