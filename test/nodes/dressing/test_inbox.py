"""Merging measurements into samples, without ROS."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.core import Pose, Wrench
from elbowroom.nodes.dressing.inbox import Delivery, Inbox, InboxParams

HERE = np.zeros(3)


def make_inbox(**values: float) -> Inbox[int]:
    return Inbox(InboxParams(**values))


def push(inbox: Inbox[int], stamp: float, force: float = 1.0, now: float | None = None) -> None:
    wrench = Wrench(np.full(3, force), HERE)
    at = stamp if now is None else now
    inbox.put_wrench(stamp, wrench, at, round(stamp * 1e3), in_gripper=False)


def pose_at(stamp: float) -> Pose:
    return Pose(np.array([stamp, 0.0, 0.0]))


def take_one(inbox: Inbox[int]) -> Delivery[int]:
    (delivery,) = inbox.take()
    return delivery


@given(st.permutations(range(6)), st.integers(0, 2))
def test_order_of_arrival_within_a_tick_does_not_matter(order: list[int], lag: int) -> None:
    """However poses and wrenches interleave, each wrench gets the pose of its own stamp."""
    inbox = make_inbox()
    events = sorted([(k + 0.0, "pose", k) for k in order] + [(k + lag / 4, "f", k) for k in order])
    got = []
    for _, kind, k in events:
        stamp = 1 + k / 240
        if kind == "pose":
            inbox.put_pose(stamp, pose_at(stamp), stamp)
        else:
            push(inbox, stamp)
        got += inbox.take()
    assert [d.sample.stamp for d in got] == [1 + k / 240 for k in range(6)]
    for d in got:
        assert d.sample.gripper is not None
        assert d.sample.gripper.position[0] == d.sample.stamp
        assert d.fault == ""


def test_a_wrench_waits_for_its_pose_but_not_beyond_the_next_wrench() -> None:
    inbox = make_inbox()
    push(inbox, 1.000)
    assert inbox.take() == []
    push(inbox, 1.004)
    late = take_one(inbox)
    assert late.token == 1000
    assert "no gripper pose" in late.fault
    inbox.put_pose(1.004, pose_at(1.004), 1.004)
    assert take_one(inbox).fault == ""


def test_a_pose_of_another_rate_is_used_while_near() -> None:
    inbox = make_inbox(pose_limit=0.02)
    inbox.put_pose(1.0, pose_at(1.0), 1.0)
    inbox.put_pose(1.1, pose_at(1.1), 1.1)
    push(inbox, 1.09)
    near = take_one(inbox)
    assert near.sample.gripper is not None
    assert near.sample.gripper.position[0] == 1.1
    push(inbox, 1.15)
    push(inbox, 1.16)
    assert take_one(inbox).sample.gripper is None


def test_a_wrench_in_gripper_axes_is_dropped_without_a_pose() -> None:
    inbox = make_inbox()
    for stamp in (1.0, 1.004):
        inbox.put_wrench(stamp, Wrench(np.ones(3), HERE), stamp, 0, in_gripper=True)
    delivery = take_one(inbox)
    assert delivery.sample.wrench is None
    assert "no gripper pose" in delivery.fault


@pytest.mark.parametrize(("axis", "sign"), [(0, 1), (1, -1), (2, 1)])
def test_saturation_on_any_axis_is_a_fault(axis: int, sign: int) -> None:
    inbox = make_inbox(force_range=50.0)
    inbox.put_pose(1.0, pose_at(1.0), 1.0)
    force = np.zeros(3)
    force[axis] = sign * 50.0
    inbox.put_wrench(1.0, Wrench(force, HERE), 1.0, 0, in_gripper=False)
    delivery = take_one(inbox)
    assert delivery.sample.wrench is None
    assert "saturated" in delivery.fault


def test_camera_points_go_into_one_sample_only() -> None:
    inbox = make_inbox()
    inbox.put_pose(1.0, pose_at(1.0), 1.0)
    inbox.put_seen("shoulder", 1.0, np.ones(3), 1.0)
    push(inbox, 1.0)
    assert take_one(inbox).sample.shoulder is not None
    inbox.put_pose(1.004, pose_at(1.004), 1.004)
    push(inbox, 1.004)
    assert take_one(inbox).sample.shoulder is None


def test_a_point_that_is_ahead_of_its_wrench_waits_for_it() -> None:
    inbox = make_inbox()
    for stamp in (1.0, 1.1, 1.2):
        inbox.put_seen("shoulder", stamp, np.full(3, stamp), 1.25)
    got = []
    for stamp in (1.0, 1.05, 1.1, 1.21):
        inbox.put_pose(stamp, pose_at(stamp), 1.25)
        push(inbox, stamp, now=1.25)
        got.append(take_one(inbox).sample.shoulder)
    assert [None if p is None else p[0] for p in got] == [1.0, None, 1.1, 1.2]
    assert inbox.refused["shoulder"] == 0


def test_an_old_sighting_is_not_taken_for_the_present() -> None:
    inbox = make_inbox(camera_limit=0.2)
    inbox.put_seen("sighting", 1.0, np.ones(3), 4.0)
    inbox.put_pose(4.0, pose_at(4.0), 4.0)
    push(inbox, 4.0)
    assert take_one(inbox).sample.sighting is None
    assert "3.00 s older" in inbox.last_refusal["sighting"]


@pytest.mark.parametrize("back", [0.0, 1e-3, 5.0])
def test_stamps_must_go_on(back: float) -> None:
    inbox = make_inbox()
    push(inbox, 10.0)
    push(inbox, 10.0 - back, now=10.0)
    assert inbox.refused["wrench"] == 1


def test_a_stamp_from_the_future_shuts_nobody_out() -> None:
    inbox = make_inbox()
    push(inbox, 1e9, now=1.0)
    inbox.put_pose(1e9, pose_at(0.0), 1.0)
    inbox.put_seen("wrist", 1e9, HERE, 1.0)
    assert inbox.refused == {"wrench": 1, "gripper": 1, "wrist": 1}
    inbox.put_pose(1.0, pose_at(1.0), 1.0)
    push(inbox, 1.0)
    assert take_one(inbox).fault == ""


def test_silence_is_named_with_the_last_refusal() -> None:
    inbox = make_inbox(wrench_timeout=0.03)
    assert inbox.silence(0.0) == "no wrench yet"
    push(inbox, 1.0)
    assert inbox.silence(1.029) == ""
    push(inbox, 0.5, now=1.5)
    assert inbox.silence(1.5).startswith("no wrench for 0.50 s (last refusal: stamp 0.500 s before")


def test_reset_accepts_earlier_stamps() -> None:
    inbox = make_inbox()
    push(inbox, 10.0)
    inbox.reset()
    push(inbox, 5.0)
    assert inbox.refused["wrench"] == 0
    assert inbox.age("wrench", 6.0) == 1.0
    assert math.isinf(inbox.age("gripper", 6.0))


def test_what_is_felt_and_told_joins_the_next_wrench_once() -> None:
    inbox = make_inbox()
    inbox.put_seen("progress", 1.0, 0.25, 1.0)
    inbox.put_seen("effort", 1.0, np.arange(7.0), 1.0)
    inbox.put_seen("progress", 1.02, 0.27, 1.02)
    samples = []
    for stamp in (1.0, 1.01, 1.02):
        inbox.put_pose(stamp, pose_at(stamp), stamp)
        push(inbox, stamp)
        samples.append(take_one(inbox).sample)
    assert [s.progress for s in samples] == [0.25, None, 0.27]
    assert [s.effort is None for s in samples] == [False, True, True]
    np.testing.assert_array_equal(samples[0].effort, np.arange(7.0))


def test_without_wrenches_what_is_felt_does_not_pile_up() -> None:
    inbox = make_inbox()
    for k in range(5000):
        inbox.put_seen("effort", 1.0 + k / 1000, np.full(7, float(k)), 1.0 + k / 1000)
    assert len(inbox._seen["effort"]) <= 1000
    inbox.put_pose(6.0, pose_at(6.0), 6.0)
    push(inbox, 6.0)
    newest = take_one(inbox).sample.effort
    assert newest is not None
    assert newest[0] == 4999.0


def test_a_fast_robot_and_a_late_wrench_come_together() -> None:
    inbox = make_inbox()
    for k in range(600):
        now = 1.0 + k / 1000
        inbox.put_pose(now, Pose(np.array([now, 0.0, 0.0])), now)
        if k % 4 == 0 and k > 60:
            inbox.put_wrench(now - 0.06, Wrench(HERE, HERE), now, k, in_gripper=True)
    found = [d for d in inbox.take() if not d.fault]
    assert len(found) > 120
    assert all(abs(d.sample.gripper.position[0] - d.sample.stamp) < 0.002 for d in found)
