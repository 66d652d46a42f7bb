"""Names of the robot's joints."""

from __future__ import annotations

from dataclasses import dataclass

from elbowroom.core import JOINTS, ParameterError, Params, param


@dataclass(frozen=True)
class JointParams(Params):
    """Which joints of the robot are listened to."""

    names: str = param(
        ",".join(f"panda_joint{k}" for k in range(1, JOINTS + 1)),
        "joints whose external torques (effort) are read, base first, separated by commas",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(set(self.order)) != JOINTS:
            raise ParameterError(f"names must be {JOINTS} different joints, got {self.names!r}")

    @property
    def order(self) -> tuple[str, ...]:
        """The names one by one."""
        return tuple(name.strip() for name in self.names.split(",") if name.strip())
