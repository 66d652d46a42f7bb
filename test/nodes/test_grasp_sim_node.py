"""The node of the simulated table, in process, with the real simulator."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from std_srvs.srv import SetBool, Trigger

from elbowroom.core import Command, ParameterError
from elbowroom.nodes.grasp_sim_node import GraspSimNode
from elbowroom.nodes.messages import convert, convert_scene
from nodes.harness import Bench, claim_domain
from nodes.test_sim_node import Hand

FAST: dict[str, Any] = {"start_delay": 0.0, "use_sim_time": False, "seed": 1}


def advance(bench: Bench, ticks: int) -> None:
    """Let simulated time run for some ticks and hear all of each."""
    node = find_node(bench)
    for _ in range(ticks):
        heard = len(bench.heard["objects"])
        node._pacer._steady.time += node._pacer.period
        bench.spin_until(lambda n=heard: len(bench.heard["objects"]) == n + 1)


def find_node(bench: Bench) -> GraspSimNode:
    return next(n for n in bench._nodes if isinstance(n, GraspSimNode))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with claim_domain() as domain:
        bench = Bench(domain)
        bench.listen(*GraspSimNode.spec.publishes)
        node = bench.start(GraspSimNode, active=False, **FAST)
        assert node.trigger_configure().name == "SUCCESS"
        node._pacer._steady, node._pacer._sleep = Hand(), lambda _: None
        bench.connect(node)
        assert node.trigger_activate().name == "SUCCESS"
        bench.spin_until(lambda: bool(bench.heard["objects"]))
        advance(bench, 20)
        yield bench
        bench.close()


def command(bench: Bench, linear: list[float], turn: float = 0.0) -> None:
    """Send a velocity stamped with the newest list of objects, and have it taken in."""
    node = find_node(bench)
    head = convert.header(bench.heard["objects"][-1].header.stamp, "world")
    twist = Command(np.array(linear), np.array([0.0, 0.0, turn]))
    bench.publish("gripper_command", convert.command_message(head, twist))
    stamp = convert.seconds(head.stamp)
    bench.spin_until(lambda: node._simulation._stamp == stamp)


def tell_opening(bench: Bench, opening: float) -> None:
    head = convert.header(bench.heard["objects"][-1].header.stamp, "world")
    bench.publish("gripper_opening", convert_scene.opening_message(head, opening))


def read_height(bench: Bench) -> float:
    stamp = bench.heard["objects"][-1].header.stamp
    poses = bench.heard["gripper_pose"]
    bench.spin_until(lambda: poses[-1].header.stamp == stamp)
    return float(poses[-1].pose.position.z)


def test_every_topic_of_the_graph_is_published(bench: Bench) -> None:
    bench.spin_until(lambda: bool(bench.heard["/diagnostics"]))
    assert all(bench.heard.values())


def test_everything_of_a_tick_has_its_stamp(bench: Bench) -> None:
    stamps = [convert.seconds(m.header.stamp) for m in bench.heard["objects"]]
    np.testing.assert_allclose(np.diff(stamps[:20]), 1 / 60, atol=1e-8)
    clock = {convert.seconds(m.clock) for m in bench.heard["/clock"]}
    for topic in ("objects", "image", "gripper_pose", "joint_states", "scene_markers"):
        for message in bench.heard[topic]:
            head = message.markers[0].header if topic == "scene_markers" else message.header
            assert convert.seconds(head.stamp) in clock, topic
            assert head.frame_id == ("wrist_camera" if topic == "image" else "world")


def test_objects_are_those_of_the_scene(bench: Bench) -> None:
    node = find_node(bench)
    heard = convert_scene.read_objects(bench.heard["objects"][-1], "world")
    seen = {o.item.name: o for o in node._simulation.scene.objects()}
    assert set(heard) == set(seen)
    for name, thing in heard.items():
        np.testing.assert_allclose(thing.pose.position, seen[name].position, atol=2e-3)
        np.testing.assert_allclose(thing.size, 2 * seen[name].item.half)
        assert thing.shape == seen[name].item.shape


def test_images_show_the_table(bench: Bench) -> None:
    images = [convert_scene.read_image(m) for m in bench.heard["image"]]
    assert images[-1].shape == (48, 48, 3)
    assert images[-1].std() > 5.0
    stamps = [convert.seconds(m.header.stamp) for m in bench.heard["image"]]
    np.testing.assert_allclose(np.diff(stamps[:3]), 1 / 12, atol=1e-8)


def test_the_gripper_follows_fresh_commands_and_stops_for_old_ones(bench: Bench) -> None:
    node = find_node(bench)
    before = read_height(bench)
    for _ in range(12):
        command(bench, [0.0, 0.0, 0.1])
        advance(bench, 1)
    risen = read_height(bench) - before
    assert 0.012 < risen < 0.022
    stale = node._simulation.stale
    advance(bench, 30)
    assert node._simulation.stale - stale in (13, 14)  # 0.3 s are 18 ticks, to a rounding
    height = read_height(bench)
    advance(bench, 5)
    assert abs(read_height(bench) - height) < 2e-4


def test_the_fingers_shut_and_open_when_told(bench: Bench) -> None:
    node = find_node(bench)
    tell_opening(bench, 0.0)
    bench.spin_until(lambda: node._simulation._shut)
    advance(bench, 30)
    names = ("panda_finger_joint1", "panda_finger_joint2")
    joints = bench.heard["joint_states"]
    assert convert_scene.read_fingers(joints[-1], names) < 0.01
    tell_opening(bench, 0.08)
    bench.spin_until(lambda: not node._simulation._shut)
    advance(bench, 30)
    assert convert_scene.read_fingers(joints[-1], names) > 0.07


@pytest.mark.parametrize("bad", [math.nan, -0.1, 5.0])
def test_an_opening_that_makes_no_sense_is_left_out(bench: Bench, bad: float) -> None:
    node = find_node(bench)
    refused = node._refused
    tell_opening(bench, bad)
    bench.spin_until(lambda: node._refused == refused + 1)


def test_reset_lays_the_same_objects_out_and_shuffle_others(bench: Bench) -> None:
    node = find_node(bench)
    first = bench.heard["objects"][0]
    stamp = convert.seconds(bench.heard["objects"][-1].header.stamp)
    assert call(node, "reset")
    advance_from_start(bench)
    again = bench.heard["objects"][-1]
    assert again.objects == first.objects
    assert convert.seconds(again.header.stamp) > stamp
    assert call(node, "shuffle")
    advance_from_start(bench)
    assert bench.heard["objects"][-1].objects != first.objects


def advance_from_start(bench: Bench) -> None:
    count = len(bench.heard["objects"])
    bench.spin_until(lambda: len(bench.heard["objects"]) == count + 1)


def call(node: GraspSimNode, name: str) -> bool:
    (server,) = (s for s in node.services if s.service_name.endswith(f"/{name}"))
    return bool(server.callback(Trigger.Request(), Trigger.Response()).success)


def test_time_stands_still_while_paused(bench: Bench) -> None:
    node = find_node(bench)
    assert node._on_pause(SetBool.Request(data=True), SetBool.Response()).success
    count = len(bench.heard["objects"])
    node._pacer._steady.time += 1.0
    bench.spin(0.05)
    assert len(bench.heard["objects"]) == count
    assert node._on_pause(SetBool.Request(data=False), SetBool.Response()).success
    bench.spin_until(lambda: len(bench.heard["objects"]) > count)


def test_speed_without_being_the_time_source_is_refused(bench: Bench) -> None:
    with pytest.raises(ParameterError, match="speed must be 1"):
        bench.start(GraspSimNode, speed=2.0, publish_clock=False, **FAST)


def test_a_sleeve_is_drawn_where_its_cuff_is() -> None:
    with claim_domain() as domain:
        bench = Bench(domain)
        bench.listen("objects", "scene_markers")
        bench.start(GraspSimNode, task="cuff", **FAST)
        message = bench.wait("scene_markers")[0]
        (cuff,) = convert_scene.read_objects(bench.wait("objects")[0], "world").values()
        cloth = next(m for m in message.markers if m.ns == "sleeve")
        points = np.array([[p.x, p.y, p.z] for p in cloth.points])
        distance = np.linalg.norm(points - cuff.pose.position, axis=1)
        bench.close()
    assert cuff.shape == "cuff"
    assert distance.min() < 0.03
