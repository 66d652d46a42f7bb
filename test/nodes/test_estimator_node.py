"""The estimator node, in process, with an estimator whose answer is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from elbowroom.core import ParameterError
from elbowroom.estimation.factory import EstimatorParams, build_estimator
from elbowroom.msg import ElbowBox
from elbowroom.nodes.estimator_node import EstimatorNode
from nodes.harness import ELBOW, PERIOD, SHOULDER, Bench, HoldEstimator


class Node(EstimatorNode):
    @staticmethod
    def load(params: EstimatorParams, *parts: Any) -> Any:
        return HoldEstimator()


@pytest.fixture
def node(bench: Bench) -> Node:
    bench.listen("elbow_box", "elbow_markers", "/diagnostics")
    node = bench.start(Node)
    bench.send_arm()
    bench.spin_until(lambda: node._tracker._arm is not None)
    return node


def listen_to_box(bench: Bench, watch: str = "") -> ElbowBox:
    """The newest box said of a wrench, or by the watch if it gave a reason with this text."""

    def choose() -> list[ElbowBox]:
        said = ("no wrench", "the clock stands")
        if watch:
            return [b for b in bench.heard["elbow_box"] if watch in b.reason]
        return [b for b in bench.heard["elbow_box"] if not b.reason.startswith(said)]

    bench.spin_until(lambda: bool(choose()))
    box = choose()[-1]
    bench.heard["elbow_box"].clear()
    return box


def test_the_box_carries_the_stamp_of_the_wrench(bench: Bench, node: Node) -> None:
    bench.send_all()
    box = listen_to_box(bench)
    assert box.header.stamp == bench.stamp()
    assert box.header.frame_id == "world"
    assert (box.centre.x, box.centre.y, box.centre.z) == tuple(ELBOW)
    assert (box.status, box.delta, box.people) == (ElbowBox.GUARANTEED, 0.05, 100)


def test_every_wrench_makes_one_box_in_order(bench: Bench, node: Node) -> None:
    stamps = []
    for _ in range(50):
        bench.send_all()
        stamps.append(bench.stamp())
        bench.tick()

    def said() -> list[Any]:
        guaranteed = ElbowBox.GUARANTEED
        return [b.header.stamp for b in bench.heard["elbow_box"] if b.status == guaranteed]

    bench.spin_until(lambda: len(said()) >= 50)
    assert said() == stamps


def test_a_wrench_in_the_grippers_axes_is_turned_into_the_worlds(bench: Bench, node: Node) -> None:
    bench.send_all(force=(1.0, 2.0, 3.0))
    listen_to_box(bench)
    np.testing.assert_allclose(node._tracker._state[-1].wrench.force, [-2.0, 1.0, 3.0], atol=1e-12)


def test_a_wrench_in_world_axes_is_taken_as_it_is(bench: Bench, node: Node) -> None:
    bench.send_all(force=(1.0, 2.0, 3.0), frame="world")
    listen_to_box(bench)
    np.testing.assert_array_equal(node._tracker._state[-1].wrench.force, [1.0, 2.0, 3.0])


def test_a_pose_that_comes_after_its_wrench_is_paired_with_it(bench: Bench, node: Node) -> None:
    bench.send_shoulder()
    bench.send_wrench()
    bench.spin_until(lambda: node._senses.inbox._waiting is not None)
    bench.send_pose()
    assert listen_to_box(bench).status == ElbowBox.GUARANTEED


@pytest.mark.parametrize("force", [(math.nan, 0.0, 0.0), (0.0, math.inf, 0.0)])
def test_a_wrench_that_is_not_finite_voids_the_box(
    bench: Bench, node: Node, force: tuple[float, float, float]
) -> None:
    bench.send_all(force=force)
    box = listen_to_box(bench)
    assert box.status == ElbowBox.VOID
    assert "finite" in box.reason
    assert node._tracker._state[-1].wrench is None
    assert math.isnan(box.delta)
    assert box.people == 0


def test_the_next_good_wrench_restores_the_box(bench: Bench, node: Node) -> None:
    bench.send_all(force=(math.nan, 0.0, 0.0))
    listen_to_box(bench)
    bench.tick()
    bench.send_all()
    assert listen_to_box(bench).status == ElbowBox.GUARANTEED


def test_a_void_box_is_the_kinematic_prior(bench: Bench, node: Node) -> None:
    bench.send_all(force=(math.nan, 0.0, 0.0))
    box = listen_to_box(bench)
    assert (box.centre.x, box.centre.y, box.centre.z) == tuple(SHOULDER)
    assert 0.3 + 4 * 0.005 < box.size.x / 2 < 0.4


def test_a_wrench_in_a_foreign_frame_is_refused_loudly(bench: Bench, node: Node) -> None:
    bench.send_all(frame="elsewhere")
    box = listen_to_box(bench)
    assert box.status == ElbowBox.VOID
    assert "elsewhere" in box.reason
    node._health.publish()
    report = next(m for m in bench.wait("/diagnostics") if m.status[0].name == "estimator").status[
        0
    ]
    assert report.level == b"\x02"


def test_a_pose_in_a_foreign_frame_voids_the_box(bench: Bench, node: Node) -> None:
    bench.send_shoulder()
    bench.send_pose(frame="elsewhere")
    bench.send_wrench()
    bench.spin(0.05)
    bench.tick()
    bench.send_pose(frame="elsewhere")
    bench.send_wrench()
    box = listen_to_box(bench)
    assert box.status == ElbowBox.VOID
    assert "gripper pose" in box.reason
    assert "elsewhere" in box.reason


def test_a_saturated_sensor_voids_the_box(bench: Bench, node: Node) -> None:
    bench.send_all(force=(0.0, 0.0, -200.0))
    assert "saturated" in listen_to_box(bench).reason


@pytest.mark.parametrize("back", [0.0, PERIOD, 3.0])
def test_duplicated_and_backwards_stamps_make_no_box(bench: Bench, node: Node, back: float) -> None:
    bench.send_all()
    listen_to_box(bench)
    bench.send_pose()
    bench.send_wrench(bench.time - back)
    bench.spin_until(lambda: node._senses.inbox.refused["wrench"] == 1)
    assert len(node._tracker._state) == 1


def test_a_stamp_from_the_future_does_not_shut_out_what_follows(bench: Bench, node: Node) -> None:
    bench.send_wrench(bench.time + 1e6)
    bench.spin_until(lambda: node._senses.inbox.refused["wrench"] == 1)
    assert "use_sim_time" in node._senses.inbox.last_refusal["wrench"]
    bench.send_all()
    assert listen_to_box(bench).status == ElbowBox.GUARANTEED


def test_a_delayed_sensor_is_named(bench: Bench, node: Node) -> None:
    late = bench.time - 0.35
    bench.send_shoulder(late)
    bench.send_pose(late)
    bench.send_wrench(late)
    box = listen_to_box(bench)
    assert box.status == ElbowBox.VOID
    assert "0.35 s old" in box.reason


@pytest.mark.parametrize("gap", [0.1, 2.0])
def test_a_dropout_voids_the_box_until_wrenches_come_again(
    bench: Bench, node: Node, gap: float
) -> None:
    bench.send_all()
    listen_to_box(bench)
    bench.tick(gap)
    box = listen_to_box(bench, "no wrench")
    assert box.status == ElbowBox.VOID
    assert box.reason.startswith(f"no wrench for {gap:.2f} s")
    bench.send_all()
    bench.spin_until(lambda: any(b.status == ElbowBox.GUARANTEED for b in bench.heard["elbow_box"]))


def test_a_clock_that_stands_still_is_named(bench: Bench, node: Node) -> None:
    bench.send_all()
    listen_to_box(bench)
    assert listen_to_box(bench, "stands still").status == ElbowBox.VOID


def test_a_clock_set_back_starts_over(bench: Bench, node: Node) -> None:
    bench.send_all()
    listen_to_box(bench)
    bench.set_time(50.0)
    bench.send_all()
    bench.spin_until(lambda: any(b.status == ElbowBox.GUARANTEED for b in bench.heard["elbow_box"]))
    assert len(node._tracker._state) == 1


def test_a_switch_to_wall_time_starts_over(bench: Bench, node: Node) -> None:
    from rclpy.parameter import Parameter

    bench.send_all()
    listen_to_box(bench)
    node.set_parameters([Parameter("use_sim_time", value=False)])
    assert node._tracker._state == []
    bench.send_all()
    bench.spin_until(lambda: "old" in node._senses.inbox.last_refusal.get("wrench", ""))


def test_without_a_shoulder_the_box_is_void(bench: Bench, node: Node) -> None:
    bench.send_pose()
    bench.send_wrench(force=(math.nan, 0.0, 0.0))
    box = listen_to_box(bench)
    assert box.status == ElbowBox.VOID
    assert "no shoulder was seen" in box.reason


def test_before_an_arm_measurement_nothing_is_said(bench: Bench) -> None:
    bench.listen("elbow_box")
    node = bench.start(Node)
    bench.send_all()
    bench.spin(0.15)
    assert not bench.heard["elbow_box"]
    assert node.look().level == 2


def test_markers_are_drawn_less_often(bench: Bench, node: Node) -> None:
    for _ in range(48):
        bench.send_all()
        bench.tick()
    bench.wait("elbow_box", 48)
    bench.spin(0.05)
    assert 3 <= len(bench.heard["elbow_markers"]) <= 7
    assert {m.ns for m in bench.heard["elbow_markers"][0].markers} == {"box", "status"}


def test_an_inactive_node_is_silent(bench: Bench, node: Node) -> None:
    assert node.trigger_deactivate().name == "SUCCESS"
    bench.send_all()
    bench.spin(0.3)
    assert not bench.heard["elbow_box"]


def test_the_lifecycle_can_be_walked_twice(bench: Bench, node: Node) -> None:
    for transition in ("deactivate", "cleanup", "configure", "activate"):
        assert getattr(node, f"trigger_{transition}")().name == "SUCCESS"
    bench.connect(node)
    bench.send_arm()
    bench.spin_until(lambda: node._tracker._arm is not None)
    bench.send_all()
    assert listen_to_box(bench).status == ElbowBox.GUARANTEED


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("inbox__wrench_timeout", -1.0, "wrench_timeout must lie in"),
        ("marker_rate", "fast", "marker_rate must be a float"),
        ("inbox__wrench_timout", 0.1, "unknown parameter inbox.wrench_timout"),
    ],
)
def test_bad_parameters_are_refused(bench: Bench, name: str, value: Any, text: str) -> None:
    with pytest.raises(ParameterError, match=text):
        bench.start(Node, **{name: value})


def test_the_range_of_another_sensor_is_a_parameter(bench: Bench) -> None:
    class Real(Node):
        load = staticmethod(build_estimator)

    node = bench.start(Real, method="hold", guard__torque_limit=1.5)
    for guard in (node._tracker._guard, node._tracker._estimator._guard):
        assert guard.settings.torque_limit == 1.5


def test_an_estimator_without_layers_publishes_none(bench: Bench, node: Node) -> None:
    assert node._tracker._tap is None
    bench.send_all()
    assert listen_to_box(bench).status == ElbowBox.GUARANTEED
