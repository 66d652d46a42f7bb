"""The extended Kalman filter over learned models (GP-EKF).

Ko and Fox, Autonomous Robots 27 (2009) 75, sec. 3.2: a Gaussian process supplies mean, Jacobian
and variance of both the dynamics and the measurement.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from elbowroom.estimation.filters.gaussian import (
    GaussianBelief,
    GaussianSettings,
    clip_to_box,
    noise_covariance,
    start_gaussian,
)
from elbowroom.estimation.filters.system import Model

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ExtendedKalmanFilter:
    """Propagates a normal belief through the linearised models."""

    settings: GaussianSettings = field(default_factory=GaussianSettings)
    name: str = "gp_ekf"

    def start(self, low: Array, high: Array) -> GaussianBelief:
        """Normal belief whose hull is the box."""
        return start_gaussian(low, high, self.settings)

    def predict(self, state: GaussianBelief, dynamics: Model, context: Array) -> GaussianBelief:
        """x+ ~ N(mu(m), A P A' + Q)."""
        mean, jacobian, sigma = dynamics.linearise(state.mean, context)
        noise = noise_covariance(sigma, dynamics.deviation, self.settings)
        return state.moved(mean, jacobian @ state.covariance @ jacobian.T + noise)

    def update(
        self, state: GaussianBelief, model: Model, value: Array, context: Array
    ) -> GaussianBelief:
        """Kalman gain K = P H'(H P H' + R)^-1, covariance in Joseph's form."""
        mean, jacobian, sigma = model.linearise(state.mean, context)
        noise = noise_covariance(sigma, model.deviation, self.settings)
        innovation = jacobian @ state.covariance @ jacobian.T + noise
        gain = np.linalg.solve(innovation, jacobian @ state.covariance).T
        kept = np.eye(len(state.mean)) - gain @ jacobian
        covariance = kept @ state.covariance @ kept.T + gain @ noise @ gain.T
        return state.moved(state.mean + gain @ (value - mean), covariance)

    def intersect(self, state: GaussianBelief, low: Array, high: Array) -> GaussianBelief:
        """Keep the mean inside a box."""
        return clip_to_box(state, low, high)
