"""The measured topics of the graph, gathered into samples for a node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from builtin_interfaces.msg import Time
from geometry_msgs.msg import PointStamped, PoseStamped, WrenchStamped
from sensor_msgs.msg import JointState

from elbowroom.core import ArmMeasurement, InputError
from elbowroom.core.types import Array
from elbowroom.monitoring.watching.verdict import Level
from elbowroom.msg import ArmMeasurement as ArmMeasurementMsg
from elbowroom.msg import InputHealth
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.latch import HealthLatch
from elbowroom.nodes.dressing.inbox import Delivery, Inbox, InboxParams
from elbowroom.nodes.messages import convert, convert_monitor, convert_optional

_POINTS = {"shoulder": "shoulder", "elbow_sighting": "sighting", "wrist": "wrist"}


class Subject(Protocol):
    """What is kept running for one person at a time."""

    def meet(self, arm: ArmMeasurement) -> None:
        """A dressing begins, of a person with these lengths."""

    def forget(self, reason: str) -> None:
        """A dressing begins, of a person whose lengths are not known, and why."""


class Senses:
    """Subscribes to what is measured and hands on one delivery for every wrench.

    A message in the wrong frame or with a number that is not finite is refused, counted and
    named. A refused wrench still makes a delivery, without the wrench and with its fault. A
    refused arm measurement still begins a dressing: the lengths of the person before must not
    stay in force.

    Args:
        node: the node that listens.
        frames: names of the frames.
        params: when a measurement is late or lost.
        subject: told of a person's lengths whenever they come: a new dressing begins.
        deliver: called with every delivery, its token is the wrench's stamp as received.
        joints: names of the robot's joints whose effort is read, base first; none for a node that
            has no use for effort and the cuff's way.

    Attributes:
        inbox: what merges the sources.
        health: what the monitor says of the inputs.
    """

    def __init__(
        self,
        node: Adapter,
        frames: FrameParams,
        params: InboxParams,
        subject: Subject,
        deliver: Callable[[Delivery[Time]], None],
        joints: Sequence[str] = (),
    ) -> None:
        self._node, self._frames, self._joints = node, frames, tuple(joints)
        self._subject, self._deliver = subject, deliver
        self.inbox: Inbox[Time] = Inbox(params)
        self.health = HealthLatch(params.health_timeout)
        # Topics are taken in this order when several are ready, so the wrench comes last.
        node.listen("input_health", self._on_health)
        node.listen("arm_measurement", self._on_arm)
        for topic, name in _POINTS.items():
            node.listen(topic, self._listener(name, self._read_point))
        if self._joints:
            node.listen(
                "sleeve_progress", self._listener("progress", convert_optional.read_progress)
            )
            node.listen("joint_states", self._listener("effort", self._read_effort))
        node.listen("gripper_pose", self._on_pose)
        node.listen("wrench", self._on_wrench)

    @property
    def void_reason(self) -> str:
        """Why the monitor voids the guarantee, or empty."""
        level, reason = self.health.judge()
        return f"the inputs have changed: {reason}" if level is Level.ERROR else ""

    @property
    def facts(self) -> dict[str, Any]:
        """What the monitor says, and what was refused and why, for diagnostics."""
        level, reason = self.health.judge()
        said = f"{level.name}: {reason}" if reason else level.name
        return {"monitor": said, **self.inbox.refusals}

    def reset(self) -> None:
        """Forget every measurement; an alarm of the monitor stays."""
        self.inbox.reset()
        self.health.rewind()

    def _on_health(self, message: InputHealth) -> None:
        try:
            level = convert_monitor.read_level(message)
        except InputError as error:
            return self._refuse("input_health", error)
        return self.health.hear(level, message.reason, convert.seconds(message.header.stamp))

    def _on_arm(self, message: ArmMeasurementMsg) -> None:
        try:
            arm = convert.read_arm(message)
        except InputError as error:
            self._subject.forget(f"the arm measurement was refused: {error}")
            return self._refuse("arm_measurement", error)
        self._node.get_logger().info(
            f"a dressing begins: upper arm {arm.upper_arm:.3f} m, forearm {arm.forearm:.3f} m"
        )
        self.health.begin(self._node.now())
        return self._subject.meet(arm)

    def _listener(self, name: str, read: Callable[[Any], Any]) -> Callable[[Any], None]:
        def receive(message: Any) -> None:
            try:
                value = read(message)
            except InputError as error:
                return self._refuse(name, error)
            stamp = convert.seconds(message.header.stamp)
            if value is not None:
                self.inbox.put_seen(name, stamp, value, self._node.now())
            return None

        return receive

    def _read_point(self, message: PointStamped) -> Array:
        return convert.read_point(message, self._frames.world)

    def _read_effort(self, message: JointState) -> Array | None:
        return convert_optional.read_effort(message, self._joints)

    def _on_pose(self, message: PoseStamped) -> None:
        try:
            pose = convert.read_pose(message, self._frames.world)
        except InputError as error:
            return self._refuse("gripper", error)
        self.inbox.put_pose(convert.seconds(message.header.stamp), pose, self._node.now())
        return self._hand_on()

    def _on_wrench(self, message: WrenchStamped) -> None:
        stamp = message.header.stamp
        wrench, in_gripper, fault = self._read_wrench(message)
        self.inbox.put_wrench(
            convert.seconds(stamp),
            wrench,
            self._node.now(),
            stamp,
            in_gripper=in_gripper,
            fault=fault,
        )
        self._hand_on()

    def _read_wrench(self, message: WrenchStamped) -> tuple[Any, bool, str]:
        try:
            in_gripper = self._frames.is_gripper(message.header.frame_id)
            return convert.read_wrench(message), in_gripper, ""
        except InputError as error:
            return None, False, str(error)

    def _hand_on(self) -> None:
        if self._node.active:
            for delivery in self.inbox.take():
                self._deliver(delivery)

    def _refuse(self, source: str, error: InputError) -> None:
        self.inbox.refuse(source, str(error))
        self._node.get_logger().warning(
            f"{source} left out: {error}", throttle_duration_sec=5.0, skip_first=False
        )
