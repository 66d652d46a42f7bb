"""Planners on the same people: passed-elbow rate by flexion, force, duration, planning time.

    python benchmarks/planner.py [--people 60] [--seed 7] [--box set] [--error 0.04] [--json FILE]
                                 [--planners straight point robust oracle] [--rows FILE]

Every planner dresses the same people in the same garments with the same movements. With `--box
wandering` the box has sides of 8 to 14 cm and its centre wanders about the true elbow with an error
of `--error` metres (root mean square, correlated over a second); any other value is the estimator
in the loop. "oracle" is told the true elbow in a box of 1 cm. The people come one after the other,
each with every planner, and `--rows` keeps what is done: the same command goes on from there.
"""

from __future__ import annotations

import argparse
import json
import math
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from elbowroom.campaign.cast import Cast, draw_setup
from elbowroom.campaign.metrics import score_run, summarise_runs
from elbowroom.campaign.run import EstimatorGuide, RunParams, run_dressing
from elbowroom.core import ArmMeasurement, Box, Estimate, Sample, Status, Truth
from elbowroom.estimation import make_estimator
from elbowroom.planning import PLANNERS, make_planner

MEMORY = 1.0
"""Time in which the error of the box's centre decorrelates [s]."""
ATTEMPTS = 30


@dataclass(frozen=True)
class Job:
    """One person for one planner."""

    planner: str
    seed: int
    index: int
    error: float
    box: str = "wandering"
    duration: float = 7.0

    @property
    def key(self) -> str:
        """What tells this row from the others of a file."""
        return (
            f"{self.planner} {self.box} {self.error:g} {self.duration:g} {self.seed} {self.index}"
        )


class Wanderer:
    """A box about the true elbow whose centre wanders (an Ornstein-Uhlenbeck process)."""

    def __init__(self, rng: np.random.Generator, error: float, sides: np.ndarray) -> None:
        self._rng, self._scale, self._sides = rng, error / math.sqrt(3), sides
        self._error = self._scale * rng.standard_normal(3)
        self._stamp: float | None = None

    def look(self, sample: Sample, truth: Truth) -> Estimate:
        """The next box."""
        if self._stamp is not None:
            keep = math.exp((self._stamp - sample.stamp) / MEMORY)
            kick = self._scale * math.sqrt(1 - keep**2) * self._rng.standard_normal(3)
            self._error = keep * self._error + kick
        self._stamp = sample.stamp
        centre = truth.elbow + self._error
        return Estimate(sample.stamp, Box(centre, self._sides), Status.UNCALIBRATED, centre)


def dress(job: Job) -> dict[str, Any]:
    """Dress one person and score it."""
    setup = draw(job)
    try:
        limit = RunParams(max_duration=job.duration)
        planner, guide = plan_as(job.planner), choose_guide(job, setup.scene.arm)
        done = run_dressing(setup.scene, planner, guide, limit, setup.facts)
    finally:
        setup.scene.close()
    return score_run(done.trial, done.plans) | {"index": job.index, "key": job.key}


def choose_guide(job: Job, arm: ArmMeasurement) -> Any:
    """Who tells the planner where the elbow is."""
    rng = np.random.default_rng([job.seed, job.index, 1])
    if job.planner == "oracle":
        return Wanderer(rng, 0.0, np.full(3, 0.01))
    if job.box == "wandering":
        return Wanderer(rng, job.error, rng.uniform(0.08, 0.14, 3))
    return EstimatorGuide(estimate_by(job.box), arm)


@cache
def estimate_by(method: str) -> Any:
    """The estimator of this process."""
    return make_estimator(method)


@cache
def plan_as(name: str) -> Any:
    """The planner of this process."""
    return make_planner(name)


def draw(job: Job) -> Any:
    """The first scene of this person that the robot can reach."""
    from elbowroom.sim import UnreachableError

    for attempt in range(ATTEMPTS):
        try:
            return draw_setup(job.seed, job.index, attempt, Cast())
        except UnreachableError:
            continue
    raise UnreachableError(f"person {job.index} is out of reach in {ATTEMPTS} draws")


def show(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Print one line a planner and return its figures."""
    figures = summarise_runs(rows)
    force, groups = figures["force_peak_n"], figures["passed_by_flexion"]
    by_flexion = "  ".join(
        f"{g['from_rad']:.1f}+ {100 * g['passed_elbow']:.0f} % ({g['trials']})"
        for g in groups
        if g["trials"]
    )
    plan = figures["plan_ms"]
    times = f"plan p50 {plan['p50']:.1f} p99 {plan['p99']:.1f} ms" if plan else ""
    print(
        f"{name:8s} passed {100 * figures['passed_elbow']:.1f} %  [{by_flexion}]  peak force "
        f"median {force['median']:.1f} p95 {force['p95']:.1f} p99 {force['p99']:.1f} "
        f"max {force['max']:.1f} N  {figures['duration_s']['median']:.1f} s  "
        f"stops {figures['stops']:.2f}  {times}",
        flush=True,
    )
    return figures


def run_all(jobs: list[Job], workers: int, path: Path | None) -> dict[str, dict[str, Any]]:
    """Rows by key; those that the file holds are not run again."""
    lines = path.read_text().splitlines() if path and path.exists() else []
    rows = {row["key"]: row for row in map(json.loads, lines)}
    todo = [job for job in jobs if job.key not in rows]
    with ProcessPoolExecutor(workers) as pool:
        futures = [pool.submit(dress, job) for job in todo]
        try:
            for future in tqdm(as_completed(futures), total=len(todo), desc="dress"):
                row = future.result()
                rows[row["key"]] = row
                if path:
                    with path.open("a") as file:
                        file.write(json.dumps(row) + "\n")
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    return {job.key: rows[job.key] for job in jobs if job.key in rows}


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--box", default="wandering")
    parser.add_argument("--error", type=float, default=0.04)
    parser.add_argument("--duration", type=float, default=7.0)
    parser.add_argument("--planners", nargs="+", default=list(PLANNERS), choices=PLANNERS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rows", type=Path)
    asked = parser.parse_args()
    same = asked.error, asked.box, asked.duration
    jobs = [Job(n, asked.seed, i, *same) for i in range(asked.people) for n in asked.planners]
    rows = list(run_all(jobs, asked.workers, asked.rows).values())
    whole = {
        index
        for index in {row["index"] for row in rows}
        if sum(row["index"] == index for row in rows) == len(asked.planners)
    }
    figures = {}
    for name in asked.planners:
        chosen = [r for r in rows if r["index"] in whole and r["key"].split()[0] == name]
        if chosen:
            figures[name] = show(name, chosen)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
