"""The node that simulates the robot, a table and the objects on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from std_srvs.srv import Trigger

from elbowroom.core import InputError
from elbowroom.grasping.environments.env import GraspEnv
from elbowroom.msg import GripperOpening
from elbowroom.nodes import graph
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.runner import run
from elbowroom.nodes.endpoints.simulator import Post, SimulatorNode
from elbowroom.nodes.endpoints.table_stage import TableStage
from elbowroom.nodes.messages import convert, convert_scene
from elbowroom.nodes.simulation.table import GraspSimNodeParams, TableSimulation
from elbowroom.sim.grasping import GraspSceneParams


class GraspSimNode(SimulatorNode):
    """gripper_command, gripper_opening -> objects, image, gripper_pose, joint_states."""

    spec = graph.GRASP_SIM
    groups: ClassVar = {"": GraspSimNodeParams, "frames": FrameParams, "sim": GraspSceneParams}

    def build(self) -> None:
        """Set the table."""
        params = self.parameters.read("", GraspSimNodeParams)
        frames = self.parameters.read("frames", FrameParams)
        sim = self.parameters.read("sim", GraspSceneParams)
        self._table = TableSimulation(params, GraspEnv(params.task, sim))
        self.drive(self._table, params, frames, sim.rate)
        self._stage = TableStage(self, frames, params)
        self.listen("gripper_opening", self._on_opening)
        self.serve("shuffle", self._on_shuffle)

    def introduce(self) -> None:
        """Publish the robot."""
        self._stage.open()
        self._stage.introduce()

    def prepare(self, seen: Any, stamp: float) -> list[Post]:
        """What is measured of the table at a stamp [s]."""
        return self._stage.prepare(seen, convert.time_message(stamp))

    def _on_opening(self, message: GripperOpening) -> None:
        try:
            self._table.open(convert_scene.read_opening(message))
        except InputError as error:
            self.refuse(error)

    def _on_shuffle(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self.restart(self._table.shuffle, response)


def main(args: Sequence[str] | None = None) -> int:
    """Run the node as a process."""
    return run(GraspSimNode, args)
