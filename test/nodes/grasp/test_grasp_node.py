"""The grasping node, in process, over a real simulated table."""

from __future__ import annotations

from typing import Any

import pytest
from std_srvs.srv import Trigger

from elbowroom.msg import GraspState
from elbowroom.nodes.grasp_node import GraspNode
from nodes.harness import Bench
from nodes.tabletop import Tabletop, ask, is_still, name_object, run, see, wait_for_reason


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
