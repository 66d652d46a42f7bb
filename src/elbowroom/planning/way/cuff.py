"""Where the cuff's ring is in the gripper: its centre is known, its axis found at the start."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from elbowroom.core import Pose, matrix_from_quaternion
from elbowroom.core.types import Array
from elbowroom.planning.vectors import unit


@dataclass(frozen=True)
class Cuff:
    """The ring as seen from the gripper, in its axes.

    Attributes:
        offset: centre [m], shape (3,).
        axis: unit vector along the arm towards the shoulder, shape (3,), or zeros if unknown.
        looks: looks averaged so far.
    """

    offset: Array
    axis: Array = field(default_factory=lambda: np.zeros(3))
    looks: int = 0

    def centre(self, gripper: Pose) -> Array:
        """Centre of the ring [m] in the world, shape (3,)."""
        return np.asarray(
            gripper.position + matrix_from_quaternion(gripper.orientation) @ self.offset
        )

    def direction(self, gripper: Pose) -> Array:
        """Axis of the ring in the world, shape (3,)."""
        return np.asarray(matrix_from_quaternion(gripper.orientation) @ self.axis)


def look_along(cuff: Cuff, gripper: Pose, elbow: Array) -> Cuff:
    """Average in one look: at the start the ring's axis points from its centre to the elbow.

    Args:
        cuff: average so far.
        gripper: pose of the grip.
        elbow: best guess [m], shape (3,).
    """
    along = unit(elbow - cuff.centre(gripper))
    seen = matrix_from_quaternion(gripper.orientation).T @ along
    axis = unit(cuff.axis + (seen - cuff.axis) / (cuff.looks + 1))
    return replace(cuff, axis=axis, looks=cuff.looks + 1)
