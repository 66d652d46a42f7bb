"""The camera on the wrist, and one that stands before the table."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import matrix_from_quaternion
from elbowroom.sim.grasping.items import BOX, COLOURS, PRIMITIVES
from elbowroom.sim.grasping.seen import Seen
from elbowroom.sim.grasping.tracing import trace

Array = NDArray[np.float64]
Image = NDArray[np.uint8]
Segments = NDArray[np.int8]

MOUNT = (0.07, 0.0, -0.11)
"""Of the wrist camera, seen from the point between the fingers in the hand's axes [m]."""
AIM = (0.02, 0.0, 0.05)
"""The point it looks at, in the same axes [m]."""
FIELD = 1.35
"""Its vertical field of view [rad]."""
_FINGER = (0.010, 0.008, 0.027)
_PALM = (0.030, 0.100, 0.020)
_STEEL, _WHITE = (0.25, 0.25, 0.28), (0.9, 0.9, 0.92)
_STAND, _STAND_AIM, _STAND_FIELD = (1.05, 0.40, 0.45), (0.50, 0.0, 0.08), 0.62


def place_on_wrist(position: Array, rotation: Array) -> tuple[Array, Array]:
    """Where the camera on the hand is [m], shape (3,), and its axes (right, down, forward).

    The axes are columns, shape (3, 3); arguments as for `picture_from_wrist`.
    """
    eye = position + rotation @ np.array(MOUNT)
    aim = position + rotation @ np.array(AIM)
    # The hand's x axis is the picture's up.
    return eye, _look(eye, aim, rotation[:, 0])


def picture_from_wrist(
    position: Array, rotation: Array, fingers: Array, objects: tuple[Seen, ...], size: int
) -> tuple[Image, Segments]:
    """What the camera on the hand sees; of the robot only the fingers are drawn.

    Args:
        position: of the point between the fingers [m], shape (3,).
        rotation: of the hand, shape (3, 3).
        fingers: distance of either finger from the middle [m], shape (2,).
        objects: on the table.
        size: height and width of the picture [pixels].

    Returns:
        The picture, shape (size, size, 3), and which of the objects every pixel shows (len(objects)
        and beyond: a finger, -1: none), shape (size, size).
    """
    eye, axes = place_on_wrist(position, rotation)
    return _paint(eye, axes, FIELD, size, size, position, rotation, fingers, objects, False)


def picture_from_stand(
    position: Array,
    rotation: Array,
    fingers: Array,
    objects: tuple[Seen, ...],
    width: int,
    height: int,
) -> Image:
    """What a camera beside the table sees; arguments as for `picture_from_wrist`."""
    eye, aim = np.array(_STAND), np.array(_STAND_AIM)
    axes = _look(eye, aim, np.array([0.0, 0.0, 1.0]))
    return _paint(
        eye, axes, _STAND_FIELD, width, height, position, rotation, fingers, objects, True
    )[0]


def _look(eye: Array, aim: Array, up: Array) -> Array:
    forward = (aim - eye) / np.linalg.norm(aim - eye)
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(forward, right), forward], axis=1)


def _paint(
    eye: Array,
    axes: Array,
    field: float,
    width: int,
    height: int,
    position: Array,
    rotation: Array,
    fingers: Array,
    objects: tuple[Seen, ...],
    palm: bool,
) -> tuple[Image, Segments]:
    left = position + rotation @ (0.0, fingers[0] + _FINGER[1], -_FINGER[2] + 0.008)
    right = position + rotation @ (0.0, -fingers[1] - _FINGER[1], -_FINGER[2] + 0.008)
    parts = [(left, _FINGER, _STEEL), (right, _FINGER, _STEEL)]
    if palm:
        parts.append((position + rotation @ (0.0, 0.0, -0.066), _PALM, _WHITE))
    kinds = [PRIMITIVES[o.item.shape] for o in objects]
    turns = [matrix_from_quaternion(o.orientation) for o in objects]
    image = np.empty((height, width, 3), np.uint8)
    shown = np.empty((height, width), np.int8)
    trace(
        image,
        shown,
        eye,
        axes,
        math.tan(field / 2),
        np.array([*kinds, *(BOX for _ in parts)]),
        np.array([*(o.position for o in objects), *(p[0] for p in parts)]),
        np.array([*turns, *(rotation for _ in parts)]),
        np.array([*(o.item.half for o in objects), *(p[1] for p in parts)]),
        np.array([*(COLOURS[o.item.colour] for o in objects), *(p[2] for p in parts)]),
    )
    return image, shown
