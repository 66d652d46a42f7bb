from __future__ import annotations

from pathlib import Path

import pytest

from elbowroom.campaign import CampaignError
from elbowroom.campaign.recordings import find_recordings


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
