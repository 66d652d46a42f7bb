"""Where recorded dressings lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from elbowroom.campaign.pool import CampaignError
from elbowroom.campaign.recorder import read_facts
from elbowroom.campaign.settings import count_known
from elbowroom.estimation import EstimatorParams


def find_recordings(folders: str | Path) -> list[Path]:
    """Recorded trials in one or several folders, in the order of the folders and of the people.

    A folder that `evaluate --keep` wrote gives its `*.trial.npz`, for tracks and plans lie beside
    them; any other folder gives its `*.npz`.

    Args:
        folders: separated by commas.

    Raises:
        CampaignError: if there is none in a folder.
    """
    return [path for name in str(folders).split(",") for path in _list(Path(name.strip()))]


def _list(folder: Path) -> list[Path]:
    kept = sorted(folder.glob("*.trial.npz")) or sorted(folder.glob("*.npz"))
    if not kept:
        raise CampaignError(
            f"no recorded trials in {folder}; `elbowroom collect` or `evaluate --keep` makes some"
        )
    return kept


def check_people(paths: Sequence[Path], estimator: EstimatorParams) -> None:
    """Refuse recordings that are not one dressing each of people whom the model does not know.

    Recordings that do not say of whom they are, are taken to be of different strangers.

    Args:
        paths: of the recordings.
        estimator: names the model.

    Raises:
        CampaignError: if a person is there twice, or known to the model.
        TrialError: if a file is mangled.
    """
    found = [facts["person"] for facts in map(read_facts, paths) if "person" in facts]
    name, most = Counter(map(str, found)).most_common(1)[0] if found else ("", 0)
    if most > 1:
        raise CampaignError(f"one dressing a person is needed, there are {most} of {name}")
    known = count_known(estimator, (estimator.method,), found)
    if known:
        raise CampaignError(f"{known} of these people are known to the model; take others")
