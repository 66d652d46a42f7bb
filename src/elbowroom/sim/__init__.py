"""The simulated dressing: PyBullet for robot and arm, an own mass-spring tube for the sleeve."""

from __future__ import annotations

from elbowroom.sim.errors import SimulationError, UnreachableError
from elbowroom.sim.params import SimParams
from elbowroom.sim.scene import DressingScene

__all__ = ["DressingScene", "SimParams", "SimulationError", "UnreachableError"]
