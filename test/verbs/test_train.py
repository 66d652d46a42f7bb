"""What a training says of itself."""

from __future__ import annotations

import pytest

from elbowroom.core import ARTEFACTS, load_artefact, save_artefact
from elbowroom.estimation.membership.people import TRAINED, hash_people, read_people
from elbowroom.models.training.dataset import Dataset, gather
from elbowroom.models.training.member import TrainParams
from elbowroom.verbs.train import _describe
from estimation.toy import draw_trial


def people(*seeds: int) -> Dataset:
    return gather([(f"{seed:06d}.npz", draw_trial(seed, 0.3)) for seed in seeds], 8)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return people(1, 2)


def test_networks_trained_on_are_named_by_their_version_not_their_folder(data) -> None:
    folder = ARTEFACTS / "elbow_set"
    found = _describe(TrainParams(start=str(folder)), data)["training"]
    assert found["start"] == load_artefact(folder, "elbow_set").version
    assert _describe(TrainParams(), data)["training"]["start"] == ""


def test_whoever_networks_were_trained_on_before_is_kept(data, tmp_path) -> None:
    save_artefact(tmp_path / "first", "elbow_set", {}, _describe(TrainParams(), data))
    others = people(3)
    facts = _describe(TrainParams(start=str(tmp_path / "first")), others)
    assert read_people(facts, TRAINED) == hash_people(data) | hash_people(others)
    assert len(read_people(facts, TRAINED)) == 3
