"""Dressings of new people in closed loop, and every method's figures on the same data."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

from elbowroom.campaign.judge import PLANNERS, EvaluateJob, evaluate_one, identify
from elbowroom.campaign.metrics import summarise_runs, summarise_tracks
from elbowroom.campaign.pool import CampaignError, run_jobs
from elbowroom.campaign.recordings import find_recordings
from elbowroom.campaign.settings import (
    count_known,
    describe_learned,
    describe_motion,
    keep_settings,
)
from elbowroom.estimation.factory import share_settings


def evaluate(jobs: list[EvaluateJob], *, workers: int = 0, scheduler: str = "") -> dict[str, Any]:
    """Run every job whose result file is absent and put all figures together.

    Args:
        jobs: of one campaign, see `plan_jobs`.
        workers: processes, 0 for one per core.
        scheduler: address of a dask.distributed scheduler, or empty.

    Returns:
        Figures of the dressings and of the first method at the top level; `methods` holds those
        of every method; `failures` the simulations that could not go on.

    Raises:
        ArtefactError: if an artefact is missing or tampered with.
        CampaignError: if the folder holds results of other settings or another calibration, nothing
            could be evaluated, or a worker died.
    """
    keep_settings(jobs[0].folder, describe_job(jobs[0]))
    for job in jobs:
        _check_result(job)
    todo = [job for job in jobs if not job.is_done]
    if scheduler:
        todo = [_resolve(job) for job in todo]
    failures = [
        row
        for row in run_jobs(
            evaluate_one, todo, workers=workers, label="evaluate", scheduler=scheduler
        )
        if row["failure"]
    ]
    failed = {row["index"] for row in failures}
    lost = [job for job in jobs if job.index not in failed and not job.path.exists()]
    if lost:
        raise CampaignError(
            f"{len(lost)} results were written where this machine does not see them, the first "
            f"to {lost[0].path}: the folder must be shared with the workers"
        )
    rows = [json.loads(job.path.read_text()) for job in jobs if job.path.exists()]
    if not rows:
        raise CampaignError(f"no dressing could be evaluated: {failures[:3]}")
    known = count_known(jobs[0].estimator, jobs[0].methods, [row["run"]["person"] for row in rows])
    if known:
        text = f"{known} of these people are known to the model: its figures are too good for them"
        logging.getLogger("elbowroom").warning(text)
    return _summarise(jobs[0], rows) | {"failures": failures, "known_people": known}


def _check_result(job: EvaluateJob) -> None:
    """Refuse results of another recording: files are numbered, and the numbers may have moved."""
    if job.recorded is None or not job.path.exists():
        return
    found = json.loads(job.path.read_text()).get("recorded")
    if found != identify(job):
        raise CampaignError(
            f"{job.path} is not of the recording {job.recorded}, which has this number now; "
            "name another folder"
        )


def _resolve(job: EvaluateJob) -> EvaluateJob:
    """The same with absolute paths: workers run elsewhere."""
    people, estimator = job.cast.people, job.estimator

    def absolute(name: str) -> str:
        return str(Path(name).resolve()) if name else ""

    people = dataclasses.replace(people, motion_file=absolute(people.motion_file))
    return dataclasses.replace(
        job,
        folder=job.folder.resolve(),
        recorded=job.recorded and job.recorded.resolve(),
        cast=dataclasses.replace(job.cast, people=people),
        estimator=dataclasses.replace(
            estimator,
            artefacts=absolute(estimator.artefacts),
            profile=absolute(estimator.profile),
        ),
    )


def plan_jobs(
    trials: int,
    seed: int,
    folder: Path,
    methods: tuple[str, ...],
    *,
    planner: str = "robust",
    recorded: str | Path | None = None,
    **others: Any,
) -> list[EvaluateJob]:
    """The jobs of one campaign.

    Args:
        trials: people to dress; with `recorded` the first so many files (0 for all).
        seed: different seeds give different people.
        folder: result files; a run that was interrupted goes on there.
        methods: names of estimators, the one in the loop first.
        planner: one of `PLANNERS`.
        recorded: folders of stored trials, separated by commas, to be filtered instead of new
            dressings.
        **others: further attributes of `EvaluateJob`.

    Raises:
        CampaignError: if there is nothing to do or a setting is unknown.
        ParameterError: if the movement is shorter than the longest dressing, or a setting of the
            estimator has no effect on any method.
    """
    if not methods or len(set(methods)) != len(methods):
        raise CampaignError(f"one or several different methods needed, got {list(methods)}")
    if planner not in PLANNERS:
        raise CampaignError(f"planner must be one of {list(PLANNERS)}, got {planner!r}")
    paths: list[Path | None] = [None] * trials
    if recorded is not None:
        paths = list(find_recordings(recorded)[: trials or None])
    if not paths or trials < 0:
        raise CampaignError(f"nothing to evaluate: {trials} trials, recorded {recorded}")
    jobs = [
        EvaluateJob(
            i, seed, folder, methods, planner, recorded=path, source=str(recorded or ""), **others
        )
        for i, path in enumerate(paths)
    ]
    _tell_unused(jobs[0])
    jobs[0].run.check(jobs[0].cast.people.motion_duration)
    return jobs


def describe_job(job: EvaluateJob) -> dict[str, Any]:
    """What a job's result depends on beside its index, as JSON values.

    Raises:
        ArtefactError: if an artefact is missing or tampered with.
    """
    return {
        "seed": job.seed,
        "methods": list(job.methods),
        "planner": job.planner,
        "estimator": dataclasses.asdict(job.estimator),
        "learned": describe_learned(job.estimator, job.methods),
        "recorded": job.source,
        "cast": dataclasses.asdict(job.cast),
        "movement": describe_motion(job.cast.people.motion_file),
        "run": dataclasses.asdict(job.run),
    }


def _tell_unused(job: EvaluateJob) -> None:
    for method, names in share_settings(job.estimator, job.methods)[1].items():
        if names:
            text = f"{method} runs without {', '.join(names)}, which it does not know"
            logging.getLogger("elbowroom").warning(text)


def _summarise(job: EvaluateJob, rows: list[dict[str, Any]]) -> dict[str, Any]:
    methods = {m: summarise_tracks([row["methods"][m] for row in rows]) for m in job.methods}
    first = job.methods[0]
    return (
        summarise_runs([row["run"] for row in rows])
        | {
            "method": first,
            "planner": "as recorded" if job.recorded else job.planner,
            "seed": job.seed,
            "estimator": dataclasses.asdict(job.estimator),
        }
        | {"motion": _count(rows, "motion", "source"), "garment": _count(rows, "garment", "kind")}
        | methods[first]
        | {"methods": methods}
    )


def _count(rows: list[dict[str, Any]], group: str, key: str) -> dict[str, int]:
    found = [row["facts"].get(group, {}) for row in rows]
    names = [str(f.get(key, "") if isinstance(f, dict) else f) for f in found]
    # A clip's name follows its source after a colon or slash; the table counts sources.
    heads = [name.replace("/", ":").split(":")[0] for name in names]
    return {name: heads.count(name) for name in sorted(set(heads))}
