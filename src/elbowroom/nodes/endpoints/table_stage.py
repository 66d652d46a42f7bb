"""Everything the grasp_sim node publishes of its table."""

from __future__ import annotations

from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String

from elbowroom.core import Pose
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.rate import Throttle
from elbowroom.nodes.endpoints.simulator import Post
from elbowroom.nodes.grasping.view import Seen
from elbowroom.nodes.messages import convert, convert_scene, markers
from elbowroom.nodes.simulation.description import FINGERS, describe_robot
from elbowroom.nodes.simulation.table import GraspSimNodeParams
from elbowroom.sim.cloth.sleeve import triangles
from elbowroom.sim.grasping.cuff import CuffScene
from elbowroom.sim.grasping.items import COLOURS


class TableStage:
    """Publishes what is measured of a table, and pictures of it.

    Args:
        node: the node that speaks.
        frames: names of the frames.
        params: rates, and whether /clock is published.
    """

    def __init__(self, node: Adapter, frames: FrameParams, params: GraspSimNodeParams) -> None:
        self._frames, self._params = frames, params
        self._out = {t: node.advertise(t) for t in node.spec.publishes if t != "/diagnostics"}
        self.open()

    def open(self) -> None:
        """Time starts anew: show everything at once."""
        p = self._params
        self._listed, self._drawn = Throttle(p.objects_rate), Throttle(p.marker_rate)
        self._seen = Throttle(p.image_rate) if p.image_rate > 0 else None

    def introduce(self) -> None:
        """Publish the robot, which stands at the origin."""
        urdf = describe_robot(np.zeros(3), 0.0, self._frames.world, self._frames.gripper)
        self._out["robot_description"].publish(String(data=urdf))

    def prepare(self, scene: Any, stamp: Time) -> list[Post]:
        """What is measured in a tick, ready to be sent, the clock first and what is seen last."""
        seconds = convert.seconds(stamp)
        head = convert.header(stamp, self._frames.world)
        names, angles = scene.robot_joints()
        joints = np.append(angles, scene.hand.fingers)
        seen = list_objects(scene)
        messages: dict[str, Any] = {"/clock": Clock(clock=stamp)}
        if not self._params.publish_clock:
            messages.clear()
        messages["gripper_pose"] = convert.pose_message(head, scene.gripper)
        messages["joint_states"] = convert.joint_message(head, names + FINGERS, joints)
        if self._listed.is_due(seconds):
            messages["objects"] = convert_scene.objects_message(head, seen.values())
        # The camera draws solids only: a picture of a sleeve would be one of an empty table.
        eye = None if isinstance(scene, CuffScene) else self._seen
        if eye is not None and eye.is_due(seconds):
            image = scene.picture(self._params.image_size)
            own = convert.header(stamp, self._params.camera)
            messages["image"] = convert_scene.image_message(own, image)
        if self._drawn.is_due(seconds):
            messages["scene_markers"] = self._draw(head, scene, seen)
        return [(self._out[topic], message) for topic, message in messages.items()]

    def _draw(self, head: Any, scene: Any, seen: dict[str, Seen]) -> Any:
        colours = {o.item.name: COLOURS[o.item.colour] for o in scene.objects()}
        drawn = markers.scene_markers(head, seen.values(), colours)
        if isinstance(scene, CuffScene):
            cloth = markers.sleeve_markers(head, scene.cloth_nodes(), triangles())
            drawn.markers.extend(cloth.markers)
        return drawn


def list_objects(scene: Any) -> dict[str, Seen]:
    """What a camera would say of the objects of a scene, by name."""
    return {
        o.item.name: Seen(
            o.item.name, o.item.shape, Pose(o.position, o.orientation), 2 * o.item.half
        )
        for o in scene.objects()
    }
