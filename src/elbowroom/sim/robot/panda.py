"""Kinematics of the Franka Emika Panda: forward, Jacobian and damped least-squares inverse.

Geometry and limits are those of the manufacturer's data sheet, as in the `franka_panda` model
that ships with PyBullet; a test holds both together.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.sim.vectors import rotation_error

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
_DAMPING = 0.03
_SPARE_GAIN = 0.02
_WEIGHT = np.array([1.0, 1.0, 1.0, 0.4, 0.4, 0.4])
"""Of the errors of position [1] and rotation [m/rad]: what to keep where not all can be had."""
_STUCK = 0.1
"""What a joint at a limit of its range or speed leaves of the rotation's weight: giving way to a
force comes first."""
_EASE = 0.3
"""The same for an arm that follows a velocity: where it is stretched and cannot have both, the way
comes first. In the search for a pose both count."""
_CLOSE = 1e-5


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
    return _walk(q, base, turn)


@njit(cache=True)
def _walk(q: Array, base: Array, turn: Array) -> tuple[Array, Array, Array]:
    p = base.copy()
    r = turn.copy()
    origins = np.empty((JOINTS, 3))
    axes = np.empty((JOINTS, 3))
    for k in range(JOINTS):
        _move_along(p, r, _CHAIN[k])
        s = _CHAIN[k, 3]
        for a in range(3):
            y, z = r[a, 1], r[a, 2]
            if s != 0.0:
                r[a, 1] = s * z
                r[a, 2] = -s * y
        _turn_z(r, q[k])
        for a in range(3):
            origins[k, a] = p[a]
            axes[k, a] = r[a, 2]
    for a in range(3):
        p[a] += (FLANGE + FINGERS) * r[a, 2]
    _turn_z(r, _HAND_TURN)
    jacobian = np.empty((6, JOINTS))
    for k in range(JOINTS):
        for a in range(3):
            b, c = (a + 1) % 3, (a + 2) % 3
            jacobian[a, k] = axes[k, b] * (p[c] - origins[k, c]) - axes[k, c] * (
                p[b] - origins[k, b]
            )
            jacobian[3 + a, k] = axes[k, a]
    return p, r, jacobian


@njit(cache=True)
def _move_along(p: Array, r: Array, way: Array) -> None:
    for a in range(3):
        p[a] += r[a, 0] * way[0] + r[a, 1] * way[1] + r[a, 2] * way[2]


@njit(cache=True)
def _turn_z(r: Array, angle: float) -> None:
    c, s = math.cos(angle), math.sin(angle)
    for a in range(3):
        x, y = r[a, 0], r[a, 1]
        r[a, 0] = c * x + s * y
        r[a, 1] = c * y - s * x


@njit(cache=True)
def state(q: Array, rate: Array, base: Array, turn: Array) -> tuple[Array, Array, Array]:
    """Position (3,), rotation (3, 3) and twist (6,) of the fingers; see `forward`."""
    p, r, jacobian = _walk(q, base, turn)
    twist = np.zeros(6)
    for a in range(6):
        for k in range(JOINTS):
            twist[a] += jacobian[a, k] * rate[k]
    return p, r, twist


@njit(cache=True)
def follow(
    q: Array, base: Array, turn: Array, position: Array, rotation: Array, limit: Array
) -> tuple[Array, Array]:
    """One damped least-squares step of the joints towards a pose.

    dq = J^T (J J^T + d^2 I)^-1 e + (I - J^# J) g (REST - q), where e is the error of position and
    rotation vector (Wampler 1986, doi 10.1109/TSMC.1986.289285). A joint that would exceed its
    speed or range is set to what it can do and the step of the others found anew (after Flacco,
    De Luca and Khatib 2015, doi 10.1109/TRO.2015.2418582): the others make up for it.

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
    return _approach(q, base, turn, position, rotation, limit, _EASE)


@njit(cache=True)
def _approach(
    q: Array, base: Array, turn: Array, position: Array, rotation: Array, limit: Array, ease: float
) -> tuple[Array, Array]:
    p, r, jacobian = _walk(q, base, turn)
    error = np.empty(6)
    spin = rotation_error(r, rotation)
    for a in range(3):
        error[a] = position[a] - p[a]
        error[3 + a] = spin[a]
    free = np.ones(JOINTS)
    step = np.zeros(JOINTS)
    turning = ease
    for _ in range(JOINTS + 1):
        _least_squares(q, jacobian, error, free, turning, step)
        worst, excess, bound = -1, 1.0 + 1e-9, 0.0
        for k in range(JOINTS):
            if free[k] == 0.0:
                continue
            room = min(limit[k], max(UPPER[k] - q[k], 0.0))
            if step[k] < 0.0:
                room = min(limit[k], max(q[k] - LOWER[k], 0.0))
            over = abs(step[k]) / max(room, 1e-12)
            if over > excess:
                worst, excess, bound = k, over, math.copysign(room, step[k])
        if worst < 0:
            break
        free[worst] = 0.0
        step[worst] = bound
        if abs(bound) < limit[worst]:
            turning = _STUCK
    return q + step, error


@njit(cache=True)
def _least_squares(
    q: Array, jacobian: Array, error: Array, free: Array, turning: float, step: Array
) -> None:
    """Damped step of the free joints, given that of the others (`free` is 1 or 0).

    `turning` scales the weight of the rotation; `step` (7,) is changed in place.
    """
    weight = _WEIGHT.copy()
    weight[3:] *= turning
    square = np.zeros((6, 6))
    rest = np.empty(6)
    for a in range(6):
        rest[a] = error[a] * weight[a]
        square[a, a] = _DAMPING * _DAMPING
        for k in range(JOINTS):
            given = _SPARE_GAIN * (REST[k] - q[k]) if free[k] > 0.0 else step[k]
            rest[a] -= jacobian[a, k] * weight[a] * given
            row = jacobian[a, k] * weight[a] * free[k]
            for b in range(6):
                square[a, b] += row * jacobian[b, k] * weight[b]
    _solve(square, rest)
    for k in range(JOINTS):
        if free[k] == 0.0:
            continue
        step[k] = _SPARE_GAIN * (REST[k] - q[k])
        for a in range(6):
            step[k] += jacobian[a, k] * weight[a] * rest[a]


@njit(cache=True)
def _solve(square: Array, side: Array) -> None:
    """Solve a positive definite system in place by Cholesky's factorisation."""
    n = len(side)
    for i in range(n):
        for j in range(i + 1):
            rest = square[i, j]
            for k in range(j):
                rest -= square[i, k] * square[j, k]
            square[i, j] = math.sqrt(rest) if i == j else rest / square[j, j]
        for k in range(i):
            side[i] -= square[i, k] * side[k]
        side[i] /= square[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            side[i] -= square[k, i] * side[k]
        side[i] /= square[i, i]


@njit(cache=True)
def reach(
    q: Array, base: Array, turn: Array, position: Array, rotation: Array, steps: int
) -> tuple[Array, float]:
    """Joint angles for a pose, searched from `q`, and the error left (metres plus radians)."""
    limit = np.full(JOINTS, 0.3)
    size = 0.0
    for _ in range(steps + 1):
        moved, error = _approach(q, base, turn, position, rotation, limit, 1.0)
        size = 0.0
        for a in range(6):
            size += error[a] * error[a]
        if size < _CLOSE * _CLOSE:
            break
        q = moved
    return q, math.sqrt(size)
