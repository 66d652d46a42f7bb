"""A table, objects and a Panda that grasps, in PyBullet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elbowroom.sim.grasping.items import Item, Placed, draw_items, scatter
from elbowroom.sim.grasping.params import GraspSceneParams
from elbowroom.sim.grasping.seen import Seen

if TYPE_CHECKING:
    from elbowroom.sim.grasping.cuff import CuffScene
    from elbowroom.sim.grasping.scene import GraspScene

__all__ = [
    "CuffScene",
    "GraspScene",
    "GraspSceneParams",
    "Item",
    "Placed",
    "Seen",
    "draw_items",
    "scatter",
]


def __getattr__(name: str) -> Any:
    # PyBullet is loaded by whoever builds a scene, not by whoever reads the types.
    if name == "GraspScene":
        from elbowroom.sim.grasping.scene import GraspScene

        return GraspScene
    if name == "CuffScene":
        from elbowroom.sim.grasping.cuff import CuffScene

        return CuffScene
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
