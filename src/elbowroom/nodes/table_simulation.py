"""The simulated table behind the grasp_sim node: laid out by seed, stepped by stamped commands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from elbowroom.core import Command, ParameterError, Params, param
from elbowroom.sim import SimulationError

_STILL = Command(np.zeros(3))


@dataclass(frozen=True)
class GraspSimNodeParams(Params):
    """What is on the table, and how time runs."""

    seed: int = param(0, "seed of the objects and where they lie", low=0, high=2**31)
    task: str = param(
        "instance",
        "whose objects are laid out",
        choices=("indiscriminate", "instance", "hard", "cuff"),
    )
    publish_clock: bool = param(
        True, "be the time source on /clock; if not, stamps are the node's clock"
    )
    speed: float = param(1.0, "simulated seconds a real second", low=0.02, high=20.0)
    start_delay: float = param(
        0.5, "real time between activation and the first measurement", unit="s", low=0.0, high=60.0
    )
    command_timeout: float = param(
        0.3, "the gripper stands still when the newest command is older", unit="s", low=0.01, high=5
    )
    shut_below: float = param(
        0.04,
        "the simulated fingers shut when told an opening below this",
        unit="m",
        low=0,
        high=0.1,
    )
    objects_rate: float = param(60.0, "rate of the list of objects", unit="Hz", low=1.0, high=240.0)
    image_rate: float = param(
        12.0, "rate of images; 0 for none; cloth is not drawn", unit="Hz", low=0.0, high=60.0
    )
    image_size: int = param(48, "edge of the square image", unit="pixels", low=16, high=512)
    camera: str = param("wrist_camera", "frame of the image")
    marker_rate: float = param(10.0, "rate of the drawn objects", unit="Hz", low=0.1, high=240.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.speed != 1.0 and not self.publish_clock:
            raise ParameterError("speed must be 1 when the node is not the time source")


class TableSimulation:
    """A table that can be laid out again.

    Args:
        params: see `GraspSimNodeParams`.
        env: whose resets lay the objects out, see `elbowroom.grasping.env.GraspEnv`.

    Attributes:
        scene: the running scene, see `elbowroom.sim.grasping.GraspScene`.
        over: why it cannot go on, or empty.
        stale: ticks in which the gripper stood still because the command was old.
        number: of the arrangement within the seed.
    """

    def __init__(self, params: GraspSimNodeParams, env: Any) -> None:
        self._params, self._env, self.scene = params, env, env.scene
        self.number = 0
        self.reset()

    def reset(self) -> None:
        """Lay the same objects out again, with the open hand above them."""
        self._env.reset(seed=self._params.seed + self.number)
        self.over, self.stale, self._begun = "", 0, False
        self._command, self._stamp, self._shut = _STILL, -math.inf, False

    def shuffle(self) -> None:
        """Lay out the next arrangement."""
        self.number += 1
        self.reset()

    def close(self) -> None:
        """Free the simulator."""
        self._env.close()

    def command(self, command: Command, stamp: float) -> None:
        """Follow a gripper velocity from now on; one older than the last is left out."""
        if stamp >= self._stamp:
            self._command, self._stamp = command, stamp

    def open(self, opening: float) -> None:
        """Open or shut the fingers, until told otherwise."""
        self._shut = opening < self._params.shut_below

    def step(self, stamp: float) -> bool:
        """Advance to a stamp [s], the first before anything moves; whether it could."""
        if self.over:
            return False
        if not self._begun:
            self._begun = True
            return True
        fresh = stamp - self._stamp <= self._params.command_timeout
        self.stale += not fresh
        try:
            self.scene.advance(self._command if fresh else _STILL, self._shut)
        except SimulationError as error:
            self.over = str(error)
        return not self.over

    @property
    def figures(self) -> dict[str, Any]:
        """What is going on, for diagnostics."""
        return {
            "arrangement": self.number,
            "lifted": ", ".join(self.scene.lifted()) or "nothing",
            "ticks without a fresh command": self.stale,
        }
