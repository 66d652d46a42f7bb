"""Messages there and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import PointStamped, PoseStamped
from hypothesis import given
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message

from elbowroom.core import (
    ArmMeasurement,
    Box,
    Command,
    Estimate,
    InputError,
    PlanMode,
    PlanReport,
    Pose,
    Status,
    Truth,
    Wrench,
    matrix_from_quaternion,
)
from elbowroom.msg import ElbowBox, PlanState
from elbowroom.nodes.messages import convert, markers

HEAD = convert.header(convert.time_message(12.25), "world")
ORIGIN = np.zeros(3)
TURN = np.array([0.5, -0.5, 0.5, 0.5])
BOX = Box(np.array([0.1, 0.2, 0.9]), np.array([0.1, 0.2, 0.3]), TURN)


def over_the_wire(message: Any) -> Any:
    return deserialize_message(serialize_message(message), type(message))


@given(st.integers(0, 2**31 - 1), st.integers(0, 999_999_999))
def test_stamps_keep_their_nanoseconds_to_double_precision(sec: int, nanosec: int) -> None:
    stamp = convert.seconds(convert.time_message(sec + nanosec * 1e-9))
    assert abs(stamp - (sec + nanosec * 1e-9)) <= 2e-7


@pytest.mark.parametrize("stamp", [math.nan, math.inf, -1.0])
def test_impossible_stamps_are_refused(stamp: float) -> None:
    with pytest.raises(InputError, match="stamp"):
        convert.time_message(stamp)


@pytest.mark.parametrize("status", list(Status))
def test_a_box_comes_back_with_its_promise(status: Status) -> None:
    estimate = Estimate(12.25, BOX, status, BOX.centre, 0.05, 400, "person", "split", "why", "set")
    message = over_the_wire(convert.box_message(HEAD, estimate, now=12.26))
    back = convert.read_box(message, "world")
    assert (back.stamp, back.status, back.reason) == (12.25, status, "why")
    np.testing.assert_allclose(back.box.size, BOX.size)
    np.testing.assert_allclose(back.box.orientation, TURN)
    assert message.age == pytest.approx(0.01)
    promised = status is Status.GUARANTEED
    assert (back.delta, back.people) == ((0.05, 400) if promised else (1.0, 0))
    assert math.isnan(message.delta) is not promised


def test_the_hull_of_a_box_message_holds_its_corners() -> None:
    message = convert.box_message(HEAD, Estimate(0, BOX, Status.PRIOR, BOX.centre), 0.0)
    low = np.array([message.hull_min.x, message.hull_min.y, message.hull_min.z])
    high = np.array([message.hull_max.x, message.hull_max.y, message.hull_max.z])
    np.testing.assert_allclose(BOX.corners.min(axis=0), low)
    np.testing.assert_allclose(BOX.corners.max(axis=0), high)


def test_status_and_mode_numbers_are_those_of_the_messages() -> None:
    assert {s.name: s.value for s in Status} == {s.name: getattr(ElbowBox, s.name) for s in Status}
    modes = {m.name: getattr(PlanState, m.name) for m in PlanMode}
    assert {m.name: m.value for m in PlanMode} == modes


def box_message(**changes: Any) -> ElbowBox:
    message = convert.box_message(HEAD, Estimate(0, BOX, Status.PRIOR, BOX.centre), 0.0)
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def test_boxes_that_are_no_boxes_are_refused() -> None:
    message = box_message(status=17)
    with pytest.raises(InputError, match="unknown status 17"):
        convert.read_box(message, "world")
    for spoil in ("centre.x", "size.y", "orientation.z"):
        message = box_message()
        field, axis = spoil.split(".")
        setattr(getattr(message, field), axis, math.nan)
        with pytest.raises(InputError, match="finite"):
            convert.read_box(message, "world")
    with pytest.raises(InputError, match="expected frame 'map', got 'world'"):
        convert.read_box(box_message(), "map")


def test_poses_points_and_commands_come_back() -> None:
    pose = Pose(np.array([1.0, 2.0, 3.0]), TURN)
    back = convert.read_pose(over_the_wire(convert.pose_message(HEAD, pose)), "world")
    np.testing.assert_allclose(back.position, pose.position)
    np.testing.assert_allclose(back.orientation, TURN)
    point = convert.read_point(over_the_wire(convert.point_message(HEAD, pose.position)), "world")
    np.testing.assert_array_equal(point, pose.position)
    command = Command(np.array([0.1, 0.0, -0.2]), np.array([0.0, 0.5, 0.0]))
    again = convert.read_command(over_the_wire(convert.command_message(HEAD, command)), "world")
    np.testing.assert_array_equal(again.linear, command.linear)
    np.testing.assert_array_equal(again.angular, command.angular)


def test_a_wrench_survives_the_way_through_the_grippers_axes() -> None:

    wrench, pose = (
        Wrench(np.array([1.0, -2.0, 3.0]), np.array([0.1, 0.2, 0.3])),
        Pose(ORIGIN, TURN),
    )
    sent = convert.wrench_message(HEAD, convert.wrench_in_gripper(wrench, pose))
    back = convert.turn_wrench(convert.read_wrench(sent), matrix_from_quaternion(TURN))
    np.testing.assert_allclose(back.force, wrench.force, atol=1e-12)
    np.testing.assert_allclose(back.torque, wrench.torque, atol=1e-12)


@pytest.mark.parametrize("length", [0.0, 0.5, 2.0, math.nan])
def test_orientations_must_be_unit_quaternions(length: float) -> None:
    message = PoseStamped(header=HEAD)
    message.pose.orientation.w = length
    with pytest.raises(InputError, match="unit quaternion"):
        convert.read_pose(message, "world")


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_points_must_be_finite(bad: float) -> None:
    message = PointStamped(header=HEAD)
    message.point.y = bad
    with pytest.raises(InputError, match="finite"):
        convert.read_point(message, "world")


@pytest.mark.parametrize(
    "values",
    [
        (math.nan, 0.26, 0.005, 0.005),
        (0.30, 3.0, 0.005, 0.005),
        (0.30, 0.26, -0.1, 0.005),
        (0.30, 0.26, 0.005, 0.0),
    ],
)
def test_arms_that_nobody_has_are_refused(values: tuple[float, ...]) -> None:
    message = convert.arm_message(HEAD, ArmMeasurement(0.3, 0.26))
    names = ("upper_arm", "forearm", "upper_arm_error", "forearm_error")
    for name, value in zip(names, values, strict=True):
        setattr(message, name, value)
    with pytest.raises(InputError):
        convert.read_arm(message)


def test_an_arm_comes_back() -> None:
    arm = ArmMeasurement(0.3, 0.26, 0.004, 0.006)
    assert convert.read_arm(over_the_wire(convert.arm_message(HEAD, arm))) == arm


def test_plans_say_where_and_why() -> None:
    path = np.array([[0.5, 0.0, 1.0], [0.4, 0.0, 1.0]])
    report = PlanReport(12.25, PlanMode.SLOWED, "wide box", path, 0.1, active_constraints=("a",))
    state = over_the_wire(convert.plan_state_message(HEAD, report))
    assert (state.state, state.reason) == (PlanState.SLOWED, "wide box")
    assert state.active_constraints == ["a"]
    assert math.isnan(state.clearance), "unknown clearance is not infinite on the wire"
    plan = convert.plan_message(HEAD, report)
    assert [p.pose.position.x for p in plan.poses] == [0.5, 0.4]
    assert all(p.header == HEAD for p in plan.poses)


def test_the_true_sleeve_is_reported() -> None:
    truth = Truth(ORIGIN, ORIGIN, ORIGIN, 0.31, True, True, 0.4, ORIGIN)
    message = convert.sleeve_message(HEAD, truth)
    assert (message.progress, message.threaded, message.past_elbow) == (0.31, True, True)


def test_a_drawn_box_has_the_place_and_size_of_the_box() -> None:
    estimate = Estimate(0, BOX, Status.VOID, BOX.centre, reason="lost")
    cube, text = markers.box_markers(HEAD, estimate).markers
    assert [cube.scale.x, cube.scale.y, cube.scale.z] == list(BOX.size)
    assert cube.pose.orientation.x == TURN[0]
    assert text.text == "VOID lost"


def test_drawn_limbs_reach_from_joint_to_joint() -> None:
    joints = np.array([[0, 0, 0], [0.3, 0, 0], [0.3, -0.25, 0]], dtype=float)
    drawn = markers.arm_markers(HEAD, joints, (0.05, 0.04, 0.03)).markers
    limbs = [m for m in drawn if m.ns == "limbs"]
    assert [round(m.scale.z, 6) for m in limbs] == [0.3, 0.25]
    assert (limbs[0].pose.position.x, limbs[1].pose.position.y) == (0.15, -0.125)


def test_a_drawn_sleeve_has_three_corners_a_triangle() -> None:
    vertices = np.arange(12.0).reshape(4, 3)
    (cloth,) = markers.sleeve_markers(HEAD, vertices, np.array([[0, 1, 2], [1, 3, 2]])).markers
    assert [p.x for p in cloth.points] == [0.0, 3.0, 6.0, 3.0, 9.0, 6.0]
