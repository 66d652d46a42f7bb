"""The simulated table behind the grasp_sim node: laid out by seed, stepped by stamped commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from elbowroom.core import Command, param
from elbowroom.nodes.simulation.driven import DrivenParams, DrivenScene


@dataclass(frozen=True)
class GraspSimNodeParams(DrivenParams):
    """What is on the table, and how time runs."""

    seed: int = param(0, "seed of the objects and where they lie", low=0, high=2**31)
    command_timeout: float = param(
        0.3, "the gripper stands still when the newest command is older", unit="s", low=0.01, high=5
    )
    task: str = param(
        "instance",
        "whose objects are laid out",
        choices=("indiscriminate", "instance", "hard", "cuff"),
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


class TableSimulation(DrivenScene[Any]):
    """A table that can be laid out again; what is seen in a step is the scene itself.

    See `elbowroom.sim.grasping.GraspScene`.

    Args:
        params: see `GraspSimNodeParams`.
        env: whose resets lay the objects out, see `elbowroom.grasping.environments.env.GraspEnv`.

    Attributes:
        number: of the arrangement within the seed.
    """

    def __init__(self, params: GraspSimNodeParams, env: Any) -> None:
        super().__init__(params.command_timeout)
        self._params, self._env, self.scene = params, env, env.scene
        self.number = 0
        self.reset()

    def reset(self) -> None:
        """Lay the same objects out again, with the open hand above them."""
        self._env.reset(seed=self._params.seed + self.number)
        self._shut = False
        self.rewind()

    def shuffle(self) -> None:
        """Lay out the next arrangement."""
        self.number += 1
        self.reset()

    def close(self) -> None:
        """Free the simulator."""
        self._env.close()

    def open(self, opening: float) -> None:
        """Open or shut the fingers to an opening [m], until told otherwise."""
        self._shut = opening < self._params.shut_below

    @property
    def figures(self) -> dict[str, Any]:
        """What is going on, for diagnostics."""
        return {
            "arrangement": self.number,
            "lifted": ", ".join(self.scene.lifted()) or "nothing",
            **super().figures,
        }

    def _look(self) -> Any:
        return self.scene

    def _move(self, command: Command) -> Any:
        self.scene.advance(command, self._shut)
        return self.scene
