"""Messages of the table scene: there and back, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from sensor_msgs.msg import Image, JointState

from elbowroom.core import InputError, Pose
from elbowroom.nodes.grasping.grasper import Phase, Report
from elbowroom.nodes.grasping.view import Move, Seen, View
from elbowroom.nodes.messages import convert, convert_scene
from elbowroom.sim.grasping.seen import yaw_of

HEAD = convert.header(Time(sec=3, nanosec=7), "world")
MUG = Seen("red cube", "cube", Pose(np.array([0.5, 0.1, 0.02])), np.array([0.04, 0.05, 0.06]))


def test_objects_come_back_as_they_were() -> None:
    message = convert_scene.objects_message(HEAD, [MUG])
    (back,) = convert_scene.read_objects(message, "world").values()
    assert (back.name, back.shape) == ("red cube", "cube")
    np.testing.assert_array_equal(back.pose.position, MUG.pose.position)
    np.testing.assert_array_equal(back.size, MUG.size)
    assert message.header == HEAD


def test_an_empty_list_must_be_in_the_right_frame_too() -> None:
    assert convert_scene.read_objects(convert_scene.objects_message(HEAD, []), "world") == {}
    with pytest.raises(InputError, match="expected frame 'map'"):
        convert_scene.read_objects(convert_scene.objects_message(HEAD, []), "map")


def test_a_picture_comes_back_as_it_was() -> None:
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    message = convert_scene.image_message(HEAD, image)
    assert (message.width, message.height, message.step) == (64, 48, 192)
    np.testing.assert_array_equal(convert_scene.read_image(message), image)
    message.encoding = "bgr8"
    np.testing.assert_array_equal(convert_scene.read_image(message), image[:, :, ::-1])


def test_rows_of_a_picture_may_be_padded() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    padded = np.zeros((2, 16), np.uint8)
    padded[:, :12] = image.reshape(2, 12)
    message = Image(height=2, width=4, encoding="rgb8", step=16, data=padded.tobytes())
    np.testing.assert_array_equal(convert_scene.read_image(message), image)


@pytest.mark.parametrize(
    "changes",
    [{"encoding": "mono8"}, {"height": 3}, {"width": 0}, {"step": 11}, {"height": 0, "data": b""}],
)
def test_a_picture_that_is_not_filled_by_its_data_is_refused(changes: dict[str, Any]) -> None:
    message = convert_scene.image_message(HEAD, np.zeros((2, 4, 3), np.uint8))
    for name, value in changes.items():
        setattr(message, name, value)
    with pytest.raises(InputError, match="an image must be"):
        convert_scene.read_image(message)


def test_fingers_add_up_and_others_do_not_matter() -> None:
    fingers = ("left", "right")
    message = JointState(name=["elbow", "right", "left"], position=[1.0, 0.01, 0.03])
    assert convert_scene.read_fingers(message, fingers) == pytest.approx(0.04)
    assert convert_scene.read_fingers(JointState(name=["elbow"], position=[1.0]), fingers) is None
    for name, position, reason in (
        (["left"], [0.01], "lacks right"),
        (["left", "right"], [0.01, math.nan], "finite"),
        (["left", "right"], [0.01], "2 names and 1 positions"),
    ):
        with pytest.raises(InputError, match=reason):
            convert_scene.read_fingers(JointState(name=name, position=position), fingers)


def test_a_move_is_a_velocity_about_the_vertical() -> None:
    command = convert_scene.move_command(Move(np.array([0.1, 0.2, 0.3]), 0.4))
    np.testing.assert_array_equal(command.linear, [0.1, 0.2, 0.3])
    np.testing.assert_array_equal(command.angular, [0.0, 0.0, 0.4])


def test_a_report_is_said_in_full() -> None:
    report = Report(Phase.LIFTING, "so", 3, "red cube", 2, False, 11, 8)
    message = convert_scene.grasp_state_message(HEAD, report)
    assert (message.state, message.reason, message.request) == (message.LIFTING, "so", 3)
    assert (message.object, message.attempts, message.success) == ("red cube", 2, False)
    assert (message.step, message.horizon, message.header) == (11, 8, HEAD)
    assert {p.name: int(p) for p in Phase} == {
        name: getattr(message, name)
        for name in ("IDLE", "APPROACHING", "GRASPING", "LIFTING", "DONE", "STOPPED")
    }


@pytest.mark.parametrize("angle", [-3.0, -1.2, 0.0, 0.4, 2.9])
def test_the_yaw_of_a_hand_that_points_down(angle: float) -> None:
    from elbowroom.core.rotation import quaternion_from_matrix
    from elbowroom.sim.grasping.hand import pointing_down

    view = View(0.0, Pose(np.zeros(3), quaternion_from_matrix(pointing_down(angle))), 0.08)
    assert view.yaw == pytest.approx(angle)


@pytest.mark.parametrize(
    ("shape", "size", "known", "half", "yaw"),
    [
        ("box", (0.06, 0.03, 0.04), "bar", (0.06, 0.03, 0.04), 0.3),
        ("box", (0.03, 0.06, 0.04), "bar", (0.06, 0.03, 0.04), 0.3 + math.pi / 2),
        ("box", (0.050, 0.052, 0.04), "cube", (0.051, 0.051, 0.04), 0.3),
        ("sphere", (0.05, 0.05, 0.05), "ball", (0.05, 0.05, 0.05), 0.3),
        ("slab", (0.03, 0.06, 0.04), "slab", (0.03, 0.06, 0.04), 0.3),
        ("mug", (0.03, 0.06, 0.04), "mug", (0.03, 0.06, 0.04), 0.3),
    ],
)
def test_boxes_and_spheres_are_known_by_the_shapes_of_the_policies(
    shape: str, size: Any, known: str, half: Any, yaw: float
) -> None:
    turn = np.array([0.0, 0.0, math.sin(0.15), math.cos(0.15)])
    seen = Seen("thing", shape, Pose(np.array([0.5, 0.1, 0.02]), turn), np.array(size))
    message = convert_scene.objects_message(HEAD, [seen])
    (back,) = convert_scene.read_objects(message, "world").values()
    assert back.shape == known
    np.testing.assert_allclose(back.size, half)
    assert yaw_of(back.pose.orientation) == pytest.approx(yaw)
