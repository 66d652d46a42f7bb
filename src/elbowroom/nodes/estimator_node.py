"""The node that says in which box the elbow is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from builtin_interfaces.msg import Time

from elbowroom.core import Estimate, Status, param
from elbowroom.estimation.factory import EstimatorParams, build_estimator
from elbowroom.estimation.guard import Guard, GuardSettings
from elbowroom.estimation.layers.tap import TapParams, make_tap
from elbowroom.estimation.prior import KinematicPrior, PriorSettings
from elbowroom.nodes import graph
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.clockwatch import ClockWatch
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.health import Health, Level
from elbowroom.nodes.base.joints import JointParams
from elbowroom.nodes.base.rate import Throttle
from elbowroom.nodes.base.runner import run
from elbowroom.nodes.dressing.inbox import Delivery, InboxParams
from elbowroom.nodes.dressing.tracker import Tracker
from elbowroom.nodes.endpoints.senses import Senses
from elbowroom.nodes.endpoints.tapping import FeatureFeed
from elbowroom.nodes.messages import convert, markers


@dataclass(frozen=True)
class EstimatorNodeParams(EstimatorParams):
    """Which estimator runs, what it promises, and how often it speaks when it hears nothing."""

    void_period: float = param(
        0.1, "Period of VOID boxes while the input is lost.", unit="s", low=0.01, high=1.0
    )
    marker_rate: float = param(20.0, "Rate of the drawn box.", unit="Hz", low=0.1, high=240.0)


class EstimatorNode(Adapter):
    """wrench, gripper_pose, shoulder, sleeve_progress, ... -> elbow_box."""

    spec = graph.ESTIMATOR
    groups: ClassVar = {"": EstimatorNodeParams, "frames": FrameParams, "inbox": InboxParams} | {
        "guard": GuardSettings,
        "prior": PriorSettings,
        "features": TapParams,
        "joints": JointParams,
    }
    load = staticmethod(build_estimator)

    def build(self) -> None:
        """Load the estimator and subscribe."""
        params = self.parameters.read("", EstimatorNodeParams)
        self._frames = self.parameters.read("frames", FrameParams)
        prior = KinematicPrior(self.parameters.read("prior", PriorSettings))
        guard = Guard(self.parameters.read("guard", GuardSettings))
        estimator = self.load(params, prior, guard)
        tap = make_tap(estimator, self.parameters.read("features", TapParams))
        self._tracker = Tracker(estimator, prior, tap, guard)
        self._tracker.warm_up()
        self._boxes = self.advertise("elbow_box")
        self._markers = self.advertise("elbow_markers")
        self._feed = FeatureFeed(self, tap)
        inbox = self.parameters.read("inbox", InboxParams)
        order = self.parameters.read("joints", JointParams).order
        self._senses = Senses(self, self._frames, inbox, self._tracker, self._on_delivery, order)
        self._drawn = Throttle(params.marker_rate)
        self._watch = ClockWatch(self.now, set_back=self.on_set_back)
        self.every(params.void_period, self._look_out, steady=True)

    def begin(self) -> None:
        """Forget what was measured."""
        self._senses.reset()
        self._tracker.reset()

    def on_clock_jump(self, text: str) -> None:
        """Start over: stamps from before the jump mean nothing any more."""
        self.begin()
        self._say(self._tracker.void(self.now(), text), self.get_clock().now().to_msg())

    def look(self) -> Health:
        """Worst of the input and of the newest box."""
        newest = self._tracker.newest
        fault = self._watch.fault or self._senses.inbox.silence(self.now())
        values = {
            "status": newest.status.name if newest else "no box",
            **self._tracker.timing,
            **self._senses.facts,
        }
        if fault or newest is None or newest.status is Status.VOID:
            reason = self._tracker.unknown or fault or (newest.reason if newest else "no box")
            return Health(Level.ERROR, reason, values)
        level = Level.WARN if newest.status is Status.PRIOR else Level.OK
        return Health(level, newest.reason, values)

    def _on_delivery(self, delivery: Delivery[Time]) -> None:
        fault = delivery.fault or self._senses.void_reason
        self._say(self._tracker.step(delivery.sample, fault), delivery.token)
        self._feed.tell(self._tracker.reading, delivery.token)

    def _look_out(self) -> None:
        fault = self._watch.look() or self._senses.inbox.silence(self.now())
        if fault:
            self._say(self._tracker.void(self.now(), fault), self.get_clock().now().to_msg())

    def _say(self, estimate: Estimate | None, stamp: Time) -> None:
        if estimate is None:
            return
        head = convert.header(stamp, self._frames.world)
        self._boxes.publish(convert.box_message(head, estimate, self.now()))
        if self._drawn.is_due(estimate.stamp):
            self._markers.publish(markers.box_markers(head, estimate))


def main(args: Sequence[str] | None = None) -> int:
    """Run the node as a process."""
    return run(EstimatorNode, args)
