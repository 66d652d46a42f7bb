"""The planner node, in process, with the straight-line planner."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from elbowroom.core import Box, Estimate, Status
from elbowroom.msg import InputHealth, PlanState
from elbowroom.nodes.messages import convert
from elbowroom.nodes.planner_node import PlannerNode
from nodes.harness import ELBOW, GRIPPER, Bench


@pytest.fixture
def node(bench: Bench) -> PlannerNode:
    bench.listen("gripper_command", "plan_state", "plan", "/diagnostics")
    node = bench.start(PlannerNode, name="point")
    bench.send_arm()
    bench.spin_until(lambda: node._driver._state is not None)
    return node


def send_box(bench: Bench, **changes: Any) -> None:
    values: dict[str, Any] = {"status": Status.GUARANTEED, "centre": ELBOW, "stamp": bench.time}
    values |= changes
    box = Box(np.asarray(values["centre"], float), np.full(3, 0.08))
    estimate = Estimate(values["stamp"], box, values["status"], box.centre, reason="told so")
    head = convert.header(bench.stamp(values["stamp"]), "world")
    bench.publish("elbow_box", convert.box_message(head, estimate, bench.time))


def run(bench: Bench, node: PlannerNode, steps: int = 60, **box: Any) -> PlanState:
    """Feed samples and boxes for a while; the last state."""
    for _ in range(steps):
        send_box(bench, **box)
        bench.spin_until(lambda: node._driver._estimate is not None)
        bench.heard["plan_state"].clear()
        bench.send_all(force=(0.1, 0.0, 0.0))
        state = bench.wait("plan_state")[-1]
        bench.tick()
    bench.spin(0.01)
    return state


def wait_for_reason(bench: Bench, text: str) -> None:
    bench.spin_until(lambda: any(text in s.reason for s in bench.heard["plan_state"]))
    bench.spin(0.01)


def speed(message: Any) -> float:
    v = message.twist.linear
    return math.hypot(v.x, v.y, v.z)


def test_it_moves_towards_the_shoulder_with_the_stamp_of_the_wrench(
    bench: Bench, node: PlannerNode
) -> None:
    state = run(bench, node)
    assert state.state in (PlanState.FOLLOWING, PlanState.SLOWED), state.reason
    commands = bench.heard["gripper_command"]
    bench.spin_until(lambda: any(c.header.stamp == state.header.stamp for c in commands))
    command = commands[-1]
    assert command.header.frame_id == "world"
    assert speed(command) > 0.02
    assert command.twist.linear.x < 0
    assert GRIPPER[0] > 0


def test_the_path_is_published_less_often(bench: Bench, node: PlannerNode) -> None:
    run(bench, node, steps=48)
    assert 1 <= len(bench.heard["plan"]) <= 4
    assert bench.heard["plan"][-1].header.frame_id == "world"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": Status.VOID}, "VOID: told so"),
        ({"centre": [math.nan, 0, 0]}, "box"),
        ({"centre": [9.0, 0, 0]}, "impossible"),
    ],
)
def test_a_box_that_must_not_be_used_stops_the_gripper(
    bench: Bench, node: PlannerNode, change: dict[str, Any], reason: str
) -> None:
    run(bench, node, steps=20)
    for _ in range(14):
        send_box(bench, **change)
        bench.spin(0.002)
        bench.send_all()
        state = bench.wait("plan_state")[-1]
        bench.tick()
    assert state.state == PlanState.STOPPED
    assert reason in state.reason
    assert speed(bench.heard["gripper_command"][-1]) == 0.0


def test_a_late_box_stops_the_gripper(bench: Bench, node: PlannerNode) -> None:
    run(bench, node, steps=20)
    bench.tick(0.1)
    bench.send_all()
    wait_for_reason(bench, "box")
    assert speed(bench.heard["gripper_command"][-1]) == 0.0


def test_lost_measurements_stop_the_gripper_and_are_named(bench: Bench, node: PlannerNode) -> None:
    run(bench, node, steps=20)
    bench.tick(0.3)
    wait_for_reason(bench, "no wrench for 0.3")
    assert speed(bench.heard["gripper_command"][-1]) == 0.0


def test_a_clock_that_stands_still_stops_the_gripper(bench: Bench, node: PlannerNode) -> None:
    run(bench, node, steps=20)
    wait_for_reason(bench, "stands still")
    assert speed(bench.heard["gripper_command"][-1]) == 0.0


def test_a_clock_set_back_stops_the_gripper(bench: Bench, node: PlannerNode) -> None:
    run(bench, node, steps=20)
    bench.set_time(50.0)
    wait_for_reason(bench, "jumped")


def test_the_monitors_error_stops_the_gripper(bench: Bench, node: PlannerNode) -> None:
    run(bench, node, steps=5)
    message = InputHealth(level=InputHealth.ERROR)
    message.header.stamp = bench.stamp()
    bench.publish("input_health", message)
    bench.spin_until(lambda: bool(node._senses.health._alarm))
    state = run(bench, node, steps=2)
    assert state.state == PlanState.STOPPED
    assert "monitor" in state.reason


def test_a_silent_monitor_slows_the_gripper_where_one_is_expected(bench: Bench) -> None:
    bench.listen("gripper_command", "plan_state")
    states = {}
    for timeout in (0.3, 0.0):
        node = bench.start(PlannerNode, name="straight", inbox__health_timeout=timeout)
        bench.send_arm()
        bench.spin_until(lambda n=node: n._driver._state is not None)
        states[timeout] = run(bench, node, steps=40)
        assert node.trigger_deactivate().name == "SUCCESS"
        assert node.trigger_cleanup().name == "SUCCESS"
        assert node.look().values["monitor"].startswith("OK" if not timeout else "STALE: no word")
    assert (states[0.3].state, states[0.0].state) == (PlanState.SLOWED, PlanState.FOLLOWING)


def test_deactivation_ends_with_a_command_to_stand_still(bench: Bench, node: PlannerNode) -> None:
    run(bench, node, steps=30)
    assert speed(bench.heard["gripper_command"][-1]) > 0
    assert node.trigger_deactivate().name == "SUCCESS"
    wait_for_reason(bench, "not active")
    assert speed(bench.heard["gripper_command"][-1]) == 0.0


def test_an_unknown_planner_is_refused_when_configured(bench: Bench) -> None:
    node = bench.start(PlannerNode, active=False, name="telepathy")
    assert node.trigger_configure().name == "FAILURE"


def test_a_refused_arm_stops_the_gripper_and_is_named(bench: Bench, node: PlannerNode) -> None:
    run(bench, node, steps=30)
    assert speed(bench.heard["gripper_command"][-1]) > 0
    bench.send_arm(forearm=0.7)
    bench.spin_until(lambda: node._senses.inbox.refused["arm_measurement"] == 1)
    bench.send_all()
    wait_for_reason(bench, "the arm measurement was refused: forearm must lie in")
    assert speed(bench.heard["gripper_command"][-1]) == 0.0


def test_without_an_arm_measurement_nothing_moves(bench: Bench) -> None:
    bench.listen("gripper_command", "plan_state")
    bench.start(PlannerNode, name="straight")
    bench.send_all()
    assert bench.wait("plan_state")[0].reason
    bench.spin_until(lambda: bool(bench.heard["gripper_command"]))
    assert speed(bench.heard["gripper_command"][-1]) == 0.0
