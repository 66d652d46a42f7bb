"""A monitor's report of a bag: with features, and of a real robot's, without truth."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy", reason="needs ROS 2")

from rclpy.serialization import serialize_message  # noqa: E402
from rosbags.rosbag2 import StoragePlugin, Writer  # noqa: E402

from elbowroom import cli  # noqa: E402
from elbowroom.core import TrialError  # noqa: E402
from elbowroom.monitoring.attendant import SHIPPED  # noqa: E402
from elbowroom.monitoring.watching.reference import load_reference, save_reference  # noqa: E402
from elbowroom.nodes.base.frames import FrameParams  # noqa: E402
from elbowroom.nodes.dressing import warmup  # noqa: E402
from elbowroom.nodes.graph import TOPICS  # noqa: E402
from elbowroom.nodes.messages import convert  # noqa: E402
from elbowroom.nodes.messages.convert_monitor import feature_messages  # noqa: E402
from elbowroom.nodes.recording.bag_samples import read_measurements  # noqa: E402
from elbowroom.nodes.recording.recorder import load_types  # noqa: E402
from elbowroom.verbs import monitor_report  # noqa: E402
from elbowroom.verbs.options import Options  # noqa: E402
from monitoring.made import VERSION, draw_readings, make_reference  # noqa: E402

STEPS = 120


def write_bag(folder, said):
    """A bag of (topic, message) in the order of arrival."""
    store, connections = load_types(), {}
    with Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        for place, (topic, message) in enumerate(said):
            if topic not in connections:
                kind = TOPICS[topic].type
                connections[topic] = writer.add_connection(f"/{topic}", kind, typestore=store)
            writer.write(connections[topic], place + 1, serialize_message(message))
    return folder


def head(stamp, frame="world"):
    return convert.header(convert.time_message(stamp), frame)


def meet(stamp=1.0):
    return "arm_measurement", convert.arm_message(head(stamp), warmup.ARM)


def published(versions, **how):
    """Features of one dressing a version, as the estimator publishes them."""
    for i, version in enumerate(versions):
        yield meet(100.0 + 20 * i)
        for reading in draw_readings(700 + i, begin=100.0 + 20 * i, **how):
            stamp = convert.time_message(reading.stamp)
            for message in feature_messages(reading, version, stamp):
                yield "features", message


def measured(start=0.0):
    """What a real robot's bag holds of a dressing: no truth, no box, no features."""
    yield meet(1.0 + start)
    for sample, _ in warmup.rehearse(STEPS):
        at = sample.stamp + start
        for topic, point in (
            ("shoulder", sample.shoulder),
            ("elbow_sighting", sample.sighting),
            ("wrist", sample.wrist),
        ):
            if point is not None:
                yield topic, convert.point_message(head(at), point)
        in_gripper = convert.wrench_in_gripper(sample.wrench, sample.gripper)
        # The wrench overtakes its pose, as it may.
        yield "wrench", convert.wrench_message(head(at, "gripper"), in_gripper)
        yield "gripper_pose", convert.pose_message(head(at), sample.gripper)


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    save_reference(folder, make_reference(people=60))
    return folder


def report(bag, folder, *more):
    status = cli.main(["monitor", "report", str(bag), "--folder", str(folder), *more])
    path = folder / "report.json"
    return status, json.loads(path.read_text()) if path.exists() else None


def test_features_of_a_bag_are_reported_as_they_were_published(reference, tmp_path, capsys):
    bag = write_bag(tmp_path / "bag", published([VERSION] * 3, shift=12.0))
    status, figures = report(bag, tmp_path / "out", "--reference", str(reference))
    assert status == 0
    assert [d["readings"] for d in figures["dressings"]] == [48, 48, 48]
    assert figures["alarmed"]
    assert figures["violations"][0]["bag"] == str(bag)
    assert bag.as_uri() in (tmp_path / "out" / "index.html").read_text()
    assert "of 3" in capsys.readouterr().out


def test_features_of_another_model_are_named(reference, tmp_path, capsys):
    bag = write_bag(tmp_path / "bag", published(["other"]))
    status, figures = report(bag, tmp_path / "out", "--reference", str(reference))
    assert status != 0
    assert figures is None
    said = capsys.readouterr().err
    assert "48 readings were refused" in said
    assert "model other" in said
    assert VERSION in said


def test_readings_that_were_left_out_are_counted(reference, tmp_path, capsys):
    bag = write_bag(tmp_path / "bag", published([VERSION, "other"]))
    status, figures = report(bag, tmp_path / "out", "--reference", str(reference))
    assert status == 0
    assert figures["readings"] == 48
    assert re.search(r"readings left out\D+48\b", capsys.readouterr().out)


def test_measurements_are_read_without_truth(tmp_path):
    bag = write_bag(tmp_path / "bag", [*measured(), *measured(start=10.0)])
    dressings = read_measurements(bag)
    assert [arm for arm, _ in dressings] == [warmup.ARM] * 2
    for (_, samples), start in zip(dressings, (0.0, 10.0), strict=True):
        expected = [sample for sample, _ in warmup.rehearse(STEPS)]
        assert len(samples) == STEPS
        for got, wanted in zip(samples, expected, strict=True):
            assert got.stamp == pytest.approx(wanted.stamp + start)
            np.testing.assert_allclose(got.wrench.force, wanted.wrench.force, atol=1e-9)
            np.testing.assert_allclose(got.gripper.position, wanted.gripper.position)
            for name in ("shoulder", "sighting", "wrist"):
                assert (getattr(got, name) is None) == (getattr(wanted, name) is None)


def test_why_measurements_cannot_be_used_is_named(tmp_path):
    bag = write_bag(tmp_path / "bag", measured())
    with pytest.raises(TrialError, match=r"gripper_pose refused: .*frame"):
        read_measurements(bag, FrameParams(world="map", gripper="hand"))
    unmet = write_bag(tmp_path / "unmet", list(measured())[1:])
    with pytest.raises(TrialError, match="lacks the arm measurement"):
        read_measurements(unmet)


def test_features_of_a_real_robots_bag_are_made_anew(tmp_path):
    bag = write_bag(tmp_path / "bag", [*measured(), *measured(start=10.0)])
    known = load_reference(SHIPPED)
    begun, readings = [], []
    hearer = SimpleNamespace(
        begin=lambda: begun.append(len(readings)),
        take_reading=lambda *heard: readings.append(heard),
        watch=SimpleNamespace(reference=known),
    )
    groups = {kind: kind() for kind in monitor_report.GROUPS.values()}
    last = monitor_report._feed(hearer, bag, Options(seed=0, json=None, groups=groups))
    assert last == pytest.approx(11.0 + (STEPS - 1) / 240)
    # One reading every 1/24 s of each dressing, by the model that the reference is of.
    assert begun == [0, STEPS // 10]
    assert len(readings) == 2 * STEPS // 10
    assert {version for _, version in readings} == {known.model_version}
    for reading, _ in readings:
        known.project(reading.layers)
