"""One new person dressed and judged by every method."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.campaign.cast import Cast, Setup, Stage, draw_setup
from elbowroom.campaign.metrics import score_run, score_track
from elbowroom.campaign.policy import OracleGuide, Policy
from elbowroom.campaign.run import EstimatorGuide, Guide, RunParams, run_dressing
from elbowroom.campaign.track import EstimateTrack, PlanTrack, filter_trial, save_track
from elbowroom.core import Trial, load_trial, save_trial

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
        artefacts: folder of learned artefacts, or empty for those that ship.
        delta: admitted probability of a miss.
        keep: whether trial and tracks are stored beside the figures.
        recorded: a stored trial to be filtered instead of a new dressing.
        setup: draws person, garment, motion and scene.
        make: makes an estimator of (method, artefacts, delta).
    """

    index: int
    seed: int
    folder: Path
    methods: tuple[str, ...]
    planner: str
    artefacts: str
    delta: float
    keep: bool
    recorded: Path | None = None
    cast: Cast = field(default_factory=Cast)
    run: RunParams = field(default_factory=RunParams)
    setup: Stage = draw_setup
    make: Callable[[str, str, float], Any] | None = None

    @property
    def path(self) -> Path:
        """The result file of this person."""
        return self.folder / f"{self.index:06d}.json"


def evaluate_one(job: EvaluateJob) -> dict[str, Any]:
    """Dress one person (or read the dressing), filter with every method, store the figures."""
    try:
        trial, tracks, plans = _replay(job) if job.recorded else _dress(job)
    except _simulation_errors() as error:
        return {"index": job.index, "failure": f"{type(error).__name__}: {error}"}
    for method in job.methods:
        if method not in tracks:
            tracks[method] = filter_trial(
                _estimator(job.make, method, job.artefacts, job.delta), trial
            )
    if job.keep:
        _keep(job, trial, tracks, plans)
    row = {
        "index": job.index,
        "run": score_run(trial, plans),
        "facts": trial.facts,
        "methods": {m: score_track(trial, tracks[m]) for m in job.methods},
    }
    write_json(job.path, row)
    return {"index": job.index, "failure": ""}


def _replay(job: EvaluateJob) -> tuple[Trial, dict[str, EstimateTrack], PlanTrack | None]:
    assert job.recorded is not None
    return load_trial(job.recorded), {}, None


def _dress(job: EvaluateJob) -> tuple[Trial, dict[str, EstimateTrack], PlanTrack | None]:
    from elbowroom.sim import UnreachableError

    for attempt in range(_ATTEMPTS):
        try:
            setup = job.setup(job.seed, job.index, attempt, job.cast)
        except UnreachableError:
            continue
        facts = setup.facts | {"redraws": attempt, "policy": {"planner": job.planner}}
        try:
            done = run_dressing(
                setup.scene, _planner(job.planner), _guide(job, setup), job.run, facts
            )
        finally:
            setup.scene.close()
        driver = {} if job.planner == ORACLE else {job.methods[0]: done.estimates}
        return done.trial, driver, done.plans
    raise UnreachableError(f"nothing reachable in {_ATTEMPTS} draws")


def _guide(job: EvaluateJob, setup: Setup) -> Guide:
    if job.planner == ORACLE:
        return OracleGuide(_ORACLE_POLICY, np.random.default_rng(0))
    estimator = _estimator(job.make, job.methods[0], job.artefacts, job.delta)
    return EstimatorGuide(estimator, setup.scene.arm)


@cache
def _estimator(make: Any, method: str, artefacts: str, delta: float) -> Any:
    if make is not None:
        return make(method, artefacts, delta)
    from elbowroom.estimation import make_estimator

    return make_estimator(method, artefacts, delta)


def _planner(name: str) -> Any:
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


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write an object as JSON, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(value, indent=1) + "\n")
    os.replace(temporary, path)
