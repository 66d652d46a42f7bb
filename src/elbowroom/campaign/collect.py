"""Thousands of dressings of different people, one file a person."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.campaign.cast import POLICY_STREAM, Cast, Stage, draw_setup
from elbowroom.campaign.policy import (
    PacedPlanner,
    Policy,
    PolicyParams,
    WanderingGuide,
    draw_policy,
)
from elbowroom.campaign.pool import CampaignError, run_jobs
from elbowroom.campaign.recorder import read_facts
from elbowroom.campaign.run import (
    Dressing,
    EstimatorGuide,
    Guide,
    RunParams,
    Scene,
    run_dressing,
)
from elbowroom.campaign.settings import describe_learned, describe_motion, keep_settings
from elbowroom.core import save_trial
from elbowroom.estimation import EstimatorParams, shared_estimator

_ATTEMPTS = 50


@dataclass(frozen=True)
class CollectJob:
    """One person to be dressed.

    Attributes:
        index: number of the person within the collection.
        seed: of the collection.
        folder: where the trial is written.
        planner: driving planner, beside the straight one.
        setup: draws person, garment, motion and scene from (seed, index, attempt, cast).
        estimator: drives the share of the trials that the policy gives to it.
    """

    index: int
    seed: int
    folder: Path
    planner: str
    cast: Cast = field(default_factory=Cast)
    policy: PolicyParams = field(default_factory=PolicyParams)
    run: RunParams = field(default_factory=RunParams)
    setup: Stage = draw_setup
    estimator: EstimatorParams = field(default_factory=EstimatorParams)

    @property
    def path(self) -> Path:
        """The file of this person."""
        return self.folder / f"{self.index:06d}.npz"


def collect(
    count: int,
    seed: int,
    folder: Path,
    *,
    workers: int = 0,
    planner: str = "robust",
    cast: Cast | None = None,
    policy: PolicyParams | None = None,
    run: RunParams | None = None,
    setup: Stage = draw_setup,
    first: int = 0,
    estimator: EstimatorParams | None = None,
) -> dict[str, Any]:
    """Dress `count` new people and store every trial; finished ones of the same settings are kept.

    Person i is the same whatever `count`, `workers` and the order of work are.

    Args:
        count: people.
        seed: different seeds give different people.
        folder: one `NNNNNN.npz` a person; `settings.json` and `collection.json` beside them.
        workers: processes, 0 for one per core.
        planner: see `elbowroom.planning.make_planner`.
        cast: what people, garments and movements are drawn from.
        policy: what driving is drawn from.
        run: when a dressing ends.
        setup: draws the scene; a function at the top of a module.
        first: index of the first person.
        estimator: drives the share of the trials that the policy gives to it.

    Returns:
        Figures of the whole collection, also written to `collection.json`.

    Raises:
        ArtefactError: if the estimator that drives is missing or tampered with.
        CampaignError: if the count or seed is out of range, the folder holds trials of another seed
            or other settings, no dressing could be recorded, or a worker died.
        ParameterError: if the movement is shorter than the longest dressing.
    """
    if count < 1 or seed < 0 or first < 0:
        raise CampaignError(f"count >= 1, seed >= 0, first >= 0 needed, got {count, seed, first}")
    settings = (cast or Cast(), policy or PolicyParams(), run or RunParams())
    settings[2].check(settings[0].people.motion_duration)
    jobs = [
        CollectJob(i, seed, folder, planner, *settings, setup, estimator or EstimatorParams())
        for i in range(first, first + count)
    ]
    keep_settings(folder, _settings(jobs[0]))
    begin = time.perf_counter()
    todo = [job for job in jobs if not job.path.exists()]
    rows = list(run_jobs(collect_one, todo, workers=workers, label="collect"))
    figures = _summarise(jobs, rows, time.perf_counter() - begin)
    if not figures["people"]:
        raise CampaignError(f"no dressing could be recorded: {figures['failures'][:3]}")
    (folder / "collection.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def _settings(job: CollectJob) -> dict[str, Any]:
    drives = (job.estimator.method,) if job.policy.estimator_share > 0 else ()
    return {
        "seed": job.seed,
        "planner": job.planner,
        "cast": asdict(job.cast),
        "movement": describe_motion(job.cast.people.motion_file),
        "policy": asdict(job.policy),
        "run": asdict(job.run),
        "estimator": asdict(job.estimator),
        "learned": describe_learned(job.estimator, drives),
    }


def collect_one(job: CollectJob) -> dict[str, Any]:
    """Dress one person and store the trial; a failed simulation is reported, not stored."""
    # Deferred: the parent process needs no simulator.
    from elbowroom.motion import MotionError
    from elbowroom.sim import SimulationError, UnreachableError

    begin = time.process_time()
    for attempt in range(_ATTEMPTS):
        try:
            dressing = _dress(job, attempt)
        except UnreachableError:
            continue
        except (SimulationError, MotionError) as error:
            return {"index": job.index, "failure": f"{type(error).__name__}: {error}"}
        save_trial(job.path, dressing.trial)
        return {"index": job.index, "failure": "", "cpu_s": time.process_time() - begin}
    return {"index": job.index, "failure": f"nothing reachable in {_ATTEMPTS} draws"}


def _dress(job: CollectJob, attempt: int) -> Dressing:
    setup = job.setup(job.seed, job.index, attempt, job.cast)
    dressing = job.cast.people.dressing
    further = [dressing] if dressing else []
    rng = np.random.default_rng([job.seed, job.index, attempt, POLICY_STREAM, *further])
    policy = draw_policy(rng, job.policy, job.planner)
    facts = setup.facts | {"policy": policy.facts(), "redraws": attempt}
    try:
        planner = PacedPlanner(_make_planner(policy.planner, job.policy.plan_every), policy.speed)
        guide = _guide(job, policy, setup.scene, rng)
        return run_dressing(setup.scene, planner, guide, job.run, facts)
    finally:
        setup.scene.close()


def _guide(job: CollectJob, policy: Policy, scene: Scene, rng: np.random.Generator) -> Guide:
    if policy.estimated:
        return EstimatorGuide(shared_estimator(job.estimator), scene.arm)
    return WanderingGuide(policy, rng)


@cache
def _make_planner(name: str, plan_every: int) -> Any:
    # Once a process: a planner keeps no state.
    from elbowroom.planning import PlannerParams, make_planner

    return make_planner(name, PlannerParams(plan_every=plan_every))


def _summarise(
    jobs: list[CollectJob], rows: list[dict[str, Any]], seconds: float
) -> dict[str, Any]:
    facts = [read_facts(job.path) for job in jobs if job.path.exists()]
    failures = [row for row in rows if row["failure"]]
    cpu = [row["cpu_s"] for row in rows if not row["failure"]]
    return {
        "people": len(facts),
        "seed": jobs[0].seed,
        "redraws": sum(f["redraws"] for f in facts),
        "failures": failures,
        "passed_elbow": _share(facts, lambda f: ""),
        "passed_by_garment": _share(facts, lambda f: f["garment"]["kind"]),
        "passed_by_planner": _share(facts, lambda f: f["policy"]["planner"]),
        "endings": dict(Counter(f["ending"] for f in facts)),
        "duration_mean_s": float(np.mean([f["duration"] for f in facts])) if facts else None,
        "new": len(cpu),
        "cpu_per_trial_s": float(np.mean(cpu)) if cpu else None,
        "wall_s": seconds,
    }


def _share(facts: list[dict[str, Any]], key: Callable[[dict[str, Any]], str]) -> Any:
    groups: dict[str, list[bool]] = {}
    for f in facts:
        groups.setdefault(key(f), []).append(f["passed_elbow"])
    shares = {k: float(np.mean(v)) for k, v in sorted(groups.items())}
    return shares.get("") if set(shares) == {""} else shares
