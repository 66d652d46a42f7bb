from __future__ import annotations

import contextlib
import shutil
import time

import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy", reason="needs ROS 2")

from rclpy.context import Context  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.serialization import serialize_message  # noqa: E402
from rosbags.rosbag2 import Reader  # noqa: E402

from elbowroom.campaign import RunParams  # noqa: E402
from elbowroom.core import (  # noqa: E402
    Box,
    Estimate,
    PlanMode,
    PlanReport,
    Pose,
    Status,
    TrialError,
    Truth,
    Wrench,
)
from elbowroom.nodes.base.frames import FrameParams  # noqa: E402
from elbowroom.nodes.base.joints import JointParams  # noqa: E402
from elbowroom.nodes.base.qos import interface, profile  # noqa: E402
from elbowroom.nodes.bringup.dressing import Watch  # noqa: E402
from elbowroom.nodes.graph import DRESSING, TOPICS, find_topic, resolve  # noqa: E402
from elbowroom.nodes.messages import convert, convert_optional, markers  # noqa: E402
from elbowroom.nodes.recording.bag import count_messages, read_recording  # noqa: E402
from elbowroom.nodes.recording.recorder import Recorder, RecordingError  # noqa: E402
from nodes.harness import ARM, ELBOW, GRIPPER, SHOULDER, TURN, claim_domain  # noqa: E402

FORCE = np.array([1.0, 2.0, 3.0])
JOINTS = tuple(f"panda_joint{k}" for k in range(1, 8))
# As drivers may: other joints come first, and not in the order of the arm.
NAMES = ("finger", *JOINTS[::-1])
EFFORT = np.arange(7.0)
STEPS = 24
LOST = 7


def truth(progress=0.2, passed=False):
    return Truth(ELBOW, SHOULDER, GRIPPER, progress, True, passed, 0.5, FORCE)


def messages(step):
    """What the nodes say at one step, in the order of the topics' names."""
    stamp = 1.0 + step / 240
    head = convert.header(convert.time_message(stamp), "world")
    pose = Pose(GRIPPER, TURN)
    wrench, worldly = Wrench(FORCE, np.zeros(3)), step % 3 == 0
    if not worldly:
        wrench = convert.wrench_in_gripper(wrench, pose)
    report = PlanReport(stamp, PlanMode.FOLLOWING, "", np.zeros((0, 3)), solve_time=0.002)
    box = Estimate(stamp, Box(ELBOW, np.full(3, 0.1)), Status.GUARANTEED, ELBOW, 0.05, 99)
    points = np.stack([SHOULDER, ELBOW, GRIPPER, GRIPPER + 0.05])
    said = {
        "arm_measurement": convert.arm_message(head, ARM),
        "gripper_pose": convert.pose_message(head, pose),
        "wrench": convert.wrench_message(
            head if worldly else convert.header(head.stamp, "gripper"), wrench
        ),
        "truth/elbow": convert.point_message(head, ELBOW),
        "truth/sleeve": convert.sleeve_message(head, truth()),
        "plan_state": convert.plan_state_message(head, report),
        "joint_states": convert.joint_message(head, NAMES, np.full(8, 0.5)),
    }
    if step % 4 == 0:
        said["joint_states"] = convert.joint_message(
            head, NAMES, np.full(8, 0.5), np.array([9.0, *EFFORT[::-1]])
        )
        said["sleeve_progress"] = convert_optional.progress_message(head, 0.125)
    if step != LOST:
        said["elbow_box"] = convert.box_message(head, box, stamp)
    if step % 8 == 0:
        said["shoulder"] = convert.point_message(head, SHOULDER)
        said["arm_markers"] = markers.arm_markers(head, points, (0.05, 0.04, 0.03, 0.03))
        said["sleeve_markers"] = markers.sleeve_markers(head, points[:3], np.array([[0, 1, 2]]))
    return said


@pytest.fixture(scope="module")
def bag(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bag") / "bag"
    with claim_domain() as domain, Recorder(DRESSING, folder, domain=domain) as recorder:
        context = Context()
        rclpy.init(context=context, domain_id=domain)
        node = Node("speaker", context=context)
        out = {
            t: node.create_publisher(interface(TOPICS[t].type), t, profile(t))
            for t in messages(0) | messages(1)
        }
        wait(lambda: all(p.get_subscription_count() for p in out.values()))
        for step in range(STEPS):
            for topic, message in messages(step).items():
                out[topic].publish(message)
            wait(lambda count=step + 1: recorder.counts["joint_states"] == count)
        node.destroy_node()
        rclpy.shutdown(context=context)
    return folder


def wait(done, seconds=20.0):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_a_recording_that_fails_says_so_and_keeps_what_it_has(tmp_path):
    def listen(topic, data):
        if recorder.counts[topic] == 3:
            raise OSError("no space left on device")

    with claim_domain() as domain:
        recorder = Recorder(DRESSING, tmp_path / "bag", listen=listen, domain=domain)
        context = Context()
        rclpy.init(context=context, domain_id=domain)
        node = Node("speaker", context=context)
        out = node.create_publisher(interface(TOPICS["wrench"].type), "wrench", profile("wrench"))
        wait(lambda: out.get_subscription_count() == 1)
        for step in range(4):
            out.publish(messages(step)["wrench"])
        for attempt in (lambda: wait(recorder.check), recorder.close):
            with pytest.raises(RecordingError, match="no space left"):
                attempt()
        node.destroy_node()
        rclpy.shutdown(context=context)
    assert count_messages(tmp_path / "bag")["wrench"] == 3


def test_every_topic_of_the_graph_is_in_the_bag(bag):
    counts = count_messages(bag)
    assert set(counts) == {t.name for t in DRESSING.topics}
    assert counts["wrench"] == STEPS
    assert counts["elbow_box"] == STEPS - 1


def test_topics_are_kept_as_other_tools_play_them(bag):
    with Reader(bag) as reader:
        kept = {c.topic: c.ext.offered_qos_profiles[0] for c in reader.connections}
    assert "/wrench" in kept
    assert all(name.startswith("/") for name in kept)
    # Whoever plays the bag must offer at least what the nodes ask for, or they hear nothing.
    for name, told in kept.items():
        offered, asked = profile(find_topic(name)), profile(find_topic(name), hearing=True)
        assert told.durability.value == offered.durability.value
        assert told.reliability.value == offered.reliability.value
        assert told.durability.value <= asked.durability.value


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("/ward/truth/elbow", "truth/elbow"),
        ("wrench", "wrench"),
        ("/clock", "/clock"),
        ("/ward/not_a_wrench", "/ward/not_a_wrench"),
    ],
)
def test_a_topic_is_found_by_its_absolute_name(name, topic):
    assert find_topic(name) == topic
    assert find_topic(resolve(topic, "ward")) == topic


def test_a_recording_gives_back_what_was_said(bag):
    seen = read_recording(bag)
    assert len(seen.trial) == len(seen.track) == STEPS - 1
    np.testing.assert_allclose(seen.trial.force, np.tile(FORCE, (STEPS - 1, 1)), atol=1e-12)
    np.testing.assert_allclose(seen.trial.true_elbow[0], ELBOW)
    np.testing.assert_allclose(seen.track.size, 0.1)
    assert seen.trial.facts["forearm"] == ARM.forearm
    assert np.all(seen.track.status == Status.GUARANTEED)
    assert np.sum(~np.isnan(seen.trial.shoulder[:, 0])) == 3
    told = ~np.isnan(seen.trial.progress)
    assert np.sum(told) == 6
    np.testing.assert_array_equal(seen.trial.progress[told], 0.125)
    np.testing.assert_array_equal(~np.isnan(seen.trial.effort[:, 0]), told)
    np.testing.assert_array_equal(seen.trial.effort[told], np.tile(EFFORT, (6, 1)))


def test_what_a_node_would_refuse_is_left_out(bag):
    with pytest.raises(TrialError, match="lacks wrench"):
        read_recording(bag, FrameParams(gripper="hand", world="map"))
    named = ",".join(f"other{k}" for k in range(7))
    assert np.isnan(read_recording(bag, joints=JointParams(named)).trial.effort).all()


def test_measurements_without_a_box_are_counted(bag):
    seen = read_recording(bag)
    assert seen.missing == 1
    assert 1 + LOST / 240 not in seen.trial.time.round(9)


def test_frames_show_arm_sleeve_box_and_robot(bag):
    frame = read_recording(bag).frames[-1]
    np.testing.assert_allclose(frame.arm[1], ELBOW)
    np.testing.assert_allclose(frame.radii, [0.05, 0.04, 0.03, 0.03])
    assert frame.cloth.shape == (1, 3, 3)
    assert frame.joints == dict.fromkeys(NAMES, 0.5)
    assert frame.status is Status.GUARANTEED
    assert frame.caption == "following"


def test_a_folder_without_a_bag_is_refused(tmp_path):
    with pytest.raises(TrialError, match="not a readable bag"):
        read_recording(tmp_path)


def flip(path, seed):
    data, rng = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for place in rng.integers(0, len(data), 40):
        data[place] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "mangle",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.unlink(),
        lambda path: (path.parent / "metadata.yaml").write_text("a: [1"),
        lambda path: (path.parent / "metadata.yaml").write_text("!!python/object:os.PathLike {}"),
    ],
)
def test_a_mangled_bag_is_refused(bag, tmp_path, mangle):
    copy = tmp_path / "copy"
    shutil.copytree(bag, copy)
    (path,) = copy.glob("*.mcap")
    mangle(path)
    with pytest.raises(TrialError, match="copy is not a readable bag"):
        read_recording(copy)


@pytest.mark.parametrize("seed", range(8))
def test_flipped_bytes_raise_nothing_else(bag, tmp_path, seed):
    copy = tmp_path / "copy"
    shutil.copytree(bag, copy)
    (path,) = copy.glob("*.mcap")
    flip(path, seed)
    # Where the bytes of numbers alone are hit, nothing can be noticed.
    with contextlib.suppress(TrialError):
        read_recording(copy)


def tell(watch, topic, message):
    watch.listen(topic, serialize_message(message))


def head(stamp):
    return convert.header(convert.time_message(stamp), "world")


def plan(stamp, mode):
    report = PlanReport(stamp, mode, "why", np.zeros((0, 3)))
    return convert.plan_state_message(head(stamp), report)


@pytest.fixture
def watch():
    watch = Watch(RunParams(max_duration=2.0, patience=0.5, goal_share=0.5))
    tell(watch, "arm_measurement", convert.arm_message(head(1.0), ARM))
    return watch


def test_a_planner_that_waits_for_the_first_measurement_is_not_given_up(watch):
    tell(watch, "plan_state", plan(0.0, PlanMode.STOPPED))
    tell(watch, "truth/sleeve", convert.sleeve_message(head(5.0), truth()))
    tell(watch, "plan_state", plan(5.0, PlanMode.STOPPED))
    assert watch.over == ""
    tell(watch, "plan_state", plan(5.6, PlanMode.STOPPED))
    assert watch.over == "stopped: why"


def test_a_planner_that_goes_on_is_not_given_up(watch):
    tell(watch, "truth/sleeve", convert.sleeve_message(head(5.0), truth()))
    for stamp, mode in ((5.0, PlanMode.STOPPED), (5.3, PlanMode.FOLLOWING)):
        tell(watch, "plan_state", plan(stamp, mode))
    tell(watch, "plan_state", plan(5.6, PlanMode.STOPPED))
    assert watch.over == ""


def test_a_dressing_ends_by_arrival_or_time(watch):
    short = ARM.forearm + 0.4 * ARM.upper_arm
    tell(watch, "truth/sleeve", convert.sleeve_message(head(5.0), truth(short, True)))
    assert watch.over == ""
    assert 0.9 < watch.share < 1.0
    tell(watch, "truth/sleeve", convert.sleeve_message(head(5.1), truth(short + 0.1, True)))
    assert watch.over == "arrived"
    late = Watch(RunParams(max_duration=2.0))
    for stamp in (5.0, 7.1):
        tell(late, "truth/sleeve", convert.sleeve_message(head(stamp), truth()))
    assert late.over == "time"
