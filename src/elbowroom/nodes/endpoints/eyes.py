"""The topics of the table scene, gathered into views for the grasping node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import Image, JointState

from elbowroom.core import InputError, Params, param
from elbowroom.monitoring.watching.verdict import Level
from elbowroom.msg import InputHealth, SceneObjects
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.latch import HealthLatch
from elbowroom.nodes.grasping.gallery import Gallery, GalleryParams
from elbowroom.nodes.grasping.observer import Observer
from elbowroom.nodes.grasping.view import View
from elbowroom.nodes.messages import convert, convert_monitor, convert_scene


@dataclass(frozen=True)
class HandParams(Params):
    """Names of the fixed frame and of the finger joints."""

    world: str = param("world", "fixed frame, z up, in which everything is said")
    left: str = param("panda_finger_joint1", "joint of one finger; its position is in metres")
    right: str = param("panda_finger_joint2", "joint of the other finger")


class Eyes:
    """Subscribes to what is seen and hands on one view for every list of objects or image.

    A message in the wrong frame, with a number that is not finite or otherwise unusable is
    refused, counted and named.

    Args:
        node: the node that listens.
        hand: names of frame and finger joints.
        params: when an input is late or lost.
        observer: says what views are made of.
        deliver: called with every view.

    Attributes:
        gallery: what merges the sources.
        health: what the monitor says of the inputs; its silence is no fault, for none need run.
    """

    def __init__(
        self,
        node: Adapter,
        hand: HandParams,
        params: GalleryParams,
        observer: Observer,
        deliver: Callable[[View], None],
    ) -> None:
        self._node, self._hand, self._deliver = node, hand, deliver
        self.gallery = Gallery(params, observer.main, observer.also)
        self.health = HealthLatch(timeout=0.0)
        # Topics are taken in this order when several are ready, so what a view is made of is last.
        node.listen("input_health", self._on_health)
        node.listen("gripper_pose", self._on_pose)
        node.listen("joint_states", self._on_joints)
        node.listen("objects", self._on_objects)
        node.listen("image", self._on_image)

    @property
    def alarm(self) -> str:
        """Why the monitor wants the gripper to stand still, or empty."""
        level, reason = self.health.judge()
        return f"the inputs have changed: {reason}" if level is Level.ERROR else ""

    def _on_health(self, message: InputHealth) -> None:
        try:
            level = convert_monitor.read_level(message)
        except InputError as error:
            return self._refuse("input_health", error)
        return self.health.hear(level, message.reason, convert.seconds(message.header.stamp))

    def _on_pose(self, message: PoseStamped) -> None:
        self._put("gripper", message, lambda m: convert.read_pose(m, self._hand.world))

    def _on_joints(self, message: JointState) -> None:
        names = (self._hand.left, self._hand.right)
        self._put("fingers", message, lambda m: convert_scene.read_fingers(m, names))

    def _on_objects(self, message: SceneObjects) -> None:
        self._put("objects", message, lambda m: convert_scene.read_objects(m, self._hand.world))

    def _on_image(self, message: Image) -> None:
        self._put("image", message, convert_scene.read_image)

    def _put(self, source: str, message: Any, read: Callable[[Any], Any]) -> None:
        if source not in self.gallery.sources:
            return None
        try:
            value = read(message)
        except InputError as error:
            return self._refuse(source, error)
        stamp, now = message.header.stamp, self._node.now()
        if value is not None:
            view = self.gallery.put(source, convert.seconds(stamp), value, now, stamp)
            if view is not None:
                self._deliver(view)
        return None

    def _refuse(self, source: str, error: InputError) -> None:
        self.gallery.refuse(source, str(error))
        self._node.get_logger().warning(
            f"{source} left out: {error}", throttle_duration_sec=5.0, skip_first=False
        )
