"""What the grasping node does when inputs fail."""

from __future__ import annotations

import math

import numpy as np
import pytest

from elbowroom.msg import GraspState, InputHealth
from elbowroom.nodes.base.latch import RESET
from elbowroom.nodes.grasp_node import GraspNode
from nodes.harness import Bench
from nodes.tabletop import Tabletop, ask, is_still, name_object, run, wait_for_reason


def test_an_object_that_vanishes_stops_the_gripper_and_then_ends_the_attempt(
    bench: Bench, node: GraspNode, table: Tabletop
) -> None:
    name = name_object(table)
    ask(node, name)
    run(table, node, 6)
    table.hidden.add(name)
    state = table.step(node)
    assert state.state == GraspState.STOPPED
    assert state.reason == f"{name!r} is not seen any more"
    assert is_still(bench.heard["gripper_command"][-1])
    table.hidden.clear()
    assert table.step(node).state == GraspState.APPROACHING
    table.hidden.add(name)
    while state.state != GraspState.DONE:
        state = table.step(node)
    assert not state.success
    assert "given up" in state.reason


def test_stale_input_stops_the_gripper(bench: Bench, node: GraspNode, table: Tabletop) -> None:
    ask(node, name_object(table))
    run(table, node, 5)
    assert not is_still(bench.heard["gripper_command"][-1])
    bench.tick(0.6)
    state = wait_for_reason(bench, "no list of objects for 0.")
    assert state.state == GraspState.STOPPED
    assert is_still(bench.heard["gripper_command"][-1])
    assert table.step(node).state == GraspState.APPROACHING


def test_a_clock_that_stands_still_stops_the_gripper(
    bench: Bench, node: GraspNode, table: Tabletop
) -> None:
    ask(node, name_object(table))
    run(table, node, 3)
    node._watch._patience = 0.25
    wait_for_reason(bench, "stands still")
    assert is_still(bench.heard["gripper_command"][-1])


def test_a_clock_set_back_ends_the_attempt(bench: Bench, node: GraspNode, table: Tabletop) -> None:
    ask(node, name_object(table))
    run(table, node, 3)
    bench.set_time(50.0)
    assert wait_for_reason(bench, "jumped").state == GraspState.DONE
    assert is_still(bench.heard["gripper_command"][-1])


def test_the_monitors_error_stops_the_gripper(
    bench: Bench, node: GraspNode, table: Tabletop
) -> None:
    ask(node, name_object(table))
    run(table, node, 3)
    bench.publish("input_health", InputHealth(level=InputHealth.ERROR, reason="light"))
    wait_for_reason(bench, "inputs have changed: light")
    assert is_still(bench.heard["gripper_command"][-1])


def test_the_monitors_error_ends_the_attempt_and_the_next_is_refused(
    bench: Bench, node: GraspNode, table: Tabletop
) -> None:
    name = name_object(table)
    ask(node, name)
    run(table, node, 3)
    bench.publish("input_health", InputHealth(level=InputHealth.ERROR, reason="light"))
    stopped = wait_for_reason(bench, "inputs have changed: light")
    assert stopped.state == GraspState.STOPPED
    for _ in range(12):
        bench.tick(0.2)
        table.show()
        bench.spin(0.06)
    over = wait_for_reason(bench, "given up: the inputs have changed: light")
    assert (over.state, over.success) == (GraspState.DONE, False)
    assert "light" in ask(node, name).reason
    bench.publish("input_health", InputHealth(level=InputHealth.OK, reason=f"{RESET} by hand"))
    bench.spin_until(lambda: not node._eyes.alarm)
    assert ask(node, name).accepted


def test_the_monitors_error_stays_until_it_is_reset(
    bench: Bench, node: GraspNode, table: Tabletop
) -> None:
    for level, reason in ((InputHealth.ERROR, "light"), (InputHealth.OK, ""), (99, "")):
        bench.publish("input_health", InputHealth(level=level, reason=reason))
        bench.spin(0.05)
    assert "light" in node._eyes.alarm
    assert any("input_health" in name for name in node._eyes.gallery.refusals)
    bench.publish("input_health", InputHealth(level=InputHealth.OK, reason=f"{RESET} by hand"))
    bench.spin_until(lambda: not node._eyes.alarm)


@pytest.mark.parametrize("what", ["nan", "frame", "twice", "size"])
def test_objects_that_make_no_sense_are_refused_and_named(
    bench: Bench, node: GraspNode, table: Tabletop, what: str
) -> None:
    reason = mangle(bench, table, what)
    gallery = node._eyes.gallery
    bench.spin_until(lambda: gallery.refused["objects"] == 1)
    assert reason in gallery.last_refusal["objects"]


def mangle(bench: Bench, table: Tabletop, what: str) -> str:
    from elbowroom.nodes.messages import convert, convert_scene

    bench.tick(0.05)
    head = convert.header(bench.stamp(), "camera" if what == "frame" else "world")
    message = convert_scene.objects_message(head, table.shown.values())
    if what == "nan":
        message.objects[0].pose.position.x = math.nan
    elif what == "twice":
        message.objects[1].name = message.objects[0].name
    elif what == "size":
        message.objects[0].size.x = 0.0
    bench.publish("objects", message)
    reasons = {"nan": "finite", "frame": "expected frame 'world'", "twice": "names that differ"}
    return reasons.get(what, "positive size")


def test_a_joint_state_without_fingers_is_not_an_error(
    bench: Bench, node: GraspNode, table: Tabletop
) -> None:
    from elbowroom.nodes.messages import convert

    head = convert.header(bench.stamp(), "world")
    bench.publish("joint_states", convert.joint_message(head, ("elbow",), np.zeros(1)))
    bench.publish(
        "joint_states", convert.joint_message(head, ("panda_finger_joint1",), np.zeros(1))
    )
    gallery = node._eyes.gallery
    bench.spin_until(lambda: gallery.refused["fingers"] == 1)
    assert "lacks panda_finger_joint2" in gallery.last_refusal["fingers"]


def test_diagnostics_say_what_is_wrong(bench: Bench, node: GraspNode, table: Tabletop) -> None:
    bench.tick(0.6)
    node._health.publish()
    bench.spin_until(lambda: bool(bench.heard["/diagnostics"]))
    status = bench.heard["/diagnostics"][-1].status[0]
    assert "no list of objects" in status.message
    assert status.level == b"\x02"
