"""The unscented Kalman filter over learned models (GP-UKF).

Julier and Uhlmann, Proc. IEEE 92 (2004) 401, with the scaled points of Wan and van der Merwe
(AS-SPCC 2000); a Gaussian process gives mean and variance as in Ko and Fox (2009), sec. 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import param
from elbowroom.estimation.filters.gaussian import (
    GaussianBelief,
    GaussianSettings,
    clip_to_box,
    noise_covariance,
    start_gaussian,
)
from elbowroom.estimation.filters.system import Model

Array = NDArray[np.float64]

_LEAST_VARIANCE = 1e-14
"""Added to the diagonal where rounding has made a covariance indefinite."""


@dataclass(frozen=True)
class UnscentedSettings(GaussianSettings):
    """Settings of the unscented filter."""

    alpha: float = param(1.0, "Spread of the sigma points", low=1e-3, high=2.0)
    beta: float = param(2.0, "Weight of the centre point in the covariance", low=0.0, high=10.0)
    kappa: float = param(0.0, "Second scaling of the sigma points", low=0.0, high=10.0)


@dataclass(frozen=True)
class UnscentedKalmanFilter:
    """Propagates 2 n + 1 sigma points through the models' means."""

    settings: UnscentedSettings = field(default_factory=UnscentedSettings)
    name: str = "ukf"

    def start(self, low: Array, high: Array) -> GaussianBelief:
        """Normal belief whose hull is the box."""
        return start_gaussian(low, high, self.settings)

    def predict(self, state: GaussianBelief, dynamics: Model, context: Array) -> GaussianBelief:
        """x+ ~ mean and covariance of f over the sigma points, plus Q at the centre."""
        points = self._points(state)
        values, sigmas = dynamics.predict(points, context)
        mean, centred = self._centre(values)
        noise = noise_covariance(sigmas[0], dynamics.deviation, self.settings)
        return state.moved(mean, self._covariance(centred, centred) + noise)

    def update(
        self, state: GaussianBelief, model: Model, value: Array, context: Array
    ) -> GaussianBelief:
        """K = P_xy P_yy^-1 from the sigma points."""
        points = self._points(state)
        values, sigmas = model.predict(points, context)
        mean, centred = self._centre(values)
        noise = noise_covariance(sigmas[0], model.deviation, self.settings)
        innovation = self._covariance(centred, centred) + noise
        cross = self._covariance(points - state.mean, centred)
        gain = np.linalg.solve(innovation, cross.T).T
        covariance = state.covariance - gain @ innovation @ gain.T
        return state.moved(state.mean + gain @ (value - mean), covariance)

    def intersect(self, state: GaussianBelief, low: Array, high: Array) -> GaussianBelief:
        """Keep the mean inside a box."""
        return clip_to_box(state, low, high)

    def _points(self, state: GaussianBelief) -> Array:
        spread = self._scale(len(state.mean)) * square_root(state.covariance).T
        return np.vstack([state.mean, state.mean + spread, state.mean - spread])

    def _scale(self, width: int) -> float:
        s = self.settings
        return float(s.alpha * np.sqrt(width + s.kappa))

    def _centre(self, values: Array) -> tuple[Array, Array]:
        outer = 0.5 / self._scale((len(values) - 1) // 2) ** 2
        mean = values[0] + outer * np.sum(values[1:] - values[0], axis=0)
        return mean, values - mean

    def _covariance(self, a: Array, b: Array) -> Array:
        s, width = self.settings, (len(a) - 1) // 2
        outer = 0.5 / self._scale(width) ** 2
        first = 1.0 - 2 * width * outer + 1.0 - s.alpha**2 + s.beta
        return first * np.outer(a[0], b[0]) + outer * a[1:].T @ b[1:]


def square_root(covariance: Array) -> Array:
    """L with L L' = covariance, shapes (n, n); eigenvalues below zero by rounding become zero."""
    try:
        return np.asarray(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(covariance)
        return np.asarray(vectors * np.sqrt(np.maximum(values, _LEAST_VARIANCE)))
