"""The grasping node, in process, over a real simulated table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import TwistStamped
from std_srvs.srv import Trigger

from elbowroom.msg import GraspState, InputHealth
from elbowroom.nodes.base.latch import RESET
from elbowroom.nodes.grasp_node import GraspNode
from nodes.harness import Bench
from nodes.tabletop import Tabletop, ask, name_object, run

HEARD = ("gripper_command", "gripper_opening", "grasp_state", "features", "/diagnostics")


@pytest.fixture
def node(bench: Bench) -> GraspNode:
    bench.listen(*HEARD)
    return start(bench)


def start(bench: Bench, **values: Any) -> GraspNode:
    """A node that does not mind how long a slow machine takes between two moves of the clock."""
    node = bench.start(GraspNode, **values)
    node._watch._patience = 60.0
    return node


@pytest.fixture
def table(bench: Bench, node: GraspNode) -> Iterator[Tabletop]:
    table = Tabletop(bench)
    see(bench, node, table)
    yield table
    table.close()


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


def test_it_lifts_the_object_it_is_asked_for(
    bench: Bench, node: GraspNode, table: Tabletop
) -> None:
    name = name_object(table)
    answer = ask(node, name)
    assert answer.accepted, answer.reason
    assert answer.request == 1
    states: list[GraspState] = []
    while not states or states[-1].state != GraspState.DONE:
        states.append(table.step(node))
        assert len(states) < 200
    assert states[-1].success, states[-1].reason
    assert table.scene.lifted() == (name,)
    assert {s.object for s in states} == {name}
    assert {s.request for s in states} == {1}
    phases = [s.state for s in states]
    order = [GraspState.APPROACHING, GraspState.GRASPING, GraspState.LIFTING, GraspState.DONE]
    assert [p for k, p in enumerate(phases) if k == 0 or p != phases[k - 1]] == order
    assert is_still(bench.heard["gripper_command"][-1])
    assert bench.heard["gripper_opening"][-1].opening == 0.0


def test_commands_carry_the_stamp_of_what_was_seen(
    bench: Bench, node: GraspNode, table: Tabletop
) -> None:
    ask(node, name_object(table))
    # A stamp whose nanoseconds a float of seconds since 1970 cannot hold.
    bench.set_time(1_700_000_000.0)
    see(bench, node, table)
    assert ask(node, name_object(table)).accepted
    stamp = bench.stamp()
    stamp.nanosec += 123_456_789
    bench.set_time(bench.time + 0.2)
    head_stamps = publish_with(bench, table, stamp)
    bench.spin_until(lambda: bench.heard["gripper_command"][-1].header.stamp == head_stamps)
    command = bench.heard["gripper_command"][-1]
    assert command.header.frame_id == "world"
    bench.spin_until(lambda: bench.heard["grasp_state"][-1].header.stamp == head_stamps)
    bench.spin_until(lambda: bench.heard["gripper_opening"][-1].header.stamp == head_stamps)


def publish_with(bench: Bench, table: Tabletop, stamp: Any) -> Any:
    before = bench.stamp
    bench.stamp = lambda seconds=None: stamp  # type: ignore[method-assign]
    table.show()
    bench.stamp = before  # type: ignore[method-assign]
    return stamp


@pytest.mark.parametrize(
    ("name", "horizon", "reason"),
    [
        ("unicorn", -1, "'unicorn' is not seen; seen are"),
        ("", 41, "horizon must lie in -1..40"),
        ("", 3, "no policy is loaded"),
    ],
)
def test_a_request_that_cannot_be_fulfilled_is_refused(
    node: GraspNode, table: Tabletop, name: str, horizon: int, reason: str
) -> None:
    answer = ask(node, name, horizon)
    assert (answer.accepted, answer.request) == (False, 0)
    assert reason in answer.reason
    assert not node._grasper.busy


def test_an_object_out_of_reach_is_refused(bench: Bench, node: GraspNode, table: Tabletop) -> None:
    name = name_object(table)
    body = table.scene._bodies[[o.item.name for o in table.scene.objects()].index(name)]
    move_body(table, body, [0.9, 0.0, 0.03])
    see(bench, node, table)
    answer = ask(node, name)
    assert not answer.accepted
    assert "cannot be reached" in answer.reason
    assert ask(node, "").accepted
    assert node._grasper.report.object != name


def move_body(table: Tabletop, body: int, position: list[float]) -> None:
    import pybullet

    client = table.scene._client
    pybullet.resetBasePositionAndOrientation(body, position, [0, 0, 0, 1], physicsClientId=client)
    table.scene._look()


def test_nothing_is_asked_of_a_node_that_has_seen_nothing(bench: Bench, node: GraspNode) -> None:
    answer = ask(node, "")
    assert not answer.accepted
    assert answer.reason == "nothing has been seen yet"
    bench.tick(0.5)
    assert "no list of objects for" in ask(node, "").reason


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


def test_an_abort_stops_at_once(bench: Bench, node: GraspNode, table: Tabletop) -> None:
    ask(node, name_object(table))
    run(table, node, 4)
    response = node._on_abort(Trigger.Request(), Trigger.Response())
    assert response.success
    state = wait_for_reason(bench, "aborted")
    assert (state.state, state.success) == (GraspState.DONE, False)
    assert is_still(bench.heard["gripper_command"][-1])
    assert not node._on_abort(Trigger.Request(), Trigger.Response()).success


def test_a_new_request_takes_the_place_of_the_old(node: GraspNode, table: Tabletop) -> None:
    first, second, *_ = sorted(table.shown)
    ask(node, first)
    run(table, node, 2)
    assert ask(node, second).request == 2
    assert table.step(node).object == second


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


def test_it_walks_through_its_lifecycle(bench: Bench, node: GraspNode, table: Tabletop) -> None:
    ask(node, name_object(table))
    run(table, node, 3)
    assert node.trigger_deactivate().name == "SUCCESS"
    assert wait_for_reason(bench, "not active").state == GraspState.DONE
    assert is_still(bench.heard["gripper_command"][-1])
    assert "not active" in ask(node, "").reason
    assert node.trigger_activate().name == "SUCCESS"
    see(bench, node, table)
    assert ask(node, "").accepted
    assert node.trigger_deactivate().name == "SUCCESS"
    assert node.trigger_cleanup().name == "SUCCESS"
    assert node.trigger_configure().name == "SUCCESS"


def test_diagnostics_say_what_is_wrong(bench: Bench, node: GraspNode, table: Tabletop) -> None:
    bench.tick(0.6)
    node._health.publish()
    bench.spin_until(lambda: bool(bench.heard["/diagnostics"]))
    status = bench.heard["/diagnostics"][-1].status[0]
    assert "no list of objects" in status.message
    assert status.level == b"\x02"
