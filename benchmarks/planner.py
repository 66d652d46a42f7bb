"""Planners on the same people: passed-elbow rate by flexion, force, duration, planning time.

    python benchmarks/planner.py [--people 60] [--seed 7] [--error 0.04] [--json FILE]
                                 [--planners straight point robust oracle]

Every planner dresses the same people in the same garments with the same movements. The box has
sides of 8 to 14 cm; its centre wanders about the true elbow with an error of `--error` metres
(root mean square, correlated over a second). "oracle" is told the true elbow in a box of 1 cm.
"""

from __future__ import annotations

import argparse
import json
import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.campaign.cast import Cast, draw_setup
from elbowroom.campaign.metrics import score_run, summarise_runs
from elbowroom.campaign.run import run_dressing
from elbowroom.core import Box, Estimate, Sample, Status, Truth
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
    rng = np.random.default_rng([job.seed, job.index, 1])
    exact = job.planner == "oracle"
    sides = np.full(3, 0.01) if exact else rng.uniform(0.08, 0.14, 3)
    guide = Wanderer(rng, 0.0 if exact else job.error, sides)
    setup = draw(job)
    try:
        done = run_dressing(setup.scene, make_planner(job.planner), guide, facts=setup.facts)
    finally:
        setup.scene.close()
    return score_run(done.trial, done.plans) | {"index": job.index}


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


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--error", type=float, default=0.04)
    parser.add_argument("--planners", nargs="+", default=list(PLANNERS), choices=PLANNERS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    figures = {}
    with ProcessPoolExecutor(asked.workers) as pool:
        for name in asked.planners:
            jobs = [Job(name, asked.seed, index, asked.error) for index in range(asked.people)]
            figures[name] = show(name, list(pool.map(dress, jobs)))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
