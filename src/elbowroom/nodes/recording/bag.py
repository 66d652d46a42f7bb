"""Reads a recorded dressing back from a rosbag2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rclpy.serialization import deserialize_message
from rosbags.rosbag2 import Reader

from elbowroom.campaign.track import EstimateTrack, TrackRecorder
from elbowroom.core import (
    JOINTS,
    ArmMeasurement,
    InputError,
    Trial,
    TrialError,
    matrix_from_quaternion,
)
from elbowroom.core.types import Array
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.joints import JointParams
from elbowroom.nodes.base.qos import interface
from elbowroom.nodes.graph import TOPICS, find_topic
from elbowroom.nodes.messages import convert, convert_optional
from elbowroom.nodes.recording import scenery
from elbowroom.nodes.recording.scenery import Scenery
from elbowroom.view.frame import Frame

_NANO = 1_000_000_000
_POINTS = {
    "shoulder": "shoulder",
    "elbow_sighting": "sighting",
    "wrist": "wrist",
    "truth/elbow": "true_elbow",
}


@dataclass
class Recording:
    """A dressing as it went over the topics.

    Attributes:
        trial: measurements and truth at the wrench's stamps.
        track: the published boxes at the same stamps.
        missing: measured wrenches after the first box that have no box of their own.
        frames: for pictures.
        description: URDF of the robot, or empty.
        latency: from the arrival of a wrench to that of its box [s], shape (n,).
        rates: messages of every topic a simulated second.
        modes: planner's state at every `plan_state`, shape (k,).
        solve_time: [s], shape (k,).
    """

    trial: Trial
    track: EstimateTrack
    missing: int
    frames: list[Frame]
    description: str
    latency: Array
    rates: dict[str, float]
    modes: Array
    solve_time: Array


@dataclass
class _Rows:
    """Messages by stamp [ns], as they are read."""

    frames: FrameParams
    joints: JointParams
    wrench: dict[int, Any] = field(default_factory=dict)
    in_gripper: dict[int, bool] = field(default_factory=dict)
    pose: dict[int, Any] = field(default_factory=dict)
    sleeve: dict[int, Any] = field(default_factory=dict)
    points: dict[str, dict[int, Array]] = field(
        default_factory=lambda: {name: {} for name in _POINTS.values()}
    )
    progress: dict[int, float] = field(default_factory=dict)
    effort: dict[int, Array] = field(default_factory=dict)
    boxes: dict[int, Any] = field(default_factory=dict)
    came: dict[str, dict[int, int]] = field(default_factory=lambda: {"wrench": {}, "elbow_box": {}})
    arm: Any = None
    description: str = ""
    drawn: list[Frame] = field(default_factory=list)
    plans: list[tuple[float, float]] = field(default_factory=list)


def read_messages(folder: Path, topics: set[str]) -> Iterator[tuple[str, int, Any]]:
    """Topic, time of arrival [ns] and message, in the order of arrival.

    Raises:
        TrialError: if the bag is missing or mangled.
    """
    kinds = {name: interface(TOPICS[name].type) for name in topics}
    with _open(folder) as reader:
        wanted = [c for c in reader.connections if find_topic(c.topic) in topics]
        for connection, arrived, data in reader.messages(wanted):
            name = find_topic(connection.topic)
            yield name, arrived, deserialize_message(bytes(data), kinds[name])


def read_recording(
    folder: Path, frames: FrameParams | None = None, joints: JointParams | None = None
) -> Recording:
    """Read a dressing that `Recorder` or `ros2 bag record -s mcap -a` stored.

    Messages are read as the nodes read them; what a node refuses is left out.

    Args:
        folder: of the bag.
        frames: names of the frames, as the nodes were given them.
        joints: whose effort is read, likewise.

    Raises:
        TrialError: if the bag is mangled or lacks what a dressing needs.
    """
    rows = _Rows(frames or FrameParams(), joints or JointParams())
    scene = Scenery(rows.frames.world)
    topics = {"gripper_pose", "truth/sleeve", "arm_measurement", "robot_description"}
    topics |= {"sleeve_progress", "joint_states"}
    topics |= set(_POINTS) | set(scenery.TOPICS)
    for topic, arrived, message in read_messages(folder, topics):
        _take(rows, topic, arrived, message)
        frame = scene.take(topic, message)
        if frame is not None:
            rows.drawn.append(frame)
    seconds = (max(rows.wrench, default=1) - min(rows.wrench, default=0)) * 1e-9 or 1.0
    return _assemble(rows, {t: n / seconds for t, n in count_messages(folder).items()})


def count_messages(folder: Path) -> dict[str, int]:
    """Messages of every topic in a bag.

    Raises:
        TrialError: if the bag is missing or mangled.
    """
    with _open(folder) as reader:
        return {find_topic(c.topic): c.msgcount for c in reader.connections}


@contextmanager
def _open(folder: Path) -> Iterator[Reader]:
    try:
        with Reader(folder) as reader:
            yield reader
    except Exception as error:
        # Of mangled bytes, the readers of file and messages raise whatever they stumble over.
        raise TrialError(f"{folder.name} is not a readable bag: {error}") from error


def _take(rows: _Rows, topic: str, arrived: int, message: Any) -> None:
    if topic == "robot_description":
        rows.description = message.data
        return
    if topic == "arm_measurement":
        rows.arm = _read_arm(message)
        return
    if topic in ("arm_markers", "sleeve_markers"):
        return
    stamp = message.header.stamp.sec * _NANO + message.header.stamp.nanosec
    if topic in rows.came:
        rows.came[topic][stamp] = arrived
    world = rows.frames.world
    try:
        if topic in _POINTS:
            rows.points[_POINTS[topic]][stamp] = convert.read_point(message, world)
        elif topic == "wrench":
            rows.in_gripper[stamp] = rows.frames.is_gripper(message.header.frame_id)
            rows.wrench[stamp] = convert.read_wrench(message)
        elif topic == "gripper_pose":
            rows.pose[stamp] = convert.read_pose(message, world)
        elif topic == "sleeve_progress":
            rows.progress[stamp] = convert_optional.read_progress(message)
        elif topic == "joint_states":
            effort = convert_optional.read_effort(message, rows.joints.order)
            if effort is not None:
                rows.effort[stamp] = effort
        elif topic == "truth/sleeve":
            rows.sleeve[stamp] = message
        elif topic == "elbow_box":
            rows.boxes[stamp] = convert.read_box(message, world)
        elif topic == "plan_state":
            rows.plans.append((message.state, message.solve_time))
    except InputError:
        return


def _read_arm(message: Any) -> ArmMeasurement | None:
    try:
        return convert.read_arm(message)
    except InputError:
        return None


def _assemble(rows: _Rows, rates: dict[str, float]) -> Recording:
    needed = (rows.wrench, rows.pose, rows.sleeve, rows.points["true_elbow"], rows.boxes)
    stamps = sorted(set.intersection(*(set(part) for part in needed)))
    if len(stamps) < 2 or rows.arm is None or not rows.drawn:
        raise TrialError("the bag lacks wrench, gripper pose, arm, truth or box of a dressing")
    since = [s for s in rows.wrench if stamps[0] <= s <= stamps[-1]]
    came = rows.came
    latency = [came["elbow_box"][s] - came["wrench"][s] for s in stamps]
    plans = np.array(rows.plans, dtype=float).reshape(-1, 2)
    return Recording(
        trial=_trial(rows, stamps),
        track=_track(rows, stamps),
        missing=sum(s not in rows.boxes for s in since),
        frames=rows.drawn,
        description=rows.description,
        latency=np.array(latency) * 1e-9,
        rates=rates,
        modes=plans[:, 0],
        solve_time=plans[:, 1],
    )


def _track(rows: _Rows, stamps: list[int]) -> EstimateTrack:
    track = TrackRecorder()
    for stamp in stamps:
        track.add_estimate(rows.boxes[stamp], 0.0)
    return track.estimates()


def _trial(rows: _Rows, stamps: list[int]) -> Trial:
    poses = [rows.pose[s] for s in stamps]
    turns = matrix_from_quaternion(np.array([p.orientation for p in poses]))
    turns[[not rows.in_gripper[s] for s in stamps]] = np.eye(3)
    force, torque = (
        np.einsum("tij,tj->ti", turns, np.array([getattr(rows.wrench[s], name) for s in stamps]))
        for name in ("force", "torque")
    )
    time = np.array(stamps) * 1e-9
    drawn = np.array([frame.time for frame in rows.drawn])
    arms = np.array([frame.arm[:3] for frame in rows.drawn])
    shoulder, wrist = (
        np.stack([np.interp(time, drawn, arms[:, k, i]) for i in range(3)], axis=1) for k in (0, 2)
    )
    last = rows.sleeve[stamps[-1]]
    return Trial(
        time=time,
        force=force,
        torque=torque,
        gripper_position=np.array([p.position for p in poses]),
        gripper_orientation=np.array([p.orientation for p in poses]),
        **{name: _at(rows.points[name], stamps) for name in _POINTS.values()},
        progress=np.array([rows.progress.get(s, np.nan) for s in stamps]),
        effort=_at(rows.effort, stamps, JOINTS),
        true_shoulder=shoulder,
        true_wrist=wrist,
        true_force=force,
        true_progress=np.array([rows.sleeve[s].progress for s in stamps]),
        true_threaded=np.array([float(rows.sleeve[s].threaded) for s in stamps]),
        facts={
            "upper_arm": rows.arm.upper_arm,
            "forearm": rows.arm.forearm,
            "passed_elbow": bool(last.past_elbow),
            "true_force": "as measured",
        },
    )


def _at(points: dict[int, Array], stamps: list[int], width: int = 3) -> Array:
    unseen = np.full(width, np.nan)
    return np.array([points.get(s, unseen) for s in stamps])
