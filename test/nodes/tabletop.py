"""A real simulated table that a test moves on by hand and publishes for a node."""

from __future__ import annotations

from typing import Any

import numpy as np
from geometry_msgs.msg import TwistStamped

from elbowroom.core import Command
from elbowroom.grasping.environments.env import GraspEnv
from elbowroom.msg import GraspState
from elbowroom.nodes.endpoints.table_stage import list_objects
from elbowroom.nodes.grasp_node import GraspNode
from elbowroom.nodes.messages import convert, convert_scene
from elbowroom.nodes.simulation.description import FINGERS
from elbowroom.srv import GraspObject
from nodes.harness import Bench

HEARD = ("gripper_command", "gripper_opening", "grasp_state", "features", "/diagnostics")
"""Topics on which the grasping node speaks."""
TICK = 1 / 60
TICKS = 5
"""Ticks in a step of a policy."""


class Tabletop:
    """Objects, gripper pose and joints on the bench's topics; obeys what it hears there."""

    def __init__(self, bench: Bench, task: str = "instance", seed: int = 1) -> None:
        self.bench = bench
        self.env = GraspEnv(task)
        self.env.reset(seed=seed)
        self.scene = self.env.scene
        self.hidden: set[str] = set()
        self.shown = list_objects(self.scene)

    def close(self) -> None:
        self.env.close()

    def show(self, stamp: float | None = None, *, frame: str = "world") -> float:
        """Publish everything at a stamp, the present one by default."""
        bench = self.bench
        head = convert.header(bench.stamp(stamp), frame)
        self.shown = {n: o for n, o in list_objects(self.scene).items() if n not in self.hidden}
        names, angles = self.scene.robot_joints()
        joints = np.append(angles, self.scene.hand.fingers)
        pose = convert.pose_message(convert.header(head.stamp, "world"), self.scene.gripper)
        bench.publish("gripper_pose", pose)
        bench.publish("joint_states", convert.joint_message(head, names + FINGERS, joints))
        bench.publish("objects", convert_scene.objects_message(head, self.shown.values()))
        return convert.seconds(head.stamp)

    def show_image(self, image: Any) -> None:
        """Publish pose, joints and a picture at the present stamp."""
        self.show()
        head = convert.header(self.bench.stamp(), "camera")
        self.bench.publish("image", convert_scene.image_message(head, image))

    def step(self, node: Any, *, image: bool = False) -> Any:
        """Show, wait for the decision about it, obey it for one step; the grasp_state."""
        bench, stamp = self.bench, self.bench.stamp()
        bench.heard["gripper_command"].clear()
        if image:
            self.show_image(self.scene.picture())
        else:
            self.show()
        states = bench.heard["grasp_state"]
        bench.spin_until(lambda: bool(states) and states[-1].header.stamp == stamp)
        commands = bench.heard["gripper_command"]
        bench.spin_until(lambda: bool(commands) and commands[-1].header.stamp == stamp)
        twist = commands[-1].twist
        v = np.array([twist.linear.x, twist.linear.y, twist.linear.z])
        command = Command(v, np.array([0.0, 0.0, twist.angular.z]))
        shut = node._grasper.move.opening < 0.04
        for _ in range(TICKS):
            self.scene.advance(command, shut)
        bench.tick(TICKS * TICK)
        return states[-1]


def ask(node: Any, name: str, horizon: int = -1) -> Any:
    """Call the service's function, as the executor would."""
    request = GraspObject.Request(object=name, horizon=horizon)
    return node._on_grasp(request, GraspObject.Response())


def run(table: Tabletop, node: GraspNode, steps: int) -> list[GraspState]:
    """What the node says of each of so many steps."""
    return [table.step(node) for _ in range(steps)]


def name_object(table: Tabletop) -> str:
    """The name of one of the objects shown."""
    return min(table.shown)


def start(bench: Bench, **values: Any) -> GraspNode:
    """A node that does not mind how long a slow machine takes between two moves of the clock."""
    node = bench.start(GraspNode, **values)
    node._watch._patience = 60.0
    return node


def see(bench: Bench, node: GraspNode, table: Tabletop) -> None:
    """Have the node see the table, once more than before."""
    bench.tick(0.05)
    stamp = table.show()
    gallery = node._eyes.gallery
    bench.spin_until(lambda: gallery.newest is not None and gallery.newest.stamp == stamp)


def is_still(message: TwistStamped) -> bool:
    v, w = message.twist.linear, message.twist.angular
    return (v.x, v.y, v.z, w.x, w.y, w.z) == (0.0,) * 6


def wait_for_reason(bench: Bench, text: str) -> GraspState:
    states = bench.heard["grasp_state"]
    bench.spin_until(lambda: any(text in s.reason for s in states))
    found = [s for s in states if text in s.reason][-1]
    bench.spin(0.01)
    return found
