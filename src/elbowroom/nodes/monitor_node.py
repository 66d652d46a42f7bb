"""The node that says whether the inputs still look like those calibrated on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from elbowroom.core import Params, param
from elbowroom.monitoring.attendant import Attendant, AttendantParams
from elbowroom.monitoring.watching.verdict import Verdict
from elbowroom.monitoring.watching.watch import WatchParams
from elbowroom.msg import ArmMeasurement, LayerFeatures
from elbowroom.nodes import graph
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.clockwatch import ClockWatch
from elbowroom.nodes.base.health import Health, Level
from elbowroom.nodes.base.latch import RESET
from elbowroom.nodes.base.runner import run
from elbowroom.nodes.messages import convert
from elbowroom.nodes.messages.attempts import Attempts
from elbowroom.nodes.messages.convert_monitor import health_message, read_features, read_origin


@dataclass(frozen=True)
class MonitorNodeParams(Params):
    """How often the monitor speaks."""

    period: float = param(
        0.1, "period of the verdict; a changed level is told at once", unit="s", low=0.02, high=1.0
    )


class MonitorNode(Adapter):
    """features -> input_health."""

    spec = graph.MONITOR
    groups: ClassVar = {
        "": MonitorNodeParams,
        "watch": WatchParams,
        "keep": AttendantParams,
    }

    def build(self) -> None:
        """Load the reference and what was known before, and subscribe."""
        period = self.parameters.read("", MonitorNodeParams).period
        watch = self.parameters.read("watch", WatchParams)
        self._attendant = Attendant(self.parameters.read("keep", AttendantParams), watch)
        if forgotten := self._attendant.restore():
            self.get_logger().warning(forgotten)
        self._verdicts = self.advertise("input_health")
        self.listen("arm_measurement", self._on_arm)
        self.listen("grasp_state", Attempts(self._attendant.begin).hear)
        self.listen("features", self._on_features)
        self.serve("reset", self._on_reset)
        self.serve("report", self._on_report)
        self._clock_watch = ClockWatch(self.now, set_back=self.on_set_back)
        self.every(period, self._say, steady=True)
        self._told = -1

    def begin(self) -> None:
        """Nothing of the dressing before is known any more."""
        self._attendant.begin()

    def end(self) -> None:
        """Keep what is known of past dressings; the last verdict is that nobody watches."""
        self._attendant.close()
        silent = self._attendant.declare(Level.STALE, "the monitor is not active")
        self._verdicts.publish(health_message(self.get_clock().now().to_msg(), silent))

    def on_clock_jump(self, text: str) -> None:
        """The dressing breaks off; what is known of those before stays."""
        self._attendant.interrupt("the clock jumped")

    def look(self) -> Health:
        """The verdict with its numbers, or what is wrong with the memory if that is worse."""
        verdict, trouble = self._judge(), self._attendant.trouble
        level = Level.WARN if trouble and not verdict.level else Level(verdict.level)
        return Health(level, verdict.reason or trouble, self._attendant.describe(verdict))

    def _judge(self) -> Verdict:
        return self._attendant.judge(self.now(), self._clock_watch.look())

    def _on_arm(self, message: ArmMeasurement) -> None:
        self._attendant.begin()

    def _on_features(self, message: LayerFeatures) -> None:
        stamp = convert.seconds(message.header.stamp)
        values = read_features(message)
        origin = read_origin(message)
        if self._attendant.take(stamp, message.model_version, message.layer, values, origin):
            self._stamp = message.header.stamp
            if self._judge().level != self._told:
                self._say()

    def _say(self) -> None:
        verdict = self._judge()
        self._told = verdict.level
        stamp = getattr(self, "_stamp", None) or self.get_clock().now().to_msg()
        self._verdicts.publish(health_message(stamp, verdict))
        self._attendant.report_if_due(self.now())
        if news := self._attendant.reports.take_news():
            self.get_logger().info(news)

    def _on_reset(self, request: Any, response: Any) -> Any:
        response.success, response.message = True, f"{RESET} {self._attendant.reset()}"
        # Said once, by itself: only this OK takes back an alarm that the listeners keep.
        taken_back = self._attendant.declare(Level.OK, response.message)
        self._verdicts.publish(health_message(self.get_clock().now().to_msg(), taken_back))
        return response

    def _on_report(self, request: Any, response: Any) -> Any:
        response.success, response.message = self._attendant.ask_report(self.now())
        return response


def main(args: Sequence[str] | None = None) -> int:
    """Run the node as a process."""
    return run(MonitorNode, args)
