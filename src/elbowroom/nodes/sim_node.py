"""The node that simulates person, sleeve, robot and sensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from geometry_msgs.msg import TwistStamped
from std_srvs.srv import SetBool, Trigger

from elbowroom.campaign.cast import Cast, CastParams
from elbowroom.core import InputError
from elbowroom.motion import MotionParams
from elbowroom.nodes import convert, graph
from elbowroom.nodes.adapter import Adapter
from elbowroom.nodes.diagnostics import Health, Level
from elbowroom.nodes.pacer import Pacer
from elbowroom.nodes.runner import run
from elbowroom.nodes.senses import FrameParams
from elbowroom.nodes.simulation import SimNodeParams, Simulation
from elbowroom.nodes.stage import Stage
from elbowroom.sim import SimParams

# Simulated time starts here: zero means "no time yet" in ROS.
_EPOCH = 1.0


class SimNode(Adapter):
    """gripper_command -> wrench, gripper_pose, shoulder, ..., in real time."""

    spec = graph.SIM
    groups: ClassVar = {
        "": SimNodeParams,
        "frames": FrameParams,
        "cast": CastParams,
        "motion": MotionParams,
        "sim": SimParams,
    }

    def build(self) -> None:
        """Draw the person and set the scene."""
        self._params = self.parameters.read("", SimNodeParams)
        self._frames = self.parameters.read("frames", FrameParams)
        sim = self.parameters.read("sim", SimParams)
        people = self.parameters.read("cast", CastParams)
        motion = self.parameters.read("motion", MotionParams)
        self._simulation = Simulation(self._params, Cast(people, motion, sim))
        self._undo.append(self._simulation.close)
        self._stage = Stage(self, self._frames, self._params)
        self.listen("gripper_command", self._on_command)
        self.serve("reset", self._on_reset)
        self.serve("pause", self._on_pause)
        origin = _EPOCH if self._params.publish_clock else self.now
        self._pacer = Pacer(sim.rate, self._params.speed, origin)
        self.every(self._pacer.period, self._on_timer, steady=True)

    def begin(self) -> None:
        """Introduce the person, then let time run."""
        self._refused = 0
        self._start()

    def end(self) -> None:
        """Time stands still."""
        self._pacer.hold()

    def look(self) -> Health:
        """Whether time runs as fast as it should."""
        values: dict[str, Any] = {"real time given up [s]": self._pacer.slipped}
        values |= self._simulation.figures | {"refused commands": self._refused}
        if over := self._simulation.over:
            return Health(Level.WARN, f"the dressing is over: {over}", values)
        return Health(Level.OK, "running" if self._pacer.running else "paused", values)

    def _start(self) -> None:
        self._stage.open()
        self._stage.introduce(self._simulation.scene, convert.time_message(self._pacer.stamp))
        self._pacer.run(self._params.start_delay)

    def _on_timer(self) -> None:
        for tick in self._pacer.take():
            sample = self._simulation.step(tick.stamp)
            if sample is None:
                self._pacer.hold()
                self.get_logger().warning(f"the dressing is over: {self._simulation.over}")
                return
            stamp = convert.time_message(tick.stamp)
            self._stage.show(self._simulation.scene, stamp)
            posts = self._stage.prepare(sample, stamp)
            self._pacer.await_due(tick)
            for publisher, message in posts:
                publisher.publish(message)

    def _on_command(self, message: TwistStamped) -> None:
        try:
            command = convert.read_command(message, self._frames.world)
        except InputError as error:
            self._refused += 1
            self.get_logger().warning(f"command left out: {error}", throttle_duration_sec=5.0)
        else:
            self._simulation.command(command, convert.seconds(message.header.stamp))

    def _on_reset(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._simulation.reset()
        self._start()
        response.success = True
        return response

    def _on_pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        if request.data:
            self._pacer.hold()
        else:
            self._pacer.run()
        response.success = True
        return response


def main(args: Sequence[str] | None = None) -> int:
    """Run the node as a process."""
    return run(SimNode, args)
