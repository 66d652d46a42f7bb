"""The node that simulates the robot, a table and the objects on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from geometry_msgs.msg import TwistStamped
from std_srvs.srv import SetBool, Trigger

from elbowroom.core import InputError
from elbowroom.grasping.env import GraspEnv
from elbowroom.msg import GripperOpening
from elbowroom.nodes import convert, convert_scene, graph
from elbowroom.nodes.adapter import Adapter
from elbowroom.nodes.diagnostics import Health, Level
from elbowroom.nodes.pacer import Pacer
from elbowroom.nodes.runner import run
from elbowroom.nodes.senses import FrameParams
from elbowroom.nodes.table_simulation import GraspSimNodeParams, TableSimulation
from elbowroom.nodes.table_stage import TableStage
from elbowroom.sim.grasping import GraspSceneParams

# Simulated time starts here: zero means "no time yet" in ROS.
_EPOCH = 1.0


class GraspSimNode(Adapter):
    """gripper_command, gripper_opening -> objects, image, gripper_pose, joint_states."""

    spec = graph.GRASP_SIM
    groups: ClassVar = {"": GraspSimNodeParams, "frames": FrameParams, "sim": GraspSceneParams}

    def build(self) -> None:
        """Set the table."""
        params = self.parameters.read("", GraspSimNodeParams)
        self._params, self._refused = params, 0
        self._frames = self.parameters.read("frames", FrameParams)
        sim = self.parameters.read("sim", GraspSceneParams)
        self._simulation = TableSimulation(params, GraspEnv(params.task, sim))
        self._undo.append(self._simulation.close)
        self._stage = TableStage(self, self._frames, params)
        self.listen("gripper_command", self._on_command)
        self.listen("gripper_opening", self._on_opening)
        self.serve("reset", self._restart(self._simulation.reset))
        self.serve("shuffle", self._restart(self._simulation.shuffle))
        self.serve("pause", self._on_pause)
        origin = _EPOCH if params.publish_clock else self.now
        self._pacer = Pacer(sim.rate, params.speed, origin)
        self.every(self._pacer.period, self._on_timer, steady=True)

    def begin(self) -> None:
        """Introduce the robot, then let time run."""
        self._start()

    def end(self) -> None:
        """Time stands still."""
        self._pacer.hold()

    def look(self) -> Health:
        """Whether time runs as fast as it should."""
        values: dict[str, Any] = {"real time given up [s]": self._pacer.slipped}
        values |= self._simulation.figures | {"refused commands": self._refused}
        if over := self._simulation.over:
            return Health(Level.ERROR, f"the simulation is over: {over}", values)
        return Health(Level.OK, "running" if self._pacer.running else "paused", values)

    def _start(self) -> None:
        self._stage.open()
        self._stage.introduce()
        self._pacer.run(self._params.start_delay)

    def _on_timer(self) -> None:
        for tick in self._pacer.take():
            if not self._simulation.step(tick.stamp):
                self._pacer.hold()
                self.get_logger().error(f"the simulation is over: {self._simulation.over}")
                return
            posts = self._stage.prepare(self._simulation.scene, convert.time_message(tick.stamp))
            self._pacer.await_due(tick)
            for publisher, message in posts:
                publisher.publish(message)

    def _on_command(self, message: TwistStamped) -> None:
        try:
            command = convert.read_command(message, self._frames.world)
        except InputError as error:
            return self._refuse(error)
        return self._simulation.command(command, convert.seconds(message.header.stamp))

    def _on_opening(self, message: GripperOpening) -> None:
        try:
            self._simulation.open(convert_scene.read_opening(message))
        except InputError as error:
            self._refuse(error)

    def _refuse(self, error: InputError) -> None:
        self._refused += 1
        self.get_logger().warning(f"command left out: {error}", throttle_duration_sec=5.0)

    def _restart(self, lay_out: Callable[[], None]) -> Callable[[Any, Any], Any]:
        def answer(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
            lay_out()
            self._start()
            response.success = True
            return response

        return answer

    def _on_pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._pacer.hold() if request.data else self._pacer.run()
        response.success = True
        return response


def main(args: Sequence[str] | None = None) -> int:
    """Run the node as a process."""
    return run(GraspSimNode, args)
