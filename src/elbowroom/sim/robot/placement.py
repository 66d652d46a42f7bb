"""Where the cuff is held at the start, and a posture of the robot that lasts the whole way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import exp_so3
from elbowroom.sim.errors import UnreachableError
from elbowroom.sim.robot import panda

Array = NDArray[np.float64]

_TILTS = np.radians([0.0, -25.0, 25.0, -50.0, 50.0, -75.0, 75.0])
_ROLLS = np.radians(np.arange(-180.0, 180.0, 45.0))
_TOLERANCE = 2e-3
_COMFORT = 0.35
"""Distance of every joint from its limits with which the search is content [rad]."""
_SIDE = 1.3
"""Angle from the inside of the bend to which the gripper rolls on the way [rad]."""
_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Placement:
    """How a dressing starts.

    Attributes:
        centre: of the cuff [m], shape (3,).
        axis: unit vector from the cuff towards the trailing end, shape (3,).
        grip: unit vector from the cuff's centre to the fingers, shape (3,).
        q: joint angles of the robot [rad], shape (7,).
        margin: least distance of a joint from its limits over the way [rad].
    """

    centre: Array
    axis: Array
    grip: Array
    q: Array
    margin: float


def place_cuff(points: Array, lead: float, radius: float, base: Array, turn: Array) -> Placement:
    """Choose where on the cuff the gripper holds and how it is turned.

    The fingers point at the cuff's centre. The place on the ring that is nearest to the top is
    taken from which the robot reaches the start, the elbow and the upper arm comfortably, turning
    on the way with the arm's bend; where nothing is comfortable, the farthest from the joints'
    limits. So is the turn about the fingers' axis.

    Args:
        points: shoulder, elbow, wrist, fingertips [m], shape (4, 3).
        lead: way of the cuff past the knuckles [m].
        radius: of the cuff [m].
        base: position of the robot's base [m], shape (3,).
        turn: its rotation, shape (3, 3).

    Raises:
        UnreachableError: if the robot reaches the whole way in no posture.
    """
    shoulder, elbow, wrist, tip = points
    axis = (tip - wrist) / np.linalg.norm(tip - wrist)
    centre = tip - lead * axis
    inside = _flatten(shoulder - elbow, axis)
    bend = _turn_between(-axis, shoulder - elbow)
    for turning in (1.0, 0.0):
        best: Placement | None = None
        for tilt in _TILTS:
            grip = _across(axis, base, tilt)
            roll_away = turning * _roll_away(axis, grip, inside)
            way = _lay_way(points, centre, roll_away, turning * bend)
            found = [_try(way, radius, grip, axis, roll, base, turn) for roll in _ROLLS]
            q, margin = max(found, key=lambda pair: pair[1])
            if margin > (best.margin if best else 0.0):
                best = Placement(centre, axis, grip, q, margin)
            if margin > _COMFORT:
                break
        if best is not None:
            return best
    raise UnreachableError(
        f"the robot at {np.round(base, 2).tolist()} m cannot take the cuff from "
        f"{np.round(centre, 2).tolist()} m past the elbow"
    )


def _across(axis: Array, base: Array, tilt: float) -> Array:
    up = _UP - (_UP @ axis) * axis
    if np.linalg.norm(up) < 0.3:
        up = -base - (-base @ axis) * axis
    return np.asarray(exp_so3(tilt * axis) @ (up / np.linalg.norm(up)))


def _lay_way(points: Array, centre: Array, roll: Array, bend: Array) -> list[tuple[Array, Array]]:
    """Where the cuff's centre passes, and how the gripper has turned by then."""
    shoulder, elbow, wrist, _ = points
    rolled = exp_so3(roll)
    return [
        (centre, np.eye(3)),
        (wrist, exp_so3(0.3 * roll)),
        (0.3 * wrist + 0.7 * elbow, rolled),
        (elbow, exp_so3(0.5 * bend) @ rolled),
        (0.25 * elbow + 0.75 * shoulder, exp_so3(bend) @ rolled),
    ]


def _flatten(vector: Array, axis: Array) -> Array:
    return np.asarray(vector - (vector @ axis) * axis)


def _roll_away(axis: Array, grip: Array, inside: Array) -> Array:
    """Rotation vector [rad] about the arm that takes the grip to the side of a bend."""
    bent = min(1.0, 4.0 * float(np.linalg.norm(inside)))
    angle = float(np.arctan2(np.cross(inside, grip) @ axis, inside @ grip))
    return np.asarray(np.copysign(max(_SIDE - abs(angle), 0.0) * bent, angle) * axis)


def _turn_between(start: Array, end: Array) -> Array:
    """Rotation vector [rad] from one direction to another."""
    axis = np.cross(start, end)
    sine = float(np.linalg.norm(axis))
    return np.asarray(axis / max(sine, 1e-12) * np.arctan2(sine, start @ end))


def _try(
    way: list[tuple[Array, Array]],
    radius: float,
    grip: Array,
    axis: Array,
    roll: float,
    base: Array,
    turn: Array,
) -> tuple[Array, float]:
    first = np.cross(axis, -grip)
    rotation = exp_so3(-roll * grip) @ np.stack([first, np.cross(-grip, first), -grip], axis=1)
    rotation = np.ascontiguousarray(rotation)
    start, margin = panda.REST, np.inf
    q = start
    for k, (point, bend) in enumerate(way):
        held, turned = point + radius * bend @ grip, np.ascontiguousarray(bend @ rotation)
        q, error = panda.reach(q, base, turn, held, turned, 120 if k == 0 else 40)
        if error > _TOLERANCE:
            return q, -1.0
        start = q if k == 0 else start
        margin = min(margin, float(np.min(np.minimum(q - panda.LOWER, panda.UPPER - q))))
    return start, margin
