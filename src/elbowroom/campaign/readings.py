"""The layers' readings of many recorded dressings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from elbowroom.campaign.pool import CampaignError, run_jobs
from elbowroom.core import load_trial
from elbowroom.estimation import EstimatorParams, make_estimator
from elbowroom.estimation.layers.tap import LayerTap, TapParams, make_tap, read_trial
from elbowroom.estimation.membership.filter import SetFilter
from elbowroom.monitoring.checks import MonitoringError
from elbowroom.monitoring.dressing.dressings import DressingReadings, join_readings


@dataclass(frozen=True)
class ReadJob:
    """One recorded dressing to be read."""

    path: Path
    estimator: EstimatorParams
    tap: TapParams


def read_many(
    paths: list[Path], estimator: EstimatorParams, tap: TapParams, workers: int = 0
) -> list[DressingReadings]:
    """Readings of every recording that has any, in the order of the files.

    Raises:
        CampaignError: if there is no file.
        TrialError: if one is mangled.
    """
    if not paths:
        raise CampaignError("no recorded dressings; `elbowroom evaluate --keep` makes some")
    jobs = [(i, ReadJob(path, estimator, tap)) for i, path in enumerate(paths)]
    found = run_jobs(_read_numbered, jobs, workers=workers, label="read")
    # By their number: several folders hold files of the same name.
    return [d for _, d in sorted(found, key=lambda row: row[0]) if d is not None]


def _read_numbered(job: tuple[int, ReadJob]) -> tuple[int, DressingReadings | None]:
    return job[0], read_one(job[1])


def read_one(job: ReadJob) -> DressingReadings | None:
    """Readings of one recording, None if the elbow was never seen in it."""
    estimator, tap = open_tap(job.estimator, job.tap)
    try:
        return join_readings(job.path.name, read_trial(estimator, tap, load_trial(job.path)))
    except MonitoringError:
        return None


@cache
def open_tap(estimator: EstimatorParams, tap: TapParams) -> tuple[SetFilter, LayerTap]:
    """The estimator and the tap on it.

    Raises:
        CampaignError: if the method has no layers.
    """
    made: Any = make_estimator(**asdict(estimator))
    found = make_tap(made, tap)
    if found is None:
        raise CampaignError(f"the method {estimator.method} has no layers to be read")
    return made, found
