"""CPU time of a step of the set filter, everything included, and where it goes.

    python benchmarks/step.py [--recorded FOLDER] [--inputs wrist+progress+effort] [--json FILE]

Every step of recorded dressings is timed by the thread's own CPU clock, which other work on the
machine does not disturb much. Two kinds of steps come about: at every wrench the sample is checked,
the features are advanced and the box is moved; at every tenth the networks speak and the sets are
intersected. Without --recorded a made-up dressing is used.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import json
import pstats
import time
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.campaign.recordings import find_recordings
from elbowroom.core import Estimate, Sample, load_trial
from elbowroom.core.types import ArmMeasurement
from elbowroom.estimation import EstimatorParams, make_estimator
from elbowroom.nodes.dressing.warmup import ARM, rehearse

Dressing = tuple[ArmMeasurement, list[Sample]]


def read_dressings(folder: str, most: int) -> list[Dressing]:
    """Recorded dressings, or a made-up one."""
    if not folder:
        return [(ARM, [sample for sample, _ in rehearse(1680)])]
    trials = [load_trial(path) for path in find_recordings(folder)[:most]]
    return [(trial.arm, list(trial.samples())) for trial in trials]


def time_steps(estimator: Any, dressings: list[Dressing]) -> np.ndarray:
    """CPU time of every step [us]."""
    times = []
    for arm, samples in dressings:
        state = estimator.start(arm)
        for sample in samples:
            begin = time.thread_time_ns()
            state, _ = estimator.step(state, sample)
            times.append(time.thread_time_ns() - begin)
    return np.array(times) / 1e3


def step_through(estimator: Any, dressings: list[Dressing]) -> list[Estimate]:
    """Every estimate."""
    found = []
    for arm, samples in dressings:
        state = estimator.start(arm)
        for sample in samples:
            state, estimate = estimator.step(state, sample)
            found.append(estimate)
    return found


def main() -> None:
    """Measure, print, profile."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recorded", default="", help="folder of recorded trials")
    parser.add_argument("--most", type=int, default=8, help="trials to step over")
    parser.add_argument("--repeats", type=int, default=12, help="passes; each step's least counts")
    parser.add_argument("--method", default="set")
    parser.add_argument("--inputs", default="none")
    parser.add_argument("--artefacts", default="")
    parser.add_argument("--profile", type=int, default=0, help="rows of the profile to print")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    wanted = EstimatorParams(method=args.method, inputs=args.inputs, artefacts=args.artefacts)
    estimator = make_estimator(**vars(wanted))
    dressings = read_dressings(args.recorded, args.most)
    step_through(estimator, dressings[:1])
    gc.collect()
    gc.freeze()
    passes = [time_steps(estimator, dressings) for _ in range(args.repeats)]
    least, every = np.min(passes, axis=0), np.concatenate(passes)
    figures = {
        "method": args.method,
        "inputs": args.inputs,
        "steps": len(least),
        "cpu_us": {f"p{q}": round(float(np.percentile(every, q)), 1) for q in (50, 90, 99, 99.9)},
        "cpu_us_least_of_passes": {
            f"p{q}": round(float(np.percentile(least, q)), 1) for q in (50, 90, 99, 99.9)
        },
    }
    print(json.dumps(figures, indent=1))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n")
    if args.profile:
        with cProfile.Profile() as profile:
            step_through(estimator, dressings[:2])
        pstats.Stats(profile).sort_stats("tottime").print_stats(args.profile)


if __name__ == "__main__":
    main()
