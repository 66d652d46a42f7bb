from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from elbowroom.campaign import CampaignError
from elbowroom.campaign.recordings import check_people, find_recordings
from elbowroom.core import ARTEFACTS, load_artefact, save_artefact
from elbowroom.estimation import EstimatorParams
from elbowroom.estimation.membership.people import SCALED, hash_person


@pytest.fixture
def folders(tmp_path):
    """What `collect` and `evaluate --keep` leave."""
    for name in ("collected/000001.npz", "collected/000000.npz", "collected/collection.json"):
        _touch(tmp_path / name)
    for kind in ("trial.npz", "set.npz", "plan.npz", "json"):
        _touch(tmp_path / f"evaluated/000000.{kind}")
    _touch(tmp_path / "evaluated/settings.json")
    return tmp_path


def _touch(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch()


def test_tracks_and_plans_are_no_recordings(folders):
    assert find_recordings(folders / "evaluated") == [folders / "evaluated/000000.trial.npz"]


def test_several_folders_come_in_their_order(folders):
    found = find_recordings(f"{folders / 'collected'}, {folders / 'evaluated'}")
    assert [path.name for path in found] == ["000000.npz", "000001.npz", "000000.trial.npz"]


def test_a_folder_without_recordings_is_refused(folders):
    with pytest.raises(CampaignError, match=r"no recorded trials in .*missing"):
        find_recordings(f"{folders / 'collected'},{folders / 'missing'}")


def test_one_dressing_a_person_is_asked_for_of_people_the_model_does_not_know(tmp_path):
    def record(name: str, person: int) -> Path:
        path = tmp_path / name
        np.savez(path, facts=np.array(json.dumps({"person": person})))
        return path

    shutil.copytree(ARTEFACTS / "elbow_set", tmp_path / "own/elbow_set")
    shipped = load_artefact(tmp_path / "own/elbow_set", "elbow_set")
    facts = shipped.facts | {SCALED: hash_person("3")}
    save_artefact(tmp_path / "own/elbow_set", "elbow_set", shipped.tensors, facts)
    own = EstimatorParams(artefacts=str(tmp_path / "own"))
    first, second = record("a.npz", 1), record("b.npz", 2)
    check_people([first, second], own)
    with pytest.raises(CampaignError, match="there are 2 of 1"):
        check_people([first, second, record("c.npz", 1)], own)
    with pytest.raises(CampaignError, match="1 of these people are known"):
        check_people([first, record("d.npz", 3)], own)
