"""Runs nodes in this process, on a ROS domain that nobody else uses, under a clock of our own."""

from __future__ import annotations

import gc
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import rclpy
from builtin_interfaces.msg import Time
from rclpy.context import Context
from rclpy.node import Node
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock

from elbowroom.core import ArmMeasurement, Box, Estimate, Pose, Sample, Status, Wrench
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.executor import LeanExecutor
from elbowroom.nodes.base.qos import interface, profile
from elbowroom.nodes.graph import TOPICS
from elbowroom.nodes.messages import convert

PERIOD = 1 / 240
ARM = ArmMeasurement(0.30, 0.26)
SHOULDER = np.array([0.0, 0.0, 1.0])
ELBOW = np.array([0.30, 0.0, 1.0])
GRIPPER = np.array([0.50, 0.10, 1.0])
# A quarter turn about z: the gripper's x is the world's y.
TURN = np.array([0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)])


class HoldEstimator:
    """The elbow is where it was last seen, give or take 5 cm."""

    name = "hold"

    def start(self, arm: ArmMeasurement) -> list[Sample]:
        return []

    def step(self, state: list[Sample], sample: Sample) -> tuple[list[Sample], Estimate]:
        box = Box(ELBOW, np.full(3, 0.1))
        return [*state, sample], Estimate(
            sample.stamp, box, Status.GUARANTEED, ELBOW, delta=0.05, people=100, rule="split"
        )


@contextmanager
def claim_domain() -> Iterator[int]:
    """A ROS domain that no other test on this machine holds, by way of a port."""
    for domain in range(1, 101):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as lock:
            try:
                lock.bind(("127.0.0.1", 47100 + domain))
            except OSError:
                continue
            yield domain
            return
    raise RuntimeError("every ROS domain is in use")


class Bench:
    """A domain with the node under test and a probe that plays the rest of the graph."""

    def __init__(self, domain: int) -> None:
        self.context = Context()
        rclpy.init(context=self.context, domain_id=domain)
        self.executor = LeanExecutor(context=self.context)
        self.probe = self.add(Node("probe", context=self.context))
        self.heard: dict[str, list[Any]] = {}
        self.time = 100.0
        self._nodes: list[Node] = [self.probe]
        self._publishers: dict[str, Any] = {}

    def close(self) -> None:
        for node in self._nodes:
            node.destroy_node()
        self.executor.shutdown()
        rclpy.shutdown(context=self.context)
        # A ROS context leaves its domain when it is collected, and nodes are full of cycles. With
        # too many contexts in a domain, new ones are not discovered any more.
        self._nodes.clear()
        self._publishers.clear()
        del self.probe, self.executor, self.context
        gc.collect()

    def add(self, node: Any) -> Any:
        self.executor.add_node(node)
        return node

    def start(self, kind: type[Adapter], *, active: bool = True, **values: Any) -> Any:
        """Make a node under the bench's clock and bring it up."""
        values = {"use_sim_time": True} | values
        overrides = [Parameter(k.replace("__", "."), value=v) for k, v in values.items()]
        node = kind(context=self.context, parameter_overrides=overrides)
        self._nodes.append(node)
        self.add(node)
        if values["use_sim_time"]:
            self.set_time(self.time, node)
        if active:
            assert node.trigger_configure().name == "SUCCESS"
            assert node.trigger_activate().name == "SUCCESS"
            self.connect(node)
        return node

    def listen(self, *topics: str) -> None:
        for topic in topics:
            heard = self.heard.setdefault(topic, [])
            kind = interface(TOPICS[topic].type)
            self.probe.create_subscription(kind, topic, heard.append, profile(topic, hearing=True))

    def connect(self, node: Adapter) -> None:
        """Wait until the probe's endpoints and the node's have found each other."""
        for topic in node.spec.subscribes:
            self._publisher(topic)
        for topic in node.spec.subscribes:
            self.spin_until(lambda t=topic: self._publisher(t).get_subscription_count() > 0)
        for topic in set(self.heard) & set(node.spec.publishes):
            self.spin_until(lambda t=topic: self.probe.count_publishers(t) > 0)

    def publish(self, topic: str, message: Any) -> None:
        self._publisher(topic).publish(message)

    def set_time(self, seconds: float, *nodes: Adapter) -> None:
        """Move the clock and wait until every node has seen it."""
        self.time = seconds
        stamp = convert.time_message(seconds)
        clocked = nodes or tuple(n for n in self._nodes if isinstance(n, Adapter))

        def seen() -> bool:
            self.publish("/clock", Clock(clock=stamp))
            return all(abs(n.now() - seconds) < 1e-6 for n in clocked)

        self.spin_until(seen)

    def spin_until(self, done: Callable[[], bool], timeout: float = 10.0) -> None:
        end = time.monotonic() + timeout
        while not done():
            assert time.monotonic() < end, "waited in vain"
            self.executor.spin_once(timeout_sec=0.01)

    def spin(self, seconds: float) -> None:
        """Spin for a while, where the point is that nothing happens."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.005)

    def wait(self, topic: str, count: int = 1) -> list[Any]:
        """What was heard on a topic once at least `count` messages came; forgets it."""
        self.spin_until(lambda: len(self.heard[topic]) >= count)
        heard = list(self.heard[topic])
        self.heard[topic].clear()
        return heard

    def _publisher(self, topic: str) -> Any:
        if topic not in self._publishers:
            kind = interface(TOPICS[topic].type)
            self._publishers[topic] = self.probe.create_publisher(kind, topic, profile(topic))
        return self._publishers[topic]

    # What the sensors say.

    def stamp(self, seconds: float | None = None) -> Time:
        return convert.time_message(self.time if seconds is None else seconds)

    def send_arm(self, **changes: float) -> None:
        head = convert.header(self.stamp(), "world")
        message = convert.arm_message(head, ARM)
        for name, value in changes.items():
            setattr(message, name, value)
        self.publish("arm_measurement", message)

    def send_shoulder(self, stamp: float | None = None) -> None:
        head = convert.header(self.stamp(stamp), "world")
        self.publish("shoulder", convert.point_message(head, SHOULDER))

    def send_pose(self, stamp: float | None = None, frame: str = "world") -> None:
        head = convert.header(self.stamp(stamp), frame)
        self.publish("gripper_pose", convert.pose_message(head, Pose(GRIPPER, TURN)))

    def send_wrench(
        self,
        stamp: float | None = None,
        force: tuple[float, float, float] = (1.0, 2.0, 3.0),
        frame: str = "gripper",
    ) -> None:
        head = convert.header(self.stamp(stamp), frame)
        wrench = Wrench(np.array(force), np.zeros(3))
        self.publish("wrench", convert.wrench_message(head, wrench))

    def send_all(self, **wrench: Any) -> None:
        """Everything, at the present stamp."""
        self.send_shoulder()
        self.send_pose()
        self.send_wrench(**wrench)

    def tick(self, seconds: float = PERIOD) -> None:
        self.set_time(self.time + seconds)
