"""What the grasping node sees at one instant, and how it tells the gripper to move."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Pose, matrix_from_quaternion
from elbowroom.core.types import Array


@dataclass(frozen=True)
class Seen:
    """An object as seen.

    Attributes:
        name: by which it can be asked for.
        shape: cube, bar, slab, cylinder, ball or cuff, or another word that no skill knows.
        pose: of its centre.
        size: full extents along its own axes [m], shape (3,).
    """

    name: str
    shape: str
    pose: Pose
    size: Array


@dataclass(frozen=True)
class View:
    """Everything seen at one stamp.

    Attributes:
        stamp: of the objects or of the image, whatever the skill looks at [s].
        gripper: pose of the point between the fingers.
        opening: distance between the fingertips [m].
        objects: by name; empty for a skill that looks at images.
        image: colours, shape (h, w, 3), or None for a skill that looks at objects.
        token: the stamp as received.
    """

    stamp: float
    gripper: Pose
    opening: float
    objects: Mapping[str, Seen] = field(default_factory=dict)
    image: NDArray[np.uint8] | None = None
    token: Any = None

    @property
    def yaw(self) -> float:
        """Turn of the hand about z [rad], 0 when its x axis is the world's."""
        axis = matrix_from_quaternion(self.gripper.orientation)[:, 0]
        return math.atan2(float(axis[1]), float(axis[0]))


@dataclass(frozen=True)
class Move:
    """How to move until the next move.

    Attributes:
        linear: velocity of the point between the fingers [m/s], shape (3,).
        turn: rate about z [rad/s].
        opening: wanted distance between the fingertips [m]; NaN to leave it.
    """

    linear: Array = field(default_factory=lambda: np.zeros(3))
    turn: float = 0.0
    opening: float = math.nan


HELD = 0.004
"""Fingers further apart than this when shut, or closer when open, hold something [m]."""
STILL = Move()
"""Stand still and leave the fingers as they are."""


def wrap(angle: float) -> float:
    """The same angle in [-pi, pi) [rad]."""
    return (angle + math.pi) % (2 * math.pi) - math.pi
