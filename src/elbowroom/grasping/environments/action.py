"""The five numbers of an action and what the gripper does with them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Command
from elbowroom.grasping.errors import GraspError

Array = NDArray[np.float64]

SIZE = 5
STEP = 0.03
"""Greatest displacement along an axis in a step [m]."""
TURN = 0.2
"""Greatest turn in a step [rad]."""
PERIOD = 1.0 / 12.0
"""Duration of a step [s]."""
THRESHOLD = 0.3
"""Beyond which the fifth number opens or closes the gripper; in between it stays as it is."""


@dataclass(frozen=True)
class Move:
    """What an action asks of the gripper during one step.

    Attributes:
        command: its velocity, robot's base frame.
        closed: whether the fingers shall be shut.
    """

    command: Command
    closed: bool


def interpret(action: NDArray[np.floating], yaw: float, closed: bool) -> Move:
    """Turn an action into a velocity that holds for a step of `PERIOD` seconds.

    Args:
        action: displacement (forward, left, up) in the hand's level frame, turn about the
            vertical, gripper; each in [-1, 1], shape (5,). Numbers beyond are cut.
        yaw: turn of the hand about the vertical [rad].
        closed: whether the fingers are told to be shut now.

    Raises:
        GraspError: if the action is not finite or of another shape.
    """
    a = np.asarray(action, dtype=float)
    if a.shape != (SIZE,) or not all(map(math.isfinite, a.tolist())):
        raise GraspError(f"an action is {SIZE} finite numbers, got {action!r}")
    x, y, z, turn, grip = (min(max(v, -1.0), 1.0) for v in a.tolist())
    c, s = math.cos(yaw), math.sin(yaw)
    way = STEP * np.array([c * x - s * y, s * x + c * y, z])
    if abs(grip) > THRESHOLD:
        closed = grip > 0
    return Move(Command(way / PERIOD, np.array([0.0, 0.0, TURN * turn / PERIOD])), closed)
