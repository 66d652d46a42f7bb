"""Figures of the simulator: speed, failures, passing the elbow, convergence, determinism.

Straight-line pulls of random people, garments and movements, each with its own seed:

    python benchmarks/simulation.py --trials 300 --json simulation.json

`real_time_factor` is simulated time over CPU time of one core. Beside other work on the machine a
core is slower, so `real_time_factor_undisturbed` takes the fastest twentieth of the ticks.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from elbowroom.core import PlanMode
from elbowroom.motion import MotionParams, draw_garment, draw_motion, draw_person
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.straight import StraightPlanner
from elbowroom.sim import DressingScene, SimParams, SimulationError, UnreachableError

KINDS = ("loose", "taut", "stiff", "baggy", "rough")
BINS = ((0.0, 0.6), (0.6, 0.9), (0.9, 1.2), (1.2, 2.0))
MODERATE = 0.9
LIMIT = 8.0
FAST = 0.05
SUBSTEPS = (6, 12, 24, 48)

Job: TypeAlias = tuple[int, str, SimParams | None, float]
"""Seed, kind of garment, settings and greatest flexion at the start [rad]."""


@dataclass(frozen=True)
class Outcome:
    """What became of one pull; times in seconds, forces in newtons, angles in radians."""

    seed: int
    kind: str
    flexion: float = 0.0
    intended: float = 0.0
    reachable: bool = True
    failure: str = ""
    passed: bool = False
    done: bool = False
    threaded: bool = True
    duration: float = 0.0
    cpu: float = 0.0
    tick_fast: float = 0.0
    build: float = 0.0
    force_mean: float = 0.0
    force_peak: float = 0.0
    error_force: float = 0.0
    checksum: float = 0.0


def pull(
    seed: int, kind: str, params: SimParams | None = None, flexion_max: float = 1.6
) -> Outcome:
    """Dress one random person with a straight-line pull."""
    rng = np.random.default_rng(seed)
    person, garment = draw_person(rng, seed), draw_garment(rng, kind)
    motion = draw_motion(rng, person, LIMIT, params=MotionParams(flexion_max=flexion_max))
    flexion = float(motion.flexion[0])
    # Over the whole pull, as the person means it: many start straight and bend.
    intended = float(np.mean(motion.flexion))
    start = time.process_time()
    try:
        with DressingScene(person, garment, motion, params or SimParams(), seed) as scene:
            build = time.process_time() - start
            return follow(scene, Outcome(seed, kind, flexion, intended, build=build))
    except UnreachableError:
        return Outcome(seed, kind, flexion, intended, reachable=False)
    except SimulationError as error:
        return Outcome(seed, kind, flexion, intended, failure=str(error))


def follow(scene: DressingScene, outcome: Outcome) -> Outcome:
    """Pull until the planner is done or the time is over."""
    planner = StraightPlanner(PlannerParams(cuff_offset=scene.cuff_offset))
    state, sample = planner.start(scene.arm), scene.observe()
    forces, errors, ticks, passed, done, threaded = [], [], [], False, False, True
    while scene.time < LIMIT and not done:
        state, command, report = planner.step(state, sample)
        start = time.process_time()
        sample = scene.step(command)
        ticks.append(time.process_time() - start)
        truth = scene.truth()
        assert sample.wrench is not None
        forces.append(float(np.linalg.norm(truth.force)))
        errors.append(float(np.sum((sample.wrench.force - truth.force) ** 2)))
        threaded &= truth.threaded
        passed, done = truth.passed, report.mode == PlanMode.DONE
    return Outcome(
        **asdict(outcome)
        | {
            "passed": passed,
            "done": done,
            "threaded": threaded,
            "duration": scene.time,
            "cpu": float(np.sum(ticks)),
            "tick_fast": float(np.quantile(ticks, FAST)),
            "force_mean": float(np.mean(forces)),
            "force_peak": float(np.max(forces)),
            "error_force": float(np.sqrt(np.mean(errors))),
            "checksum": float(scene.sleeve_nodes().sum()),
        }
    )


def measure(
    trials: int, seed: int, workers: int, kinds: tuple[str, ...] = KINDS, flexion: float = 1.6
) -> dict[str, Any]:
    """Every figure, as JSON values; `flexion` is the greatest at the start [rad]."""
    jobs: list[Job] = [(seed + k, kinds[k % len(kinds)], None, flexion) for k in range(trials)]
    outcomes = list(run(jobs, workers))
    usable = [o for o in outcomes if o.reachable and not o.failure]
    return {
        "trials": trials,
        "failures": sum(bool(o.failure) for o in outcomes),
        "unreachable": sum(not o.reachable for o in outcomes),
        "real_time_factor": ratio([o.duration for o in usable], [o.cpu for o in usable]),
        "real_time_factor_undisturbed": float(
            np.median([1.0 / (SimParams().rate * o.tick_fast) for o in usable])
        ),
        "build_s": float(np.median([o.build for o in usable])),
        "wrench_error_rms_n": float(np.sqrt(np.mean([o.error_force**2 for o in usable]))),
        "force_mean_n": float(np.mean([o.force_mean for o in usable])),
        "force_peak_n": np.quantile([o.force_peak for o in usable], [0.5, 0.95]).tolist(),
        "threaded_throughout": float(np.mean([o.threaded for o in usable])),
        "passed": {kind: rates([o for o in usable if o.kind == kind], "flexion") for kind in kinds},
        "passed_by_intended": {
            kind: rates([o for o in usable if o.kind == kind], "intended") for kind in kinds
        },
        "convergence": converge(seed, workers),
        "deterministic": pull(seed, "taut").checksum == pull(seed, "taut").checksum,
    }


def run(jobs: list[Job], workers: int) -> Iterator[Outcome]:
    """Pulls in parallel, with a line of progress."""
    with ProcessPoolExecutor(workers) as pool:
        for k, outcome in enumerate(pool.map(pull, *zip(*jobs, strict=True)), start=1):
            print(f"\r{k}/{len(jobs)}", end="", flush=True)
            yield outcome
    print()


def rates(outcomes: list[Outcome], by: str) -> dict[str, list[float | None]]:
    """Share that passed the elbow and number of pulls, by one of the flexions of `Outcome`."""
    table: dict[str, list[float | None]] = {}
    for low, high in (*BINS, (0.0, MODERATE)):
        chosen = [o.passed for o in outcomes if low <= getattr(o, by) < high]
        table[f"{low}-{high}"] = [float(np.mean(chosen)) if chosen else None, len(chosen)]
    return table


def converge(seed: int, workers: int, pulls: int = 8) -> dict[str, list[float]]:
    """Mean and median peak force over the same loose and taut pulls, by number of substeps."""
    table = {}
    with ProcessPoolExecutor(workers) as pool:
        for substeps in SUBSTEPS:
            jobs = [
                pool.submit(pull, seed + k, ("loose", "taut")[k % 2], SimParams(substeps=substeps))
                for k in range(pulls)
            ]
            outcomes = [j.result() for j in jobs]
            chosen = [o for o in outcomes if o.reachable and not o.failure]
            table[str(substeps)] = [
                float(np.mean([o.force_mean for o in chosen])),
                float(np.median([o.force_peak for o in chosen])),
            ]
    return table


def ratio(above: list[float], below: list[float]) -> float:
    """Quotient of two sums."""
    return float(np.sum(above) / np.sum(below))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--flexion", type=float, default=1.6, help="greatest at the start [rad]")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(
        options.trials, options.seed, options.workers, tuple(options.kinds), options.flexion
    )
    print(json.dumps(figures, indent=2))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
