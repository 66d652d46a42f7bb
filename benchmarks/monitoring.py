"""Input monitoring against published detectors: cost, false alarms, power, run length, delay.

    python benchmarks/monitoring.py --alibi-detect PYTHON --torchdrift PYTHON --frouros PYTHON

PYTHON is the interpreter of an environment with that peer and NumPy installed; a peer that is not
named is left out. `--part NAME ...` runs some parts only, `--quick` a tenth of the draws. Times are
processor time in one thread, the least of many calls. Prints a table of figure and target.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from peers import PEERS, least_seconds, measure_delays, measure_test
from streams import draw_layers, draw_trials, run_detector, run_window, summarise_trials, watch
from tqdm import tqdm

from elbowroom.monitoring import (
    EDetector,
    FastWindow,
    layered_test,
    median_bandwidths,
    permutation_test,
)
from elbowroom.monitoring.twosample.ladis import fisher, ladis_test
from elbowroom.monitoring.twosample.reference_test import ReferenceTest

Array = NDArray[np.float64]


@dataclass
class Bench:
    """How much is drawn, the peers' figures, and the rows of the table."""

    scale: float
    peers: dict[str, dict]
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def count(self, full: int) -> int:
        """Draws, at least five."""
        return max(5, round(full * self.scale))

    def add(self, name: str, figure: str, target: str = "") -> None:
        """Note one row."""
        self.rows.append((name, figure, target))


def single_p(x: Array, y: Array, seed: int = 0) -> float:
    """Permutation test at the median bandwidth."""
    return permutation_test(x, y, permutations=100, seed=seed, exponents=[0.0]).p


def family_p(x: Array, y: Array, seed: int = 0) -> float:
    """Permutation test over the family of bandwidths."""
    return permutation_test(x, y, permutations=100, seed=seed).p


def compare_tests(bench: Bench) -> None:
    """Cost, false alarms and power of one test, 100 against 100 with 64 features, shift 0.8."""
    count = bench.count(1000)
    ladis = measure_test(lambda x, y: ladis_test(x, y).p, count, 30)
    ours = {
        "one bandwidth": measure_test(single_p, count, 200),
        "max-T over 7 bandwidths": measure_test(family_p, count, 100),
    }
    for name, figures in {**ours, "LADIS": ladis, **bench.peers}.items():
        told = f"{figures['test_ms']:.2f} ms"
        if "power" in figures:
            told += f", false alarms {figures['false_alarms']:.3f}, power {figures['power']:.3f}"
        target = {"one bandwidth": "<= 1 ms; power >= 0.60 where LADIS has 0.01"}.get(name, "")
        bench.add(f"test, 100 v 100, d = 64: {name}", told, target)
    if "alibi-detect" in bench.peers:
        ratio = bench.peers["alibi-detect"]["test_ms"] / ours["one bandwidth"]["test_ms"]
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
    count = bench.count(400)
    window = measure_delays(watch(FastWindow(reference, size=20)), count)
    found = {
        "e-detector, run length >= 500 guaranteed": measure_delays(
            watch(EDetector(reference)), count
        ),
        "window of 20, run length 500 calibrated": window,
        **{name: f for name, f in bench.peers.items() if "delay_1" in f},
    }
    for name, f in found.items():
        bench.add(
            f"delay, {name}",
            f"1 sigma: {f['delay_1']:.1f} (mean {f['mean_delay_1']:.1f}), "
            f"2 sigma: {f['delay_2']:.1f} (mean {f['mean_delay_2']:.1f})",
            "<= 1.5 x alibi-detect's" if name.startswith("e-detector") else "",
        )
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


PARTS = {
    "tests": compare_tests,
    "cached": time_cached,
    "steps": time_steps,
    "run-lengths": measure_run_lengths,
    "trials": measure_trial_tests,
    "layers": measure_layers,
    "delays": compare_delays,
}


def ask_peer(name: str, python: str, count: int) -> dict:
    """Figures of a peer, measured in its own environment."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers.py")
    command = [python, script, name, "--count", str(count)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in PEERS:
        parser.add_argument(f"--{name}", metavar="PYTHON", default="")
    parser.add_argument("--part", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--quick", action="store_true")
    options = vars(parser.parse_args())
    scale = 0.1 if options["quick"] else 1.0
    asked = {name: options[name.replace("-", "_")] for name in PEERS}
    peers = {n: ask_peer(n, p, round(200 * scale)) for n, p in tqdm(asked.items()) if p}
    bench = Bench(scale, peers)
    for name in options["part"]:
        PARTS[name](bench)
    for name, figures in peers.items():
        bench.rows = [(a.replace(name, figures["name"]), b, c) for a, b, c in bench.rows]
    print("| what | figure | target |\n|---|---|---|")
    for row in bench.rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
