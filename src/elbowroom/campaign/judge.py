"""One new person dressed and judged by every method."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.campaign.cast import Cast, Setup, Stage, draw_setup
from elbowroom.campaign.files import write_json
from elbowroom.campaign.metrics import score_run, score_track
from elbowroom.campaign.policy import Policy, WanderingGuide
from elbowroom.campaign.run import (
    Dressing,
    EstimatorGuide,
    Guide,
    RunParams,
    Watch,
    run_dressing,
)
from elbowroom.campaign.track import EstimateTrack, PlanTrack, filter_trial, save_track
from elbowroom.core import Trial, TrialError, load_trial, save_trial
from elbowroom.estimation import EstimatorParams, shared_estimator
from elbowroom.estimation.factory import share_settings

ORACLE = "oracle"
PLANNERS = ("robust", "point", "straight", ORACLE)
"""What may drive; "oracle" is the robust planner told where the elbow truly is."""

_ATTEMPTS = 50
_ORACLE_POLICY = Policy("robust", 0.0, 1.0, (0.01, 0.01, 0.01), 1.0)


@dataclass(frozen=True)
class EvaluateJob:
    """One person to be dressed and judged.

    Attributes:
        index: number of the person within the campaign.
        seed: of the campaign.
        folder: where the result file is written.
        methods: names of estimators; the first one is in the loop.
        planner: one of `PLANNERS`.
        estimator: settings of the estimators, of which each of `methods` takes what it knows.
        keep: whether trial and tracks are stored beside the figures.
        recorded: a stored trial to be filtered instead of a new dressing.
        source: the folders among whose trials `recorded` is.
        setup: draws person, garment, motion and scene.
        make: makes an estimator, if not `elbowroom.estimation.shared_estimator`.
    """

    index: int
    seed: int
    folder: Path
    methods: tuple[str, ...]
    planner: str
    estimator: EstimatorParams = field(default_factory=EstimatorParams)
    keep: bool = False
    recorded: Path | None = None
    source: str = ""
    cast: Cast = field(default_factory=Cast)
    run: RunParams = field(default_factory=RunParams)
    setup: Stage = draw_setup
    make: Callable[[EstimatorParams], Any] | None = None

    @property
    def path(self) -> Path:
        """The result file of this person."""
        return self.folder / f"{self.index:06d}.json"

    @property
    def is_done(self) -> bool:
        """Whether everything that is to be stored of this person is there."""
        kept = ["trial", *self.methods] if self.keep else []
        stem = self.path.with_suffix("")
        return self.path.exists() and all(stem.with_suffix(f".{k}.npz").exists() for k in kept)


def evaluate_one(job: EvaluateJob) -> dict[str, Any]:
    """Dress one person (or read the dressing), filter with every method, store the figures."""
    try:
        trial, tracks, plans = _obtain(job)
    except _simulation_errors() as error:
        return {"index": job.index, "failure": f"{type(error).__name__}: {error}"}
    for method in job.methods:
        if method not in tracks:
            tracks[method] = filter_trial(_estimator(job, method), trial)
    if job.keep:
        _keep(job, trial, tracks, plans)
    row = {
        "index": job.index,
        "run": score_run(trial, plans),
        "facts": trial.facts,
        "methods": {m: score_track(trial, tracks[m]) for m in job.methods},
        "recorded": identify(job),
    }
    write_json(job.path, row)
    return {"index": job.index, "failure": ""}


def identify(job: EvaluateJob) -> dict[str, str] | None:
    """Name and hash of the recording that a job is about; None for a new dressing.

    Raises:
        TrialError: if it cannot be read.
    """
    if job.recorded is None:
        return None
    try:
        return {
            "name": job.recorded.name,
            "sha256": hashlib.sha256(job.recorded.read_bytes()).hexdigest(),
        }
    except OSError as error:
        raise TrialError(f"{job.recorded.name} cannot be read: {error}") from error


def dress_one(job: EvaluateJob, watch: Watch | None = None) -> Dressing:
    """Dress one person with the first method in the loop, redrawing what cannot be reached.

    Args:
        job: see `EvaluateJob`.
        watch: called at every sample.

    Raises:
        SimulationError: if the simulation cannot go on or nothing was reachable.
        MotionError: if no movement can be drawn.
    """
    from elbowroom.sim import UnreachableError

    for attempt in range(_ATTEMPTS):
        try:
            setup = job.setup(job.seed, job.index, attempt, job.cast)
        except UnreachableError:
            continue
        facts = setup.facts | {"redraws": attempt, "policy": {"planner": job.planner}}
        try:
            guide = _guide(job, setup)
            return run_dressing(setup.scene, _planner(job.planner), guide, job.run, facts, watch)
        finally:
            setup.scene.close()
    raise UnreachableError(f"nothing reachable in {_ATTEMPTS} draws")


def _obtain(job: EvaluateJob) -> tuple[Trial, dict[str, EstimateTrack], PlanTrack | None]:
    if job.recorded is not None:
        return load_trial(job.recorded), {}, None
    done = dress_one(job)
    known = {} if job.planner == ORACLE else {job.methods[0]: done.estimates}
    return done.trial, known, done.plans


def _guide(job: EvaluateJob, setup: Setup) -> Guide:
    if job.planner == ORACLE:
        return WanderingGuide(_ORACLE_POLICY, np.random.default_rng(0))
    estimator = _estimator(job, job.methods[0])
    return EstimatorGuide(estimator, setup.scene.arm)


def _estimator(job: EvaluateJob, method: str) -> Any:
    params = share_settings(job.estimator, job.methods)[0][method]
    return job.make(params) if job.make else shared_estimator(params)


@cache
def _planner(name: str) -> Any:
    # Once a process: a planner keeps no state.
    from elbowroom.planning import PlannerParams, make_planner

    return make_planner("robust" if name == ORACLE else name, PlannerParams())


def _simulation_errors() -> tuple[type[Exception], ...]:
    from elbowroom.motion import MotionError
    from elbowroom.sim import SimulationError

    return SimulationError, MotionError


def _keep(
    job: EvaluateJob, trial: Trial, tracks: dict[str, EstimateTrack], plans: PlanTrack | None
) -> None:
    stem = job.path.with_suffix("")
    save_trial(stem.with_suffix(".trial.npz"), trial)
    for method, track in tracks.items():
        save_track(stem.with_suffix(f".{method}.npz"), track)
    if plans is not None:
        save_track(stem.with_suffix(".plan.npz"), plans)
