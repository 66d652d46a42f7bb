"""Published drift detectors under the tests of benchmarks/monitoring.py.

Run by that benchmark inside each peer's own environment; needs NumPy and the peer only. Prints one
line of JSON: name with version and figures.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Detector = Callable[[Array], bool]


CHANGES: dict[str, Callable[[Array], Array]] = {
    "false_alarms": lambda y: y,
    "power": lambda y: y + 0.8 * np.eye(1, y.shape[1]),
    "power_shift": lambda y: y + 0.68 * np.eye(1, y.shape[1]),
    "power_even": lambda y: y + 0.68 / np.sqrt(y.shape[1]),
    "power_scale": lambda y: 1.08 * y,
}
"""What is done to one sample of each pair; the even shift is as long as that of one feature."""


def draw_pairs(
    count: int, n: int, d: int, change: Callable[[Array], Array], seed: int
) -> Iterator[tuple[Array, Array]]:
    """Pairs of standard normal samples, shapes (n, d), the second one changed."""
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        x, y = rng.standard_normal((n, d)), rng.standard_normal((n, d))
        yield x, change(y)


def draw_delays(count: int, d: int, seed: int) -> Iterator[tuple[Array, Array, Array]]:
    """20 to 119 quiet units, a direction, shape (d,), and the noise after the change."""
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        way = rng.standard_normal(d)
        yield (
            rng.standard_normal((rng.integers(20, 120), d)),
            way / np.linalg.norm(way),
            rng.standard_normal((400, d)),
        )


def least_seconds(call: Callable[[], Any], repeats: int) -> float:
    """Least processor time of one call, its worker processes included.

    Other programs on the machine disturb it less than the time on the wall.
    """
    call()
    times = []
    for _ in range(repeats):
        begun = _spent()
        call()
        times.append(_spent() - begun)
    return min(times)


def _spent() -> float:
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def measure_test(p_value: Callable[[Array, Array], float], count: int, repeats: int) -> dict:
    """Cost of 100 against 100 with 64 features, share of p <= 0.05 under every one of CHANGES."""
    x, y = next(draw_pairs(1, 100, 64, CHANGES["false_alarms"], 1))
    figures: dict[str, Any] = {"test_ms": 1e3 * least_seconds(lambda: p_value(x, y), repeats)}
    for name, change in CHANGES.items():
        found = [p_value(a, b) <= 0.05 for a, b in draw_pairs(count, 100, 64, change, 1)]
        if found:
            figures[name] = float(np.mean(found))
    return figures


def measure_delays(start: Callable[[int], Detector], count: int, d: int = 8) -> dict:
    """Median and mean units until the alarm after a shift of 1 and 2 deviations."""
    figures: dict[str, Any] = {"streams": count}
    for shift in (1.0, 2.0):
        delays = []
        for index, (quiet, way, noise) in enumerate(draw_delays(count, d, 2)):
            see = start(index)
            for unit in quiet:
                see(unit)
            alarms = (i for i, unit in enumerate(noise, 1) if see(unit + shift * way))
            delays.append(next(alarms, len(noise)))
        figures[f"delay_{shift:g}"] = float(np.median(delays))
        figures[f"mean_delay_{shift:g}"] = float(np.mean(delays))
    return figures


def run_alibi(count: int, streams: int) -> dict:
    """alibi-detect: MMDDrift and MMDDriftOnline."""
    from alibi_detect.cd import MMDDrift, MMDDriftOnline

    def p_value(x: Array, y: Array) -> float:
        detector = MMDDrift(x.astype(np.float32), backend="pytorch", n_permutations=100)
        return float(detector.predict(y.astype(np.float32))["data"]["p_val"])

    x, y = next(draw_pairs(1, 100, 64, CHANGES["false_alarms"], 1))
    made = MMDDrift(x.astype(np.float32), backend="pytorch", n_permutations=100)
    figures = measure_test(p_value, count, 20)
    live = y.astype(np.float32)
    figures["test_ms"] = 1e3 * least_seconds(lambda: made.predict(live), 20)
    reference = np.random.default_rng(7).standard_normal((1000, 8)).astype(np.float32)
    online = MMDDriftOnline(
        reference, ert=500, window_size=20, backend="pytorch", n_bootstraps=2000, verbose=False
    )

    def see(unit: Array) -> bool:
        return bool(online.predict(unit.astype(np.float32))["data"]["is_drift"])

    def start(index: int) -> Detector:
        online.reset_state()
        return see

    figures |= measure_delays(start, streams)
    unit = np.zeros(8)
    figures["step_us"] = 1e6 * least_seconds(lambda: see(unit), 200)
    for name, a in (("run_length", 0.0), ("run_length_ar", 0.9)):
        figures[name] = _measure_run_length(online, see, a, 20)
    return figures


def _measure_run_length(online: Any, see: Detector, a: float, runs: int) -> float:
    lengths = []
    for index in range(runs):
        rng = np.random.default_rng([5, index])
        online.reset_state()
        unit = rng.standard_normal(8)
        length = 1
        while not see(unit) and length < 2000:
            unit = a * unit + np.sqrt(1 - a * a) * rng.standard_normal(8)
            length += 1
        lengths.append(length)
    return float(np.mean(lengths))


def run_torchdrift(count: int, streams: int) -> dict:
    """torchdrift: KernelMMDDriftDetector's kernel test."""
    import torch
    from torchdrift.detectors.mmd import GaussianKernel, kernel_mmd

    def p_value(x: Array, y: Array) -> float:
        a, b = (torch.from_numpy(v).float() for v in (x, y))
        return float(kernel_mmd(a, b, n_perm=100, kernel=GaussianKernel())[1])

    return measure_test(p_value, count, 20)


def run_frouros(count: int, streams: int) -> dict:
    """frouros: MMD with the permutation callback; far too slow for figures of power."""
    from frouros.callbacks import PermutationTestDistanceBased
    from frouros.detectors.data_drift import MMD

    def p_value(x: Array, y: Array) -> float:
        call = PermutationTestDistanceBased(num_permutations=100, random_state=1, num_jobs=1)
        detector = MMD(callbacks=[call])
        detector.fit(X=x)
        return float(detector.compare(X=y)[1][call.name]["p_value"])

    return measure_test(p_value, 0, 2)


def ask_peer(name: str, python: str, pairs: int, streams: int) -> dict:
    """Figures of a peer, measured in its own environment."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers.py")
    command = [python, script, name, "--count", str(pairs), "--streams", str(streams)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return dict(json.loads(ran.stdout.splitlines()[-1]))


PEERS = {
    "alibi-detect": run_alibi,
    "torchdrift": run_torchdrift,
    "frouros": run_frouros,
}


def main() -> None:
    """Measure one peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--count", type=int, default=200, help="pairs of samples")
    parser.add_argument("--streams", type=int, default=400, help="streams with a change")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.peer != "frouros":
        import torch

        torch.set_num_threads(1)
    figures = PEERS[options.peer](options.count, options.streams)
    name = f"{options.peer} {importlib.metadata.version(options.peer)}"
    print(json.dumps({"name": name, **figures}))


if __name__ == "__main__":
    main()
