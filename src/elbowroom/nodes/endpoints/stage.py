"""Everything the sim node publishes of its scene."""

from __future__ import annotations

from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String

from elbowroom.core import Sample
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.rate import Throttle
from elbowroom.nodes.endpoints.simulator import Post
from elbowroom.nodes.messages import convert, convert_optional, markers
from elbowroom.nodes.simulation.description import FINGERS, describe_robot, find_base
from elbowroom.nodes.simulation.dressing import SimNodeParams
from elbowroom.sim.cloth.sleeve import triangles
from elbowroom.sim.person.limb import hand_radius

_GRIP = (0.002, 0.002)
_CAMERA = {"shoulder": "shoulder", "sighting": "elbow_sighting", "wrist": "wrist"}


class Stage:
    """Publishes samples, truth and pictures.

    Args:
        node: the node that speaks.
        frames: names of the frames.
        params: rates, and whether /clock is published.
    """

    def __init__(self, node: Adapter, frames: FrameParams, params: SimNodeParams) -> None:
        self._frames, self._params = frames, params
        self._out = {t: node.advertise(t) for t in node.spec.publishes if t != "/diagnostics"}
        self._faces = triangles()
        self.open()

    def open(self) -> None:
        """Time starts anew: draw at once."""
        self._drawn = Throttle(self._params.marker_rate)
        self._moved = Throttle(self._params.joint_rate)
        self._ticked = Throttle(self._params.clock_rate)

    def introduce(self, scene: Any, stamp: Time) -> None:
        """Publish what stays: the person's lengths and the robot."""
        head = convert.header(stamp, self._frames.world)
        self._out["arm_measurement"].publish(convert.arm_message(head, scene.arm))
        base, yaw = find_base(scene.robot_joints()[1], scene.observe().gripper)
        urdf = describe_robot(base, yaw, self._frames.world, self._frames.gripper)
        self._out["robot_description"].publish(String(data=urdf))

    def show(self, scene: Any, stamp: Time) -> None:
        """Publish truth, pictures and joints of a tick; nothing that a box must wait for."""
        seconds = convert.seconds(stamp)
        head = convert.header(stamp, self._frames.world)
        truth = scene.truth()
        self._out["truth/elbow"].publish(convert.point_message(head, truth.elbow))
        self._out["truth/sleeve"].publish(convert.sleeve_message(head, truth))
        effort = scene.observe().effort
        if self._moved.is_due(seconds) or effort is not None:
            names, angles = scene.robot_joints()
            felt = None if effort is None else np.append(effort, np.zeros(len(_GRIP)))
            joints = convert.joint_message(head, names + FINGERS, np.append(angles, _GRIP), felt)
            self._out["joint_states"].publish(joints)
        if self._drawn.is_due(seconds):
            self._draw(head, scene)

    def prepare(self, sample: Sample, stamp: Time) -> list[Post]:
        """What is measured in a tick, ready to be sent, the clock first and the wrench last."""
        head = convert.header(stamp, self._frames.world)
        own = convert.header(stamp, self._frames.gripper)
        assert sample.gripper is not None, "the scene always knows its gripper"
        assert sample.wrench is not None, "the scene always has a wrench"
        wrench = convert.wrench_in_gripper(sample.wrench, sample.gripper)
        seen = ((topic, getattr(sample, name)) for name, topic in _CAMERA.items())
        messages = {t: convert.point_message(head, p) for t, p in seen if p is not None}
        if sample.progress is not None:
            messages["sleeve_progress"] = convert_optional.progress_message(head, sample.progress)
        messages["gripper_pose"] = convert.pose_message(head, sample.gripper)
        messages["wrench"] = convert.wrench_message(own, wrench)
        posts = [(self._out[topic], message) for topic, message in messages.items()]
        if self._params.publish_clock and self._ticked.is_due(convert.seconds(stamp)):
            posts.insert(0, (self._out["/clock"], Clock(clock=stamp)))
        return posts

    def _draw(self, head: Any, scene: Any) -> None:
        p = scene.person
        radii = (p.upper_arm_radius, p.elbow_radius, p.wrist_radius, hand_radius(p))
        arm = markers.arm_markers(head, scene.arm_points(), radii)
        self._out["arm_markers"].publish(arm)
        sleeve = markers.sleeve_markers(head, scene.sleeve_nodes(), self._faces)
        self._out["sleeve_markers"].publish(sleeve)
