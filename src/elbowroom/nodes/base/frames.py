"""Names of coordinate frames."""

from __future__ import annotations

from dataclasses import dataclass

from elbowroom.core import InputError, Params, param


@dataclass(frozen=True)
class FrameParams(Params):
    """Names of the coordinate frames."""

    world: str = param("world", "fixed frame, z up, in which everything is said")
    gripper: str = param("gripper", "frame of the gripper, in which a wrist sensor reports")

    def is_gripper(self, frame: str) -> bool:
        """Whether a wrench in this frame has the gripper's axes; else it has the world's.

        Raises:
            InputError: if it is neither.
        """
        name, known = frame.lstrip("/"), (self.world, self.gripper)
        if name not in known:
            raise InputError(f"the wrench is in frame {name!r}, expected one of {known}")
        return name == self.gripper
