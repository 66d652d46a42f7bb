"""Sources that report now and then, wrong by white and by slow or constant errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Tracker:
    """One tracked point: seen = truth + slow + white.

    The slow error is a first-order Gauss-Markov process that starts in its stationary
    distribution.

    Args:
        rng: source of both errors.
        rate: images a second [Hz].
        white, slow: root mean square of the 3-D error [m].
        slow_time: correlation time of the slow error [s].
    """

    def __init__(
        self, rng: np.random.Generator, rate: float, white: float, slow: float, slow_time: float
    ) -> None:
        self._rng, self._period = rng, 1.0 / rate
        self._white, self._slow = white / np.sqrt(3), slow / np.sqrt(3)
        self._keep = float(np.exp(-self._period / slow_time))
        self._error = self._slow * rng.standard_normal(3)
        self._next = 0.0

    def see(self, time: float, point: Array) -> Array | None:
        """The point as seen at `time` [s], or None between two images.

        Random numbers are drawn for every image whether or not the caller uses it, so visibility
        does not change the errors of later images.
        """
        if time < self._next - 1e-9:
            return None
        self._next += self._period
        fresh, white = self._rng.standard_normal((2, 3))
        self._error = self._keep * self._error + np.sqrt(1 - self._keep**2) * self._slow * fresh
        return np.asarray(point + self._error + self._white * white)


class Gauge:
    """A reading now and then: read = truth + bias + white.

    Args:
        rng: source of both errors.
        rate: readings a second [Hz].
        white, bias: standard deviation of every number's error, in its unit.
        width: numbers in a reading.
    """

    def __init__(
        self, rng: np.random.Generator, rate: float, white: float, bias: float, width: int = 1
    ) -> None:
        self._rng, self._period, self._white = rng, 1.0 / rate, white
        self._bias = bias * rng.standard_normal(width)
        self._next = 0.0

    def read(self, time: float, value: Array) -> Array | None:
        """The reading at `time` [s], shape (width,), or None between two of them.

        As with `Tracker`, a reading that nobody uses draws its random numbers all the same.
        """
        if time < self._next - 1e-9:
            return None
        self._next += self._period
        white = self._white * self._rng.standard_normal(len(self._bias))
        return np.asarray(value + self._bias + white)


def visibility(rng: np.random.Generator, mode: str, duration: float, step: float = 0.1) -> Array:
    """When a tracked point is in view: one boolean every `step` seconds.

    "half" alternates spells in and out of view with exponential lengths of mean 1.5 s.

    Args:
        rng: source of the schedule.
        mode: "never", "half" or "always".
        duration: [s].
        step: resolution [s].
    """
    count = int(np.ceil(duration / step)) + 1
    if mode != "half":
        return np.full(count, mode == "always")
    spells = np.maximum(rng.exponential(1.5, count) / step, 1.0).astype(int)
    states = (np.arange(count) + int(rng.integers(2))) % 2 == 0
    return np.repeat(states, spells)[:count]
