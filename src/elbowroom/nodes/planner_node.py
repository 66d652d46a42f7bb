"""The node that moves the gripper for every elbow in the box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from builtin_interfaces.msg import Time

from elbowroom.core import InputError, Sample
from elbowroom.msg import ElbowBox
from elbowroom.nodes import graph
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.clockwatch import ClockWatch
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.health import Health
from elbowroom.nodes.base.rate import Throttle
from elbowroom.nodes.base.runner import run
from elbowroom.nodes.dressing.driver import Decision, Driver, PlannerNodeParams
from elbowroom.nodes.dressing.inbox import Delivery, InboxParams
from elbowroom.nodes.endpoints.senses import Senses
from elbowroom.nodes.messages import convert
from elbowroom.planning import PlannerParams, make_planner


class PlannerNode(Adapter):
    """elbow_box, wrench, gripper_pose, ... -> gripper_command."""

    spec = graph.PLANNER
    groups: ClassVar = {
        "": PlannerNodeParams,
        "frames": FrameParams,
        "inbox": InboxParams,
        "planner": PlannerParams,
    }

    def build(self) -> None:
        """Load the planner and subscribe."""
        params = self.parameters.read("", PlannerNodeParams)
        self._frames = self.parameters.read("frames", FrameParams)
        planner = self.load(params.name, self.parameters.read("planner", PlannerParams))
        self._driver = Driver(planner)
        self._driver.warm_up()
        self._commands = self.advertise("gripper_command")
        self._states = self.advertise("plan_state")
        self._plans = self.advertise("plan")
        inbox = self.parameters.read("inbox", InboxParams)
        self._senses = Senses(self, self._frames, inbox, self._driver, self._on_delivery)
        self.listen("elbow_box", self._on_box, newest=True)
        self._drawn = Throttle(params.plan_rate)
        self._watch = ClockWatch(self.now, set_back=self.on_set_back)
        self._spoken = False
        self.every(params.watch_period, self._look_out, steady=True)

    def load(self, name: str, params: PlannerParams) -> Any:
        """The planner that is stepped."""
        return make_planner(name, params)

    def begin(self) -> None:
        """Forget what was measured before."""
        self._senses.reset()
        self._driver.reset()

    def end(self) -> None:
        """The last command is to stand still."""
        self._say(self._driver.halt(self.now(), "the planner is not active"))

    def on_clock_jump(self, text: str) -> None:
        """Stand still and start over."""
        self.begin()
        self._say(self._driver.halt(self.now(), text))

    def look(self) -> Health:
        """What the last decision was."""
        return self._driver.health(self._senses.facts)

    def _on_box(self, message: ElbowBox) -> None:
        try:
            self._driver.tell(convert.read_box(message, self._frames.world))
        except InputError as error:
            self._senses.inbox.refuse("elbow_box", str(error))

    def _on_delivery(self, delivery: Delivery[Time]) -> None:
        self._decide(delivery.sample, delivery.fault, delivery.token)
        self._spoken = True

    def _look_out(self) -> None:
        now, fault = self.now(), self._watch.look()
        spoken, self._spoken = self._spoken, False
        if fault:
            self._say(self._driver.halt(now, fault))
        elif not spoken:
            self._decide(Sample(stamp=now), self._senses.inbox.silence(now))

    def _decide(self, sample: Sample, fault: str, stamp: Time | None = None) -> None:
        level, _ = self._senses.health.judge()
        self._say(self._driver.step(sample, self.now(), level, fault), stamp)

    def _say(self, decision: Decision, stamp: Time | None = None) -> None:
        stamp = stamp or self.get_clock().now().to_msg()
        head = convert.header(stamp, self._frames.world)
        self._commands.publish(convert.command_message(head, decision.command))
        self._states.publish(convert.plan_state_message(head, decision.report))
        if self._drawn.is_due(convert.seconds(stamp)):
            self._plans.publish(convert.plan_message(head, decision.report))


def main(args: Sequence[str] | None = None) -> int:
    """Run the node as a process."""
    return run(PlannerNode, args)
