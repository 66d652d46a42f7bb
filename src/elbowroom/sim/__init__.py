"""The simulated dressing: PyBullet for robot and arm, an own mass-spring tube for the sleeve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elbowroom.sim.errors import SimulationError, UnreachableError
from elbowroom.sim.params import SimParams

if TYPE_CHECKING:
    from elbowroom.sim.scene import DressingScene

__all__ = ["DressingScene", "SimParams", "SimulationError", "UnreachableError"]


def __getattr__(name: str) -> Any:
    # PyBullet is loaded by whoever builds a scene, not by whoever reads the parameters.
    if name == "DressingScene":
        from elbowroom.sim.scene import DressingScene

        return DressingScene
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
