"""Streams and layers that benchmarks/monitoring.py draws, and the runs of detectors over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from elbowroom.monitoring import DetectorSettings, EDetector, FastWindow, summarise_unit

Array = NDArray[np.float64]


def draw_trials(
    rng: np.random.Generator, count: int, length: int, d: int, a: float, spread: float
) -> Array:
    """Trials of AR(1) samples about a mean that differs from trial to trial."""
    noise = rng.standard_normal((count, length, d)) * np.sqrt(1 - a * a)
    noise[:, 0] /= np.sqrt(1 - a * a)
    samples = lfilter([1.0], [1.0, -a], noise, axis=1)
    return np.asarray(samples + spread * rng.standard_normal((count, 1, d)))


def summarise_trials(trials: Array) -> Array:
    """One unit a trial, shapes (count, length, d) -> (count, 2 d)."""
    return np.array([summarise_unit(trial) for trial in trials])


def run_detector(
    draw: Callable[[np.random.Generator, int], Array], size: int, promise: float, seed: int
) -> int:
    """Units until a false alarm, `promise` asked for, with a reference of its own."""
    rng = np.random.default_rng([3, seed])
    detector = EDetector(draw(rng, size), DetectorSettings(run_length=promise, seed=seed))
    state, longest = detector.start(), int(20 * promise)
    while state.units < longest:
        for unit in draw(rng, 100):
            state, value = detector.step(state, unit)
            if value >= detector.threshold:
                return state.units
    return longest


def run_window(seed: int, promise: float) -> int:
    """Units until a false warning of the window."""
    rng = np.random.default_rng([8, seed])
    window = FastWindow(rng.standard_normal((1000, 8)), run_length=promise, seed=seed)
    state, value = window.start(), 0.0
    while not value >= window.threshold and state.units < 20 * promise:
        state, value = window.step(state, rng.standard_normal(8))
    return state.units


def draw_layers(rng: np.random.Generator, n: int, shift: float) -> dict[str, Array]:
    """Eight layers of a random network, each of the one before; the shift is in the input."""
    x = rng.standard_normal((n, 8))
    x[:, 0] += shift
    mixes = np.random.default_rng(0).standard_normal((8, 8, 8)) / np.sqrt(8)
    layers = {}
    for index, mix in enumerate(mixes):
        x = np.tanh(1.5 * x @ mix) + 0.05 * rng.standard_normal(x.shape)
        layers[f"layer {index}"] = x
    return layers


def watch(channel: EDetector | FastWindow) -> Callable[[int], Callable[[Array], bool]]:
    """Start a stream of `channel`; every stream meets the reference in another order."""

    def start(index: int) -> Callable[[Array], bool]:
        state: Any = channel.start()
        if isinstance(channel, EDetector):
            state = state._replace(passes=index)

        def see(unit: Array) -> bool:
            nonlocal state
            state, value = channel.step(state, unit)
            return value >= channel.threshold

        return see

    return start
