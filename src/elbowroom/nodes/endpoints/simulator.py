"""What the nodes of both simulators share: the pace of time, commands, reset and pause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

from geometry_msgs.msg import TwistStamped
from std_srvs.srv import SetBool, Trigger

from elbowroom.core import InputError
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.health import Health, Level
from elbowroom.nodes.base.pacer import Pacer
from elbowroom.nodes.messages import convert
from elbowroom.nodes.simulation.driven import DrivenParams, DrivenScene

# Simulated time starts here: zero means "no time yet" in ROS.
_EPOCH = 1.0

Post: TypeAlias = tuple[Any, Any]
"""A publisher and what it shall publish."""


class SimulatorNode(Adapter):
    """A node that steps a scene in real time and lets the gripper follow commands.

    A derived node calls `drive` in its `build` and fills in `introduce` and `prepare`.
    """

    subject: ClassVar[str] = "simulation"
    """What is over when the scene cannot go on."""
    end_level: ClassVar[Level] = Level.ERROR
    """How bad that is."""

    def drive(
        self, scene: DrivenScene[Any], params: DrivenParams, frames: FrameParams, rate: float
    ) -> None:
        """Step a scene at `rate` [Hz] of its time, as soon as the node is active."""
        self._simulation, self._frames, self._refused = scene, frames, 0
        self._start_delay = params.start_delay
        self._undo.append(scene.close)
        self.listen("gripper_command", self._on_command)
        self.serve("reset", self._on_reset)
        self.serve("pause", self._on_pause)
        self._pacer = Pacer(rate, params.speed, _EPOCH if params.publish_clock else self.now)
        self.every(self._pacer.period, self._on_timer, steady=True)

    def introduce(self) -> None:
        """Publish what stays; a scene begins."""
        raise NotImplementedError

    def prepare(self, seen: Any, stamp: float) -> list[Post]:
        """What is published of a tick of a stamp [s], in this order, at the time it is due."""
        raise NotImplementedError

    def begin(self) -> None:
        """Introduce the scene, then let time run."""
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
            return Health(self.end_level, f"the {self.subject} is over: {over}", values)
        return Health(Level.OK, "running" if self._pacer.running else "paused", values)

    def restart(self, lay_out: Callable[[], None], response: Trigger.Response) -> Trigger.Response:
        """Lay the scene out and start it; the answer to who asked."""
        lay_out()
        self._start()
        response.success = True
        return response

    def refuse(self, error: InputError) -> None:
        """Count a command that is left out, and say why."""
        self._refused += 1
        self.get_logger().warning(f"command left out: {error}", throttle_duration_sec=5.0)

    def _start(self) -> None:
        self.introduce()
        self._pacer.run(self._start_delay)

    def _on_timer(self) -> None:
        for tick in self._pacer.take():
            seen = self._simulation.step(tick.stamp)
            if seen is None:
                return self._stop()
            posts = self.prepare(seen, tick.stamp)
            self._pacer.await_due(tick)
            for publisher, message in posts:
                publisher.publish(message)
        return None

    def _stop(self) -> None:
        self._pacer.hold()
        say = (
            self.get_logger().error if self.end_level is Level.ERROR else self.get_logger().warning
        )
        say(f"the {self.subject} is over: {self._simulation.over}")

    def _on_command(self, message: TwistStamped) -> None:
        try:
            command = convert.read_command(message, self._frames.world)
        except InputError as error:
            return self.refuse(error)
        return self._simulation.command(command, convert.seconds(message.header.stamp))

    def _on_reset(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self.restart(self._simulation.reset, response)

    def _on_pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._pacer.hold() if request.data else self._pacer.run()
        response.success = True
        return response
