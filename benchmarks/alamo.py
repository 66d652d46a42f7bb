"""The set observer of Alamo, Bravo & Camacho (Automatica 41 (2005) 1035, sec. 7.1): area to exact.

    python benchmarks/alamo.py [--runs 5] [--steps 60] [--horizon 12] [--seed 0] [--json FILE]

x+ = [[0, -0.5], [1, 1]] x + w, w in [-1, 1] (-0.12, 0.02); y = [-2, 1] x + v, |v| <= 0.2; x0 in
[-3, 3]^2. The exact set is a polygon, mapped, summed and clipped. Every observer sees the same
measurements, first the 20 of a published test, then `--runs` random runs; a run is unsound if a
corner of the exact polygon is outside its set. `known` is the ratio
measured before, over 20 steps of other runs.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.spatial import ConvexHull

from elbowroom.sets import Zonotope
from elbowroom.sets.observer import LinearObserver
from elbowroom.sets.strips import (
    correct,
    least_radius_gain,
    least_volume_gain,
    slide_along_generator,
)
from elbowroom.sets.volume import polygon_area

A = np.array([[0.0, -0.5], [1.0, 1.0]])
H = np.array([[-2.0, 1.0]])
W = Zonotope(np.zeros(2), np.array([[-0.12], [0.02]]))
S = np.array([0.2])
X0 = Zonotope(np.zeros(2), 3.0 * np.eye(2))
ORDER = 20
PUBLISHED = np.array(
    [
        0.0234670727523143, -4.328236471896203, -4.1973096745991345, -1.9546081148402012,
        0.0983604258227819, 1.1666132024783362, 1.107317638717911, 0.4263920687095986,
        -0.009268218571361, -0.3069527304071071, -0.1292621672249405, -0.0195793311301101,
        -0.0751745657276915, 0.0774426557519688, 0.2618198630568284, -0.0222441951122745,
        0.0464232298590576, -0.1385809053684645, 0.0876767710448164, -0.109466733731803,
    ]
)  # fmt: skip
"""Measurements of the CORA test test_linearSysDT_observe_02_2dim (commit 6cb79424fc)."""

Observer = Callable[[np.ndarray], Iterator]


def simulate(rng: np.random.Generator, steps: int) -> np.ndarray:
    """Return measurements of a random run, disturbances uniform within their bounds."""
    x, found = rng.uniform(-3, 3, 2), []
    for _ in range(steps):
        found.append(H[0] @ x + S[0] * rng.uniform(-1, 1))
        x = A @ x + W.generators[:, 0] * rng.uniform(-1, 1)
    return np.array(found)


def clip(corners: np.ndarray, h: np.ndarray, y: float) -> np.ndarray:
    """Return the part of a polygon with h'x <= y."""
    kept = []
    for p, q in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        a, b = h @ p - y, h @ q - y
        if a <= 0:
            kept.append(p)
        if (a <= 0) != (b <= 0):
            kept.append(p + a / (a - b) * (q - p))
    return np.array(kept)


def observe_exactly(measurements: np.ndarray) -> list[np.ndarray]:
    """Return the exact set after every measurement, as a polygon."""
    polygon, found = np.array([[3.0, -3], [3, 3], [-3, 3], [-3, -3]]), []
    for k, y in enumerate(measurements):
        if k:
            moved = polygon @ A.T
            both = np.concatenate([moved + W.generators[:, 0], moved - W.generators[:, 0]])
            polygon = both[ConvexHull(both).vertices]
        polygon = clip(clip(polygon, H[0], y + S[0]), -H[0], S[0] - y)
        found.append(polygon)
    return found


def observe_by(update: Callable[[Zonotope, float], Zonotope]) -> Observer:
    """Return the observer that predicts, updates one strip to a zonotope and reduces."""

    def run(measurements: np.ndarray) -> Iterator[Zonotope]:
        state = X0
        for k, y in enumerate(measurements):
            if k:
                state = state.linear_map(A).minkowski_sum(W)
            state = update(state, y).reduce(ORDER)
            yield state

    return run


def observe_predicted(measurements: np.ndarray) -> Iterator[Zonotope]:
    """Correct the prediction by the last measurement, Kalman-like (Combastel 2015)."""
    state = X0
    for y in measurements:
        yield state
        gain = A @ least_radius_gain(state, H, S)
        noise = Zonotope(gain @ [y], np.concatenate([gain * S, W.generators], axis=1))
        state = state.linear_map(A - gain @ H).minkowski_sum(noise).reduce(ORDER)


def observe_with_constraints(horizon: int) -> Observer:
    """Return elbowroom's observer: measurements stay constraints, a tight template past them."""

    def run(measurements: np.ndarray) -> Iterator:
        observer, state = LinearObserver(A, H, W, S, horizon=horizon), X0
        for k, y in enumerate(measurements):
            state = observer.step(state, [y]) if k else observer.correct(state, [y])
            state.hull()
            yield state

    return run


def cut_by_gain(state: Zonotope, y: float) -> Zonotope:
    """Cut by the strip with the gain of least F-radius."""
    return correct(state, H, [y], S, least_radius_gain(state, H, S))


def observers(horizon: int) -> dict[str, tuple[str, Observer]]:
    """Return every observer with the ratio it is known for."""
    return {
        "F-radius gain (Alamo 2005)": ("1.73", observe_by(cut_by_gain)),
        "predicted gain (Combastel 2015)": ("4.05", observe_predicted),
        "least volume (Alamo 2005)": (
            "1.31",
            observe_by(lambda Z, y: correct(Z, H, [y], S, least_volume_gain(Z, H, S[0]))),
        ),
        "slides (Bravo 2006)": ("-", observe_by(lambda Z, y: slide_along_generator(Z, H, y, S[0]))),
        f"constraints, horizon {horizon}": ("1.016-1.026", observe_with_constraints(horizon)),
    }


def judge(observer: Observer, runs: list[np.ndarray], exact: list[list[np.ndarray]]) -> dict:
    """Return area ratios over all steps of all runs, misses and the CPU time of a step [ms]."""
    areas, wanted, unsound, times = [], [], 0, []
    for measurements, polygons in zip(runs, exact, strict=True):
        states, missed = observer(measurements), False
        for polygon in polygons:
            start = time.process_time()
            state = next(states)
            times.append(1e3 * (time.process_time() - start))
            areas.append(state.volume())
            wanted.append(polygon_area(polygon))
            missed = missed or not state.contains(polygon).all()
        unsound += missed
    ratios = np.array(areas) / np.array(wanted)
    return {
        "mean": float(ratios.mean()),
        "worst": float(ratios.max()),
        "sums": float(np.sum(areas) / np.sum(wanted)),
        "unsound": unsound,
        "median ms": float(np.median(times)),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--horizon", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    batches = {
        "published measurements, 20 steps": [PUBLISHED],
        f"{args.runs} random runs of {args.steps} steps": [
            simulate(rng, args.steps) for _ in range(args.runs)
        ],
    }
    table: dict[str, dict] = {}
    for title, runs in batches.items():
        exact = [observe_exactly(measurements) for measurements in runs]
        print(f"{title:36}area / exact: mean     worst  sum/sum  unsound  ms/step  known")
        for name, (known, observer) in observers(args.horizon).items():
            found = judge(observer, runs, exact)
            table.setdefault(title, {})[name] = found | {"known": known}
            print(f"  {name:34}{found['mean']:18.6f}{found['worst']:10.4f}", end="")
            print(f"{found['sums']:9.4f}{found['unsound']:9}{found['median ms']:9.2f}  {known}")
    if args.json:
        args.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
