"""How the gripper turns with the cuff: along the way, and off the inside of the bend.

The fingers hold a few threads of the cuff. On the inside of a bent elbow they would run into the
crook of the arm and drag the far side of the ring across the elbow's tip, where it catches. So
the gripper does two things while the cuff goes up the forearm: it rolls about the arm until the
grip is at the side of the bend, and it then turns the cuff's axis with the way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from elbowroom.core import Pose, exp_so3, matrix_from_quaternion
from elbowroom.core.types import Array
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.vectors import cap, cross, length, unit
from elbowroom.planning.way.corridor import Bend

ROLL_START, ROLL_END = 0.30, 0.15
"""Distances before the elbow between which the roll is made [m]."""
ROLL_RATE = 0.3
"""Share of the missing roll that is asked for at every plan."""


@dataclass(frozen=True)
class Turning:
    """How the cuff was held at the start, and the roll since.

    Attributes:
        axis: of the ring, towards the shoulder, in the world, unit vector, shape (3,).
        rotation: of the gripper, shape (3, 3).
        roll: about the arm [rad].
    """

    axis: Array
    rotation: Array
    roll: float = 0.0


def hold_as(gripper: Pose, axis: Array) -> Turning:
    """The turning that starts from a gripper's pose with the ring's axis in the world."""
    return Turning(axis, matrix_from_quaternion(gripper.orientation))


def roll_away(turning: Turning, bend: Bend, before: float, params: PlannerParams) -> Turning:
    """Roll towards the side of the bend, as far as it is time for it.

    With the angle g between the grip and the inside of the bend, seen along the forearm, the
    roll wanted is min(max(roll_clear - g, 0), roll_limit) min(1, 2 sin(flexion / 2)), away from
    the inside.

    Args:
        turning: so far.
        bend: the elbow.
        before: way from the cuff to the elbow [m]; past the elbow nothing changes.
        params: roll_clear, roll_limit, and the grip (against cuff_offset).
    """
    if before < 0.0:
        return turning
    axis = -bend.to_wrist
    start = exp_so3(rotation_vector(turning.axis, axis)) @ turning.rotation
    grip, inside = (_flatten(v, axis) for v in (-start @ params.cuff_offset, -bend.outward))
    angle = float(np.arctan2(cross(inside, grip) @ axis, inside @ grip))
    wanted = min(max(params.roll_clear - abs(angle), 0.0), params.roll_limit)
    wanted *= min(1.0, 2 * np.sin(bend.flexion / 2))
    ready = np.clip((ROLL_START - before) / (ROLL_START - ROLL_END), 0.0, 1.0)
    goal = float(np.copysign(wanted * ready, angle))
    return replace(turning, roll=turning.roll + ROLL_RATE * (goal - turning.roll))


def aim_turn(turning: Turning, gripper: Pose, tangent: Array, params: PlannerParams) -> Array:
    """Angular velocity [rad/s], shape (3,), towards the roll and the direction of the way.

    Args:
        turning: start and roll.
        gripper: pose now.
        tangent: direction of the way, unit vector, shape (3,).
        params: share, gain and limit of the turn.
    """
    way = params.turn_share * rotation_vector(turning.axis, tangent)
    goal = exp_so3(way) @ exp_so3(turning.roll * turning.axis) @ turning.rotation
    error = vector_of(goal @ matrix_from_quaternion(gripper.orientation).T)
    return cap(params.turn_gain * error, params.turn_speed)


def rotation_vector(start: Array, end: Array) -> Array:
    """Rotation vector [rad] of the smallest turn between two unit vectors, shape (3,)."""
    axis = cross(start, end)
    sine = length(axis)
    return axis * (np.arctan2(sine, start @ end) / max(sine, 1e-12))


def vector_of(rotation: Array) -> Array:
    """Rotation vector [rad], shape (3,), of a rotation matrix of less than half a turn."""
    r = rotation
    skew = np.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]]) / 2
    sine = length(skew)
    return skew * (np.arctan2(sine, (np.trace(r) - 1) / 2) / sine if sine > 1e-9 else 1.0)


def _flatten(vector: Array, axis: Array) -> Array:
    return unit(vector - (vector @ axis) * axis)
