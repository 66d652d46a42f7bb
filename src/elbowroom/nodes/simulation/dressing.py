"""The simulated dressing behind the sim node: drawn by seed, stepped by stamped commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from elbowroom.campaign.cast import Cast, draw_setup
from elbowroom.campaign.run import arrived
from elbowroom.core import Command, Sample, param
from elbowroom.motion import MotionError
from elbowroom.nodes.simulation.driven import DrivenParams, DrivenScene
from elbowroom.sim import SimulationError, UnreachableError

_ATTEMPTS = 20


@dataclass(frozen=True)
class SimNodeParams(DrivenParams):
    """Who is dressed, and how time runs."""

    seed: int = param(0, "seed of person, garment, movement and sensor errors", low=0, high=2**31)
    person: int = param(0, "number of the person within the seed", low=0, high=999_999)
    goal_share: float = param(
        0.6, "share of the upper arm, from the elbow, at which the cuff has arrived", low=0, high=1
    )
    marker_rate: float = param(
        20.0, "rate of the drawn arm and sleeve", unit="Hz", low=0.1, high=240
    )
    joint_rate: float = param(60.0, "rate of joint_states", unit="Hz", low=1.0, high=240.0)
    clock_rate: float = param(120.0, "rate of /clock", unit="Hz", low=20.0, high=1000.0)


class DressingSimulation(DrivenScene[Sample]):
    """One person's dressing, that can be started again; see `elbowroom.sim.DressingScene`.

    Args:
        params: see `SimNodeParams`.
        cast: what person, garment and movement are drawn from.

    Raises:
        SimulationError: if no dressable scene can be drawn.
    """

    def __init__(self, params: SimNodeParams, cast: Cast) -> None:
        super().__init__(params.command_timeout)
        self._params, self._cast = params, cast
        self.reset()

    def reset(self) -> None:
        """Start the same dressing again."""
        self.close()
        self.scene = self._draw()
        self.rewind()

    def close(self) -> None:
        """Free the simulator."""
        if self.scene is not None:
            self.scene.close()
        self.scene = None

    @property
    def figures(self) -> dict[str, Any]:
        """How far the dressing is, for diagnostics."""
        scene = self.scene
        return {
            "time [s]": float(scene.time),
            "arrived": arrived(scene.truth(), scene.arm, self._params.goal_share),
            **super().figures,
        }

    def _look(self) -> Sample:
        sample: Sample = self.scene.observe()
        return sample

    def _move(self, command: Command) -> Sample:
        sample: Sample = self.scene.step(command)
        return sample

    def _draw(self) -> Any:
        reason = ""
        for attempt in range(_ATTEMPTS):
            try:
                return draw_setup(self._params.seed, self._params.person, attempt, self._cast).scene
            except (UnreachableError, MotionError) as error:
                reason = str(error)
        raise SimulationError(f"no dressing could be drawn in {_ATTEMPTS} attempts: {reason}")
