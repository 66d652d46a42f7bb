"""The simulated dressing behind the sim node: drawn by seed, stepped by stamped commands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from elbowroom.campaign.cast import Cast, draw_setup
from elbowroom.campaign.run import arrived
from elbowroom.core import Command, ParameterError, Params, Sample, param
from elbowroom.motion import MotionError
from elbowroom.sim import SimulationError, UnreachableError

_ATTEMPTS = 20
_STILL = Command(np.zeros(3))


@dataclass(frozen=True)
class SimNodeParams(Params):
    """Who is dressed, and how time runs."""

    seed: int = param(0, "seed of person, garment, movement and sensor errors", low=0, high=2**31)
    person: int = param(0, "number of the person within the seed", low=0, high=999_999)
    publish_clock: bool = param(
        True, "be the time source on /clock; if not, stamps are the node's clock"
    )
    speed: float = param(1.0, "simulated seconds a real second", low=0.02, high=20.0)
    start_delay: float = param(
        0.5, "real time between activation and the first measurement", unit="s", low=0.0, high=60.0
    )
    command_timeout: float = param(
        0.1, "the gripper stands still when the newest command is older", unit="s", low=0.01, high=5
    )
    goal_share: float = param(
        0.6, "share of the upper arm, from the elbow, at which the cuff has arrived", low=0, high=1
    )
    marker_rate: float = param(
        20.0, "rate of the drawn arm and sleeve", unit="Hz", low=0.1, high=240
    )
    joint_rate: float = param(60.0, "rate of joint_states", unit="Hz", low=1.0, high=240.0)
    clock_rate: float = param(120.0, "rate of /clock", unit="Hz", low=20.0, high=1000.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.speed != 1.0 and not self.publish_clock:
            raise ParameterError("speed must be 1 when the node is not the time source")


class Simulation:
    """One person's dressing, that can be started again.

    Args:
        params: see `SimNodeParams`.
        cast: what person, garment and movement are drawn from.

    Attributes:
        scene: the running scene, see `elbowroom.sim.DressingScene`.
        over: why it cannot go on, or empty.
        stale: ticks in which the gripper stood still because the command was old.

    Raises:
        SimulationError: if no dressable scene can be drawn.
    """

    def __init__(self, params: SimNodeParams, cast: Cast) -> None:
        self._params, self._cast = params, cast
        self.scene: Any = None
        self.reset()

    def reset(self) -> None:
        """Start the same dressing again."""
        self.close()
        self.scene = self._draw()
        self.over, self.stale, self._begun = "", 0, False
        self._command, self._stamp = _STILL, -math.inf

    def close(self) -> None:
        """Free the simulator."""
        if self.scene is not None:
            self.scene.close()
        self.scene = None

    def command(self, command: Command, stamp: float) -> None:
        """Follow a gripper velocity from now on; one older than the last is left out."""
        if stamp >= self._stamp:
            self._command, self._stamp = command, stamp

    def step(self, stamp: float) -> Sample | None:
        """The sample of one tick at a stamp [s], the first before anything moves.

        None when the dressing is over.
        """
        if self.over:
            return None
        if not self._begun:
            self._begun = True
            return self.scene.observe()
        fresh = stamp - self._stamp <= self._params.command_timeout
        self.stale += not fresh
        try:
            return self.scene.step(self._command if fresh else _STILL)
        except SimulationError as error:
            self.over = str(error)
            return None

    @property
    def figures(self) -> dict[str, Any]:
        """How far the dressing is, for diagnostics."""
        scene = self.scene
        return {
            "time [s]": float(scene.time),
            "arrived": arrived(scene.truth(), scene.arm, self._params.goal_share),
            "ticks without a fresh command": self.stale,
        }

    def _draw(self) -> Any:
        reason = ""
        for attempt in range(_ATTEMPTS):
            try:
                return draw_setup(self._params.seed, self._params.person, attempt, self._cast).scene
            except (UnreachableError, MotionError) as error:
                reason = str(error)
        raise SimulationError(f"no dressing could be drawn in {_ATTEMPTS} attempts: {reason}")
