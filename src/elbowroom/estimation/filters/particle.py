"""The bootstrap particle filter over learned models (Gordon, Salmond and Smith, 1993)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Params, param
from elbowroom.estimation.filters.system import Model

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ParticleSettings(Params):
    """Settings of the particle filter."""

    count: int = param(800, "Number of particles", low=10, high=100_000)
    resample_below: float = param(
        0.5, "Resample when the effective share of particles is below this", low=0.0, high=1.0
    )
    roughening: float = param(
        0.15, "Jitter after resampling, as a share of the particles' range", low=0.0, high=1.0
    )
    hull_sigmas: float = param(3.0, "Standard deviations of the published box", low=0.1, high=20.0)
    seed: int = param(0, "Seed of every start", low=0)


@dataclass(frozen=True)
class ParticleBelief:
    """Weighted states, and the state of the generator that moves them on.

    Attributes:
        points: shape (k, n).
        weights: sum to one, shape (k,).
        generator: state of the bit generator, so that a step repeats to the bit.
        sigmas: half-width of the hull in standard deviations.
    """

    points: Array
    weights: Array
    generator: dict[str, Any]
    sigmas: float

    @property
    def point(self) -> Array:
        """Weighted mean, shape (n,)."""
        return np.asarray(self.weights @ self.points)

    def hull(self) -> tuple[Array, Array]:
        """Mean -+ sigmas times the weighted standard deviations, two arrays of shape (n,)."""
        return self.hull_of(np.eye(self.points.shape[1]))

    def hull_of(self, matrix: Array) -> tuple[Array, Array]:
        """The same box for `matrix` x, two arrays of shape (p,); `matrix` is (p, n)."""
        mean = matrix @ self.point
        reach = self.sigmas * np.sqrt(self.weights @ (self.points @ matrix.T - mean) ** 2)
        return mean - reach, mean + reach


@dataclass(frozen=True)
class ParticleFilter:
    """Moves particles by the sampled dynamics and weighs them by the measurement."""

    settings: ParticleSettings = field(default_factory=ParticleSettings)
    name: str = "particle"

    def start(self, low: Array, high: Array) -> ParticleBelief:
        """Particles spread evenly over the box."""
        rng = np.random.default_rng(self.settings.seed)
        count = self.settings.count
        points = rng.uniform(low, high, (count, len(low)))
        return self._belief(points, np.full(count, 1.0 / count), rng)

    def predict(self, state: ParticleBelief, dynamics: Model, context: Array) -> ParticleBelief:
        """Draw every x+ from N(mu(x), sigma(x)^2 + deviation^2)."""
        rng = _generator(state)
        mean, sigma = dynamics.predict(state.points, context)
        deviation = np.sqrt(sigma**2 + dynamics.deviation**2)
        points = mean + deviation * rng.standard_normal(mean.shape)
        return self._belief(points, state.weights, rng)

    def update(
        self, state: ParticleBelief, model: Model, value: Array, context: Array
    ) -> ParticleBelief:
        """Weigh by the likelihood of the measurement; resample if too few particles count."""
        mean, sigma = model.predict(state.points, context)
        variance = sigma**2 + model.deviation**2
        logs = -0.5 * np.sum((value - mean) ** 2 / variance + np.log(variance), axis=1)
        weights = _normalise(np.log(np.maximum(state.weights, 1e-300)) + logs)
        return self._resample(state.points, weights, _generator(state))

    def intersect(self, state: ParticleBelief, low: Array, high: Array) -> ParticleBelief:
        """Move every particle to the nearest point of a box."""
        points = np.clip(state.points, low, high)
        return ParticleBelief(points, state.weights, state.generator, state.sigmas)

    def _resample(self, points: Array, weights: Array, rng: np.random.Generator) -> ParticleBelief:
        count = len(weights)
        if 1.0 / np.sum(weights**2) >= self.settings.resample_below * count:
            return self._belief(points, weights, rng)
        positions = (rng.uniform() + np.arange(count)) / count
        chosen = np.minimum(np.searchsorted(np.cumsum(weights), positions), count - 1)
        return self._belief(self._roughen(points[chosen], rng), np.full(count, 1.0 / count), rng)

    def _roughen(self, points: Array, rng: np.random.Generator) -> Array:
        # Copies of few survivors would never spread again; sec. 4.2 of the paper.
        count, width = points.shape
        size = self.settings.roughening * np.ptp(points, axis=0) * count ** (-1.0 / width)
        return points + size * rng.standard_normal(points.shape)

    def _belief(self, points: Array, weights: Array, rng: np.random.Generator) -> ParticleBelief:
        generator = dict(rng.bit_generator.state)
        return ParticleBelief(points, weights, generator, self.settings.hull_sigmas)


def _generator(state: ParticleBelief) -> np.random.Generator:
    bits = np.random.PCG64(0)
    bits.state = state.generator  # type: ignore[assignment]
    return np.random.Generator(bits)


def _normalise(logs: Array) -> Array:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())
