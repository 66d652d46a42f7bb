"""Where recorded dressings lie."""

from __future__ import annotations

from pathlib import Path

from elbowroom.campaign.pool import CampaignError


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
