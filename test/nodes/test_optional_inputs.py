"""The cuff's way and the joints' effort, from the message to the estimator."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message

from elbowroom.core import InputError, ParameterError
from elbowroom.msg import ElbowBox
from elbowroom.nodes.messages import convert, convert_optional
from nodes.harness import Bench
from nodes.test_estimator_node import Node, listen_to_box

HEAD = convert.header(convert.time_message(12.25), "world")


@pytest.fixture
def hearing(bench: Bench) -> Node:
    bench.listen("elbow_box")
    node = bench.start(Node)
    bench.send_arm()
    bench.spin_until(lambda: node._tracker._arm is not None)
    return node


def over_the_wire(message: Any) -> Any:
    return deserialize_message(serialize_message(message), type(message))


def test_the_cuffs_way_comes_back() -> None:
    message = over_the_wire(convert_optional.progress_message(HEAD, -0.0625))
    assert convert_optional.read_progress(message) == -0.0625
    assert message.header == HEAD
    message.progress = math.nan
    with pytest.raises(InputError, match="finite"):
        convert_optional.read_progress(message)


def test_effort_is_read_by_the_joints_names() -> None:
    names = tuple(f"j{k}" for k in range(9))
    effort = np.arange(9.0)
    message = over_the_wire(convert.joint_message(HEAD, names, np.zeros(9), effort))
    np.testing.assert_array_equal(convert_optional.read_effort(message, ("j4", "j0")), [4.0, 0.0])
    with pytest.raises(InputError, match="lack the effort of wrist, hand"):
        convert_optional.read_effort(message, ("j1", "wrist", "hand"))
    message.effort[4] = math.inf
    with pytest.raises(InputError, match="finite"):
        convert_optional.read_effort(message, ("j4",))
    silent = over_the_wire(convert.joint_message(HEAD, names, np.zeros(9)))
    assert convert_optional.read_effort(silent, ("j4",)) is None


def test_effort_and_the_cuffs_way_reach_the_estimator(bench: Bench, hearing: Node) -> None:
    head = convert.header(bench.stamp(), "world")
    names = tuple(f"panda_joint{k}" for k in range(7, 0, -1))
    joints = convert.joint_message(head, names, np.zeros(7), np.arange(7.0))
    bench.publish("sleeve_progress", convert_optional.progress_message(head, 0.125))
    bench.publish("joint_states", joints)
    seen = hearing._senses.inbox._seen
    bench.spin_until(lambda: bool(seen["progress"] and seen["effort"]))
    bench.send_all()
    listen_to_box(bench)
    sample = hearing._tracker._state[-1]
    assert sample.progress == 0.125
    np.testing.assert_array_equal(sample.effort, np.arange(7.0)[::-1])


def test_bad_effort_is_refused_and_the_box_stays(bench: Bench, hearing: Node) -> None:
    head = convert.header(bench.stamp(), "world")
    bench.publish("joint_states", convert.joint_message(head, ("other",), np.zeros(1), np.ones(1)))
    bench.publish("sleeve_progress", convert_optional.progress_message(head, math.nan))
    refused = hearing._senses.inbox.refused
    bench.spin_until(lambda: refused["effort"] == refused["progress"] == 1)
    bench.send_all()
    assert listen_to_box(bench).status == ElbowBox.GUARANTEED
    assert hearing._tracker._state[-1].effort is None


def test_joints_must_be_seven_names(bench: Bench) -> None:
    with pytest.raises(ParameterError, match="7 different joints, got 'a,b,c'"):
        bench.start(Node, active=False, joints__names="a,b,c")
