"""What was measured in a recorded rosbag2, as the estimator would have heard it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from elbowroom.core import ArmMeasurement, InputError, Sample, TrialError
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.joints import JointParams
from elbowroom.nodes.dressing.inbox import Inbox, InboxParams
from elbowroom.nodes.messages import convert, convert_optional
from elbowroom.nodes.recording.bag import read_messages

Dressing: TypeAlias = tuple[ArmMeasurement, list[Sample]]
"""A person's measured lengths, and what was measured while that person was dressed."""

_POINTS = {"shoulder": "shoulder", "elbow_sighting": "sighting", "wrist": "wrist"}
_TOPICS = {"arm_measurement", "wrench", "gripper_pose", "sleeve_progress", "joint_states"}


def read_measurements(
    folder: Path, frames: FrameParams | None = None, joints: JointParams | None = None
) -> list[Dressing]:
    """Every dressing in a bag; neither truth nor anything that a node said is needed.

    Wrench, gripper pose and what came now and then are merged as by the estimator's node; what it
    refuses is left out. A dressing begins with every arm measurement. How late a message came is
    not judged: a bag may have been recorded under another clock than that of the stamps.

    Args:
        folder: of the bag.
        frames: names of the frames, as the nodes were given them.
        joints: whose effort is read, likewise.

    Raises:
        TrialError: if the bag is mangled, or has no arm measurement that is followed by wrenches
            with gripper poses.
    """
    hearing = _Hearing(frames or FrameParams(), (joints or JointParams()).order)
    dressings: list[Dressing] = []
    met = False
    for topic, _, message in read_messages(folder, _TOPICS | set(_POINTS)):
        if topic == "arm_measurement":
            arm = hearing.read_arm(message)
            met = arm is not None
            if arm is not None:
                dressings.append((arm, []))
            continue
        hearing.take(topic, message)
        heard = [delivery.sample for delivery in hearing.inbox.take()]
        if met:
            dressings[-1][1].extend(heard)
    found = [d for d in dressings if any(s.wrench and s.gripper for s in d[1])]
    if not found:
        reasons = [f"; {s} refused: {why}" for s, why in hearing.inbox.last_refusal.items()]
        lacks = "the bag lacks the arm measurement, wrench or gripper pose of a dressing"
        raise TrialError(f"{folder.name}: {lacks}{''.join(reasons)}")
    return found


class _Hearing:
    def __init__(self, frames: FrameParams, order: tuple[str, ...]) -> None:
        self.inbox: Inbox[None] = Inbox(InboxParams())
        self._frames, self._order = frames, order

    def read_arm(self, message: Any) -> ArmMeasurement | None:
        try:
            return convert.read_arm(message)
        except InputError as error:
            self.inbox.refuse("arm_measurement", str(error))
            return None

    def take(self, topic: str, message: Any) -> None:
        stamp = convert.seconds(message.header.stamp)
        try:
            if topic == "wrench":
                self._take_wrench(stamp, message)
            elif topic == "gripper_pose":
                self.inbox.put_pose(stamp, convert.read_pose(message, self._frames.world), stamp)
            else:
                self._take_seen(topic, stamp, message)
        except InputError as error:
            self.inbox.refuse(topic, str(error))

    def _take_wrench(self, stamp: float, message: Any) -> None:
        wrench, in_gripper, fault = None, False, ""
        try:
            in_gripper = self._frames.is_gripper(message.header.frame_id)
            wrench = convert.read_wrench(message)
        except InputError as error:
            # It still makes a sample: time goes on for the estimator.
            fault = str(error)
        self.inbox.put_wrench(stamp, wrench, stamp, None, in_gripper=in_gripper, fault=fault)

    def _take_seen(self, topic: str, stamp: float, message: Any) -> None:
        value: Any
        if topic == "sleeve_progress":
            name, value = "progress", convert_optional.read_progress(message)
        elif topic == "joint_states":
            name, value = "effort", convert_optional.read_effort(message, self._order)
        else:
            name, value = _POINTS[topic], convert.read_point(message, self._frames.world)
        if value is not None:
            self.inbox.put_seen(name, stamp, value, stamp)
