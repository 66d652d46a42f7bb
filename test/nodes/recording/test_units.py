"""References and reports of a policy that grasps, from bags of what its node published."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

from rclpy.serialization import serialize_message
from rosbags.rosbag2 import Writer

from elbowroom.cli import main
from elbowroom.core import ArtefactError
from elbowroom.monitoring import MonitoringError
from elbowroom.monitoring.watching.reference import load_reference
from elbowroom.msg import ArmMeasurement, GraspState, LayerFeatures
from elbowroom.nodes.graph import TOPICS
from elbowroom.nodes.messages import convert
from elbowroom.nodes.recording.recorder import load_types
from elbowroom.nodes.recording.units import find_bags, read_units

PERIOD = 1 / 12
MIX = np.random.default_rng(3).normal(size=(3, 8))


class Tape:
    """A bag in the making, with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self._writer, self._store, self.now = Writer(folder, version=9), load_types(), 10.0
        self._writer.open()
        self._connections: dict[str, Any] = {}
        self._count = 0

    def write(self, topic: str, message: Any) -> None:
        if topic not in self._connections:
            kind = TOPICS[topic].type
            made = self._writer.add_connection(f"/{topic}", kind, typestore=self._store)
            self._connections[topic] = made
        self._count += 1
        self._writer.write(self._connections[topic], self._count, serialize_message(message))

    def tell(self, state: int, request: int, attempts: int) -> None:
        self.write("grasp_state", GraspState(state=state, request=request, attempts=attempts))

    def decide(self, seed: Any, version: str = "v1", layers: Sequence[str] = ("body.2", "body.5")):
        x = np.random.default_rng(seed).normal(size=3)
        head = convert.header(convert.time_message(self.now), "")
        values = {"body.2": np.tanh(x @ MIX), "body.5": np.maximum(x @ MIX[:, ::-1], 0)}
        for layer in layers:
            told = values[layer].astype(np.float32)
            message = LayerFeatures(header=head, model_version=version, layer=layer, values=told)
            self.write("features", message)
        self.now += PERIOD

    def attempt(self, request: int, attempts: int, count: int = 10, **how: Any) -> None:
        for k in range(count):
            self.tell(GraspState.GRASPING, request, attempts)
            self.decide([request, attempts, k], **how)
        self.now += 0.8

    def close(self) -> Path:
        self._writer.close()
        return Path(self._writer.path)


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tape = Tape(tmp_path_factory.mktemp("grasps") / "bag")
    for request in range(60):
        tape.attempt(request, 1)
        tape.tell(GraspState.DONE, request, 1)
    return tape.close()


def test_every_attempt_is_a_unit(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "bag")
    tape.attempt(1, 1, 5)
    tape.attempt(1, 2, 4)
    tape.tell(GraspState.DONE, 1, 2)
    tape.attempt(2, 1, 3)
    tape.now += 5.0
    tape.attempt(2, 1, 2)
    tape.write("arm_measurement", ArmMeasurement())
    tape.attempt(2, 1, 6)
    found = read_units([tape.close()])
    assert [len(unit) for unit in found.units] == [5, 4, 3, 2, 6]
    assert (found.version, found.period) == ("v1", pytest.approx(PERIOD))
    assert {n: r.shape for n, r in found.units[0].layers.items()} == {
        "body.2": (5, 8),
        "body.5": (5, 8),
    }


def test_features_of_several_versions_are_refused(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "bag")
    tape.attempt(1, 1)
    tape.attempt(2, 1, version="v2")
    with pytest.raises(MonitoringError, match="of several models: v1, v2"):
        read_units([tape.close()])


def test_bags_of_other_layers_and_layers_that_are_not_there_are_refused(tmp_path: Path) -> None:
    tapes = Tape(tmp_path / "a"), Tape(tmp_path / "b")
    tapes[0].attempt(1, 1)
    tapes[1].attempt(1, 1, layers=["body.2"])
    bags = [tape.close() for tape in tapes]
    with pytest.raises(MonitoringError, match=r"b holds the layers \['body.2'\]"):
        read_units(bags)
    assert list(read_units(bags, ["body.2"]).units[0].layers) == ["body.2"]
    with pytest.raises(MonitoringError, match=r"wanted are \['body.9'\]"):
        read_units(bags, ["body.9"])


def test_bags_are_found_in_folders(bag: Path, tmp_path: Path) -> None:
    assert find_bags(str(bag)) == find_bags(str(bag.parent)) == [bag]
    assert find_bags(f"{bag}, {bag.parent}") == [bag, bag]
    with pytest.raises(MonitoringError, match="is no bag and holds none"):
        find_bags(str(tmp_path))


def test_a_reference_is_fitted_to_bags_and_serves_one_version(bag: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reference"
    fit = ["monitor", "fit", "--bags", str(bag), "--folder", str(folder), "--keep.least", "6"]
    assert main(fit) == 0
    reference = load_reference(folder, "v1")
    assert reference.layers == ("body.2", "body.5")
    assert reference.facts["people"] == 60
    with pytest.raises(ArtefactError, match="of model v2, the reference of v1"):
        load_reference(folder, "v2")
    figures = tmp_path / "figures.json"
    watch = ["--watch.least-readings", "6", "--folder", str(tmp_path / "report")]
    report = ["monitor", "report", str(bag), "--reference", str(folder), *watch]
    assert main([*report, "--json", str(figures)]) == 0
    told = json.loads(figures.read_text())
    assert len(told["dressings"]) == 60
    assert len(told["alarmed"]) <= 4


def test_an_attempt_that_ends_a_recording_is_judged_where_it_ends(
    bag: Path, tmp_path: Path, capsys: Any
) -> None:
    folder = tmp_path / "reference"
    main(["monitor", "fit", "--bags", str(bag), "--folder", str(folder), "--keep.least", "6"])
    capsys.readouterr()
    reference = ["--reference", str(folder), "--folder", str(tmp_path / "report")]
    assert main(["monitor", "report", str(bag), *reference]) == 0
    assert "no features yet" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "none of the 60 dressings has 12 readings"),
        (
            ["--keep.least", "6", "--alarm.alpha", "0.02"],
            "60 of 60 units have the least of 6 readings .*, 97 are needed for alpha = 0.02",
        ),
    ],
)
def test_too_few_attempts_for_the_alarm_are_refused(
    bag: Path, tmp_path: Path, capsys: Any, options: list[str], reason: str
) -> None:
    import re

    fit = ["monitor", "fit", "--bags", str(bag), "--folder", str(tmp_path / "reference")]
    assert main([*fit, *options]) == 1
    assert re.search(reason, capsys.readouterr().err)
    assert not (tmp_path / "reference").exists()
