"""The sim node, in process, with the real simulator."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from elbowroom.core import Command, ParameterError
from elbowroom.nodes.dressing.inbox import Inbox, InboxParams
from elbowroom.nodes.messages import convert, convert_optional
from elbowroom.nodes.sim_node import SimNode
from nodes.harness import Bench, claim_domain

FAST: dict[str, Any] = {
    "start_delay": 0.0,
    "use_sim_time": False,
    "cast__progress": "always",
    "cast__effort": "always",
}


class Hand:
    """Steady time, moved by hand, so that a test decides when a tick is due."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def advance(bench: Bench, ticks: int) -> None:
    """Let simulated time run for some ticks and hear all of each."""
    node = find_node(bench)
    hand = node._pacer._steady
    for _ in range(ticks):
        heard = len(bench.heard["wrench"])
        hand.time += node._pacer.period
        bench.spin_until(lambda n=heard: len(bench.heard["wrench"]) == n + 1)
        stamp = bench.heard["wrench"][-1].header.stamp
        for topic in ("gripper_pose", "truth/elbow", "truth/sleeve"):
            bench.spin_until(lambda t=topic, s=stamp: bench.heard[t][-1].header.stamp == s)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One scene for the whole module: drawing it takes longest."""
    with claim_domain() as domain:
        bench = Bench(domain)
        bench.listen(*(t for t in SimNode.spec.publishes))
        node = bench.start(SimNode, active=False, **FAST)
        assert node.trigger_configure().name == "SUCCESS"
        node._pacer._steady, node._pacer._sleep = Hand(), lambda _: None
        bench.connect(node)
        assert node.trigger_activate().name == "SUCCESS"
        bench.spin_until(lambda: bool(bench.heard["wrench"]))
        advance(bench, 60)
        yield bench
        bench.close()


def find_node(bench: Bench) -> SimNode:
    return next(n for n in bench._nodes if isinstance(n, SimNode))


def collect_stamps(bench: Bench, topic: str) -> list[float]:
    return [convert.seconds(m.header.stamp) for m in bench.heard[topic]]


def test_every_topic_of_the_graph_is_published(bench: Bench) -> None:
    bench.spin_until(lambda: bool(bench.heard["/diagnostics"]))
    late = {"wrist"}  # the hand is inside the sleeve at first
    assert {t for t, heard in bench.heard.items() if not heard} <= late


def test_stamps_are_those_of_the_clock_one_period_apart(bench: Bench) -> None:
    clock = [convert.seconds(m.clock) for m in bench.heard["/clock"]]
    wrench = collect_stamps(bench, "wrench")
    assert set(clock) <= set(wrench)
    assert len(clock) >= 30
    np.testing.assert_allclose(np.diff(wrench), 1 / 240, atol=1e-8)
    assert wrench == collect_stamps(bench, "gripper_pose")[: len(wrench)]


def test_the_first_sample_is_that_of_the_start(bench: Bench) -> None:
    """The cameras' first image is in it; without it the elbow is first seen eight ticks later."""
    first = bench.heard["wrench"][0].header.stamp
    assert bench.heard["shoulder"][0].header.stamp == first
    assert bench.heard["elbow_sighting"][0].header.stamp == first


def test_the_inbox_restores_the_samples_of_the_scene(bench: Bench) -> None:
    inbox: Inbox[None] = Inbox(InboxParams())
    poses = {m.header.stamp.nanosec: m for m in bench.heard["gripper_pose"]}
    message = bench.heard["wrench"][40]
    stamp = convert.seconds(message.header.stamp)
    pose = convert.read_pose(poses[message.header.stamp.nanosec], "world")
    inbox.put_pose(stamp, pose, stamp)
    inbox.put_wrench(stamp, convert.read_wrench(message), stamp, None, in_gripper=True)
    (delivery,) = inbox.take()
    assert delivery.fault == ""
    assert message.header.frame_id == "gripper"
    back = convert.wrench_in_gripper(delivery.sample.wrench, pose)
    np.testing.assert_allclose(back.force, convert.read_wrench(message).force, atol=1e-12)


def test_optional_inputs_are_told_at_their_own_rates(bench: Bench) -> None:
    wrench = collect_stamps(bench, "wrench")
    way = collect_stamps(bench, "sleeve_progress")
    assert set(way) <= set(wrench)
    np.testing.assert_allclose(np.diff(way), 1 / 30, atol=1e-8)
    assert all(abs(m.progress) < 0.3 for m in bench.heard["sleeve_progress"])
    felt = [m for m in bench.heard["joint_states"] if m.effort]
    assert len(felt) >= 0.8 * len(wrench) / 4
    names = tuple(f"panda_joint{k}" for k in range(1, 8))
    effort = np.array([convert_optional.read_effort(m, names) for m in felt])
    assert 0.01 < np.abs(effort).max() < 20.0


def test_the_robots_description_puts_the_fingers_where_the_gripper_is(bench: Bench) -> None:
    import pybullet

    text = bench.heard["robot_description"][0].data
    assert '<link name="world"/>' in text
    assert "package://" not in text
    joints = bench.heard["joint_states"][-1]
    stamp = joints.header.stamp
    pose = next(m for m in bench.heard["gripper_pose"] if m.header.stamp == stamp)
    found = pose_by_urdf(pybullet, text, dict(zip(joints.name, joints.position, strict=True)))
    p = pose.pose.position
    np.testing.assert_allclose(found, [p.x, p.y, p.z], atol=2e-3)


def pose_by_urdf(pybullet: Any, text: str, angles: dict[str, float]) -> Any:
    import tempfile
    from pathlib import Path

    client = pybullet.connect(pybullet.DIRECT)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "robot.urdf"
        path.write_text(text.replace("file://", ""))
        flags = pybullet.URDF_IGNORE_VISUAL_SHAPES | pybullet.URDF_IGNORE_COLLISION_SHAPES
        body = pybullet.loadURDF(str(path), useFixedBase=True, flags=flags, physicsClientId=client)
    names = {}
    for k in range(pybullet.getNumJoints(body, physicsClientId=client)):
        info = pybullet.getJointInfo(body, k, physicsClientId=client)
        names[info[12].decode()] = k
        if info[1].decode() in angles:
            pybullet.resetJointState(body, k, angles[info[1].decode()], physicsClientId=client)
    found = pybullet.getLinkState(body, names["gripper"], 0, 1, physicsClientId=client)[4]
    pybullet.disconnect(client)
    return found


def test_the_gripper_follows_fresh_commands_and_stops_for_old_ones(bench: Bench) -> None:
    node = find_node(bench)
    before = len(bench.heard["gripper_pose"])
    for _ in range(60):
        head = convert.header(bench.heard["wrench"][-1].header.stamp, "world")
        command = Command(np.array([0.0, 0.0, 0.05]))
        bench.publish("gripper_command", convert.command_message(head, command))
        stamp = convert.seconds(head.stamp)
        bench.spin_until(lambda s=stamp: node._simulation._stamp == s)
        advance(bench, 1)
    z = [m.pose.position.z for m in bench.heard["gripper_pose"]]
    assert z[-1] - z[before] > 0.006
    stale = node._simulation.stale
    advance(bench, 60)
    assert node._simulation.stale - stale in (36, 37)  # 0.1 s are 24 ticks, to a rounding
    z = [m.pose.position.z for m in bench.heard["gripper_pose"]]
    assert abs(z[-1] - z[-10]) < 2e-4


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_command_that_is_not_finite_is_left_out(bench: Bench, bad: float) -> None:
    node = find_node(bench)
    refused = node._refused
    head = convert.header(bench.heard["wrench"][-1].header.stamp, "world")
    bench.publish("gripper_command", convert.command_message(head, Command(np.full(3, bad))))
    bench.spin_until(lambda: node._refused > refused)


def test_time_stands_still_while_paused(bench: Bench) -> None:
    node = find_node(bench)
    assert call(node, "_on_pause", data=True).success
    count = len(bench.heard["wrench"])
    node._pacer._steady.time += 1.0
    bench.spin(0.05)
    assert len(bench.heard["wrench"]) == count
    assert call(node, "_on_pause", data=False).success
    bench.spin_until(lambda: len(bench.heard["wrench"]) > count)
    before, after = collect_stamps(bench, "wrench")[count - 1 : count + 1]
    assert after - before == pytest.approx(1 / 240, abs=1e-8)


def call(node: SimNode, name: str, **fields: Any) -> Any:
    from std_srvs.srv import SetBool

    return getattr(node, name)(SetBool.Request(**fields), SetBool.Response())


def test_a_reset_starts_the_same_dressing_with_time_going_on(bench: Bench) -> None:
    node = find_node(bench)
    people = len(bench.heard["arm_measurement"])
    first = bench.heard["arm_measurement"][0]
    before = convert.seconds(bench.heard["wrench"][-1].header.stamp)
    assert call(node, "_on_reset").success
    bench.spin_until(lambda: len(bench.heard["arm_measurement"]) > people)
    again = bench.heard["arm_measurement"][-1]
    assert (again.upper_arm, again.forearm) == (first.upper_arm, first.forearm)
    count = len(bench.heard["wrench"])
    bench.spin_until(lambda: len(bench.heard["wrench"]) > count)
    assert convert.seconds(bench.heard["wrench"][count].header.stamp) > before
    assert node._simulation.scene.time < 1.0


def test_speed_without_being_the_time_source_is_refused(bench: Bench) -> None:
    with pytest.raises(ParameterError, match="speed must be 1"):
        bench.start(SimNode, speed=2.0, publish_clock=False, **FAST)
