"""Input monitoring against published detectors: cost, false alarms, power, run length, delay.

    python benchmarks/monitoring.py --alibi-detect PYTHON --torchdrift PYTHON --frouros PYTHON

PYTHON is the interpreter of an environment with that peer and NumPy installed; a peer that is not
named is left out. `--people FOLDER` is where the dressings of the part `violations` are stored and
resumed; `--delta`, `--trials` and `--seed` are theirs, and without a folder that part is left out.
`--part NAME ...` runs some parts only, `--quick` a tenth of the draws. Times are processor time in
one thread, the least of many calls. Prints a table of figure and target.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from pairs import TESTS, single_p
from peers import PEERS, ask_peer, least_seconds, measure_delays, measure_test
from streams import draw_layers, draw_trials, run_detector, run_window, summarise_trials, watch
from tqdm import tqdm
from violations import measure_violations

from elbowroom.monitoring import (
    EDetector,
    FastWindow,
    layered_test,
    median_bandwidths,
    permutation_test,
)
from elbowroom.monitoring.twosample.ladis import fisher
from elbowroom.monitoring.twosample.reference_test import ReferenceTest

Array = NDArray[np.float64]


@dataclass
class Bench:
    """How much is drawn, the peers' figures, and the rows of the table."""

    scale: float
    peers: dict[str, dict]
    options: dict[str, Any] = field(default_factory=dict)
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def pairs(self) -> int:
        """Pairs of samples that a peer's power is measured on."""
        return self.count(200)

    @property
    def streams(self) -> int:
        """Streams that delays are measured on, ours and the peers'."""
        return self.count(400)

    def count(self, full: int) -> int:
        """Draws, at least five."""
        return max(5, round(full * self.scale))

    def add(self, name: str, figure: str, target: str = "") -> None:
        """Note one row."""
        self.rows.append((name, figure, target))


CHANGED = {
    "power_shift": ("one feature of 64 by 0.68", ">= 0.60 where LADIS has 0.01"),
    "power_even": ("64 features by 0.085 each", ""),
    "power_scale": ("64 features 1.08 times as wide", ""),
}
"""Changes that LADIS hardly sees, and the target that one test must reach."""


def compare_tests(bench: Bench) -> None:
    """Cost, false alarms and power of one test, 100 against 100 with 64 features, shift 0.8."""
    count = bench.count(1000)
    ours = {
        name: measure_test(p_value, count, repeats)
        for name, (p_value, repeats) in tqdm(TESTS.items(), "tests", leave=False)
    }
    everyone = {**ours, **bench.peers}
    for name, figures in everyone.items():
        told = f"{figures['test_ms']:.2f} ms"
        if "power" in figures:
            told += f", false alarms {figures['false_alarms']:.3f}, power {figures['power']:.3f}"
        target = {"one bandwidth": "<= 1 ms, power of alibi-detect"}.get(name, "")
        bench.add(f"test, 100 v 100, d = 64: {name}", told, target)
    for change, (what, target) in CHANGED.items():
        told = ", ".join(f"{n} {f[change]:.3f}" for n, f in everyone.items() if change in f)
        bench.add(f"power, 100 v 100, {what}", told, target)
    if "alibi-detect" in bench.peers:
        peer = bench.peers["alibi-detect"]
        same = measure_test(single_p, bench.pairs, 5)
        told = f"{same['power']:.3f} v {peer['power']:.3f}"
        bench.add(f"power of one bandwidth v alibi-detect, {bench.pairs} pairs", told, "equal")
        ratio = peer["test_ms"] / ours["one bandwidth"]["test_ms"]
        bench.add("faster than alibi-detect's MMDDrift", f"{ratio:.0f} x", ">= 50 x")


def time_cached(bench: Bench) -> None:
    """Cost of a test against a cached reference of 500."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((500, 64)), rng.standard_normal((100, 64))
    for name, exponents in (("one bandwidth", [0.0]), ("7 bandwidths", None)):
        more = {} if exponents is None else {"exponents": exponents}
        test = ReferenceTest(x, permutations=100, **more)
        spent = 1e3 * least_seconds(partial(test.test, y), 100)
        bench.add(f"cached reference of 500 v 100, d = 64, {name}", f"{spent:.2f} ms", "<= 5 ms")


def time_steps(bench: Bench) -> None:
    """Cost of a step of the sequential channels."""
    rng = np.random.default_rng(0)
    for d in (8, 64):
        units = rng.standard_normal((1200, d))
        detector, window = EDetector(units), FastWindow(units)
        start, begun = detector.start(), window.start()
        spent = _time_steps(detector, start, units[:40])
        bench.add(f"e-detector, d = {d}", f"{spent:.1f} us a unit", "<= 20 us" if d == 8 else "")
        spent = _time_steps(window, begun, units[:40])
        bench.add(f"window of 10, d = {d}", f"{spent:.0f} us a unit")


def _time_steps(channel: EDetector | FastWindow, state: object, units: Array) -> float:
    def pass_over() -> None:
        now = state
        for unit in units:
            now, _ = channel.step(now, unit)  # type: ignore[arg-type]

    return 1e6 * least_seconds(pass_over, 300) / len(units)


def measure_run_lengths(bench: Bench) -> None:
    """Average run length of the e-detector without a change, promised 500; a reference each."""
    promise = 500.0

    def samples(rng: np.random.Generator, count: int) -> Array:
        return rng.standard_normal((count, 8))

    def trials(rng: np.random.Generator, count: int) -> Array:
        return summarise_trials(draw_trials(rng, count, 60, 3, 0.98, 0.5))

    def heavy(rng: np.random.Generator, count: int) -> Array:
        return rng.standard_t(2.0, (count, 4))

    kinds: dict[str, tuple[Callable[[np.random.Generator, int], Array], int]] = {
        "i.i.d. normal, d = 8, reference 1000": (samples, 1000),
        "i.i.d. normal, d = 8, reference 100": (samples, 100),
        "i.i.d. Student t(2), d = 4, reference 400": (heavy, 400),
        "trials of 60 samples of AR(0.98), reference 400": (trials, 400),
    }
    for name, (draw, size) in kinds.items():
        lengths = [
            run_detector(draw, size, promise, seed)
            for seed in tqdm(range(bench.count(300)), name, leave=False)
        ]
        error = np.std(lengths) / np.sqrt(len(lengths))
        told = f"{np.mean(lengths):.0f} +- {error:.0f} units, {len(lengths)} runs"
        bench.add(f"run length, {name}", told, f">= {promise:.0f}")
    lengths = [run_window(seed, promise) for seed in tqdm(range(bench.count(100)), leave=False)]
    told = f"{np.mean(lengths):.0f} +- {np.std(lengths) / np.sqrt(len(lengths)):.0f} units"
    bench.add("run length of the window, i.i.d. normal, d = 8, reference 1000", told)


def measure_trial_tests(bench: Bench) -> None:
    """False alarms and power by trial where samples depend on each other: 10 v 10 trials of 30."""
    labels = np.repeat(np.arange(10), 30)
    more = {"permutations": 99, "groups": (labels, labels)}
    for a in (0.5, 0.9, 0.98):
        found: dict[str, list[bool]] = {"by sample": [], "by trial": [], "shifted, by trial": []}
        for seed in tqdm(range(bench.count(2000)), f"AR({a})", leave=False):
            rng = np.random.default_rng([4, round(1000 * a), seed])
            x, y = (draw_trials(rng, 10, 30, 4, a, 0.0).reshape(-1, 4) for _ in range(2))
            sigma = median_bandwidths(x, y, [0.0])
            plain = permutation_test(x, y, permutations=99, seed=seed, bandwidths=sigma)
            trial = permutation_test(x, y, seed=seed, bandwidths=sigma, **more)
            moved = permutation_test(x, y + 1.0, seed=seed, bandwidths=sigma, **more)
            for name, result in zip(found, (plain, trial, moved), strict=True):
                found[name].append(result.p <= 0.05)
        rates = {name: float(np.mean(hits)) for name, hits in found.items()}
        bench.add(f"false alarms, AR({a}), by sample", f"{rates['by sample']:.3f}")
        error = np.sqrt(0.05 * 0.95 / len(found["by trial"]))
        told = f"{rates['by trial']:.3f} +- {error:.3f}, power {rates['shifted, by trial']:.2f}"
        bench.add(f"false alarms, AR({a}), by trial", told, "<= 0.05")


def measure_layers(bench: Bench) -> None:
    """False alarms and power over 8 dependent layers: max-T with shared permutations, Fisher."""
    hits: dict[str, list[tuple[bool, bool]]] = {"quiet": [], "changed": []}
    for seed in tqdm(range(bench.count(600)), "layers", leave=False):
        rng = np.random.default_rng([6, seed])
        for name, shift in (("quiet", 0.0), ("changed", 1.0)):
            x, y = (draw_layers(rng, 40, s) for s in (0.0, shift))
            found = layered_test(x, y, permutations=99, seed=seed)
            hits[name].append((found.p <= 0.05, fisher(list(found.p_by_layer.values())) <= 0.05))
    quiet, changed = (np.mean(hits[name], axis=0) for name in hits)
    error = np.sqrt(0.05 * 0.95 / len(hits["quiet"]))
    told = f"false alarms {quiet[0]:.3f} +- {error:.3f}, power {changed[0]:.2f}"
    bench.add("8 layers, max-T", told, "<= 0.05")
    bench.add("8 layers, Fisher", f"false alarms {quiet[1]:.3f}, power {changed[1]:.2f}")


def compare_delays(bench: Bench) -> None:
    """Units until the alarm after a shift of the mean, d = 8, 20 to 119 quiet units before it."""
    reference = np.random.default_rng(7).standard_normal((1000, 8))
    count = bench.streams
    ours = measure_delays(watch(EDetector(reference)), count)
    window = measure_delays(watch(FastWindow(reference, size=20)), count)
    found = {
        "e-detector, run length >= 500 guaranteed": ours,
        "window of 20, run length 500 calibrated": window,
        **{name: f for name, f in bench.peers.items() if "delay_1" in f},
    }
    for name, f in found.items():
        bench.add(
            f"delay, {name}",
            f"1 sigma: {f['delay_1']:.1f} (mean {f['mean_delay_1']:.1f}), "
            f"2 sigma: {f['delay_2']:.1f} (mean {f['mean_delay_2']:.1f})",
        )
    if "alibi-detect" in bench.peers:
        peer = bench.peers["alibi-detect"]
        told = ", ".join(
            f"{shift} sigma: {ours[f'delay_{shift}'] / peer[f'delay_{shift}']:.2f} x "
            f"(mean {ours[f'mean_delay_{shift}'] / peer[f'mean_delay_{shift}']:.2f} x)"
            for shift in (1, 2)
        )
        streams = f"{ours['streams']} and {peer['streams']} streams"
        bench.add(f"delay, e-detector over alibi-detect, {streams}", told, "<= 1.5 x")
    for size in (100, 200, 400, 4000):
        detector = EDetector(np.random.default_rng(7).standard_normal((size, 8)))
        f = measure_delays(watch(detector), count)
        told = f"1 sigma: {f['delay_1']:.1f}, 2 sigma: {f['delay_2']:.1f}"
        name = f"delay, e-detector, reference {size}: m = {detector.draws}"
        bench.add(f"{name}, {detector.pass_length} a pass, A = {detector.threshold:.0f}", told)
    if "alibi-detect" in bench.peers:
        peer = bench.peers["alibi-detect"]
        told = f"{peer['run_length']:.0f} i.i.d., {peer['run_length_ar']:.1f} on AR(0.9)"
        bench.add("run length of alibi-detect's online detector, asked 500", told)
        bench.add("a step of it", f"{peer['step_us']:.0f} us")


def watch_people(bench: Bench) -> None:
    """Violations alarmed in time and false alarms in simulated dressings of new people."""
    given = bench.options
    if not given.get("people"):
        bench.add("violations alarmed in time, false alarms", "left out: no --people FOLDER")
        return
    settings = (given[name] for name in ("people", "delta", "trials", "seed"))
    bench.rows += measure_violations(*settings)


PARTS = {
    "tests": compare_tests,
    "cached": time_cached,
    "steps": time_steps,
    "run-lengths": measure_run_lengths,
    "trials": measure_trial_tests,
    "layers": measure_layers,
    "delays": compare_delays,
    "violations": watch_people,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in PEERS:
        parser.add_argument(f"--{name}", metavar="PYTHON", default="")
    parser.add_argument("--part", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--people", metavar="FOLDER", default="")
    parser.add_argument("--delta", type=float, default=0.01)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=9600)
    options = vars(parser.parse_args())
    bench = Bench(0.1 if options["quick"] else 1.0, {}, options)
    asked = {name: options[name.replace("-", "_")] for name in PEERS}
    for name, python in tqdm(asked.items(), "peers"):
        if python:
            bench.peers[name] = ask_peer(name, python, bench.pairs, bench.streams)
    for name in options["part"]:
        PARTS[name](bench)
    for name, figures in bench.peers.items():
        bench.rows = [
            (*(t.replace(name, figures["name"]) for t in (a, b)), c) for a, b, c in bench.rows
        ]
    print("| what | figure | target |\n|---|---|---|")
    for row in bench.rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
