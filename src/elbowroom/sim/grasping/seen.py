"""An object as it is seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.sim.grasping.items import Item

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """An object as it is now.

    Attributes:
        item: what it is.
        position: of its centre [m], robot's base frame, shape (3,).
        orientation: quaternion (x, y, z, w), shape (4,).
    """

    item: Item
    position: Array
    orientation: Array

    @property
    def yaw(self) -> float:
        """Turn about the vertical [rad]."""
        return yaw_of(self.orientation)


def yaw_of(orientation: Array) -> float:
    """Turn about the vertical [rad] of a quaternion (x, y, z, w), shape (4,)."""
    x, y, z, w = orientation.tolist()
    return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
