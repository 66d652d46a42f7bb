"""Names of coordinate frames."""

from __future__ import annotations

from dataclasses import dataclass

from elbowroom.core import Params, param


@dataclass(frozen=True)
class FrameParams(Params):
    """Names of the coordinate frames."""

    world: str = param("world", "fixed frame, z up, in which everything is said")
    gripper: str = param("gripper", "frame of the gripper, in which a wrist sensor reports")
