"""What a training says of itself."""

from __future__ import annotations

from elbowroom.core import load_artefact
from elbowroom.estimation.factory import shipped_artefacts
from elbowroom.models.training import TrainParams
from elbowroom.verbs.train import _describe


def test_networks_trained_on_are_named_by_their_version_not_their_folder() -> None:
    folder = shipped_artefacts() / "elbow_set"
    found = _describe(TrainParams(start=str(folder)))
    assert found["start"] == load_artefact(folder, "elbow_set").version
    assert _describe(TrainParams())["start"] == ""
