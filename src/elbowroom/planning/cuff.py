"""Where the cuff's ring is in the gripper: known, or found at the start."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from elbowroom.core import Pose, matrix_from_quaternion
from elbowroom.core.types import Array
from elbowroom.planning.corridor import unit


@dataclass(frozen=True)
class Cuff:
    """The ring as seen from the gripper, in its axes.

    Attributes:
        offset: centre [m], shape (3,).
        axis: unit vector along the arm towards the shoulder, shape (3,), or zeros if unknown.
        looks: measurements averaged so far.
    """

    offset: Array
    axis: Array = field(default_factory=lambda: np.zeros(3))
    looks: int = 0

    def centre(self, gripper: Pose) -> Array:
        """Centre of the ring [m] in the world, shape (3,)."""
        return gripper.position + matrix_from_quaternion(gripper.orientation) @ self.offset

    def direction(self, gripper: Pose) -> Array:
        """Axis of the ring in the world, shape (3,)."""
        return matrix_from_quaternion(gripper.orientation) @ self.axis


def look_at_cuff(cuff: Cuff, gripper: Pose, wrist: Array, elbow: Array) -> Cuff:
    """Average in one look: the ring's centre is the foot of the grip on the line wrist-elbow.

    Args:
        cuff: average so far.
        gripper: pose of the grip.
        wrist: seen position [m], shape (3,).
        elbow: best guess [m], shape (3,).
    """
    along = unit(elbow - wrist)
    foot = wrist + ((gripper.position - wrist) @ along) * along
    back = matrix_from_quaternion(gripper.orientation).T
    share = 1.0 / (cuff.looks + 1)
    offset = cuff.offset + share * (back @ (foot - gripper.position) - cuff.offset)
    axis = unit(cuff.axis + share * (back @ along - cuff.axis))
    return Cuff(offset, axis, cuff.looks + 1)
