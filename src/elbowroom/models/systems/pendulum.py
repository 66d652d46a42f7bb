"""A torque-driven pendulum with a partial, noisy measurement, and models learned of it.

    theta'' = -(g / l) sin theta - d theta' + u / (m l^2) + w,   y = l sin theta + v

The state is (theta [rad], theta' [rad/s]); only the sideways position of the bob is measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.gaussian.fitting import GaussianProcessFit, fit_gaussian_process
from elbowroom.models.gaussian.regression import GaussianProcess

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pendulum:
    """The true system.

    Attributes:
        length: l [m].
        mass: m [kg].
        damping: d [1/s].
        gravity: g [m/s^2].
        period: time between samples [s].
        noise: half-widths of the disturbance of angle [rad] and rate [rad/s] in a step.
        sensor_noise: half-width of the measurement's noise [m].
    """

    length: float = 0.5
    mass: float = 0.4
    damping: float = 0.6
    gravity: float = 9.81
    period: float = 0.05
    noise: tuple[float, float] = (0.001, 0.01)
    sensor_noise: float = 0.01

    def rate(self, state: Array, torque: Array) -> Array:
        """Time derivative of states [rad, rad/s], shape (..., 2), under torques (...) [N m]."""
        angle, speed = state[..., 0], state[..., 1]
        inertia = self.mass * self.length**2
        pull = -self.gravity / self.length * np.sin(angle)
        return np.stack([speed, pull - self.damping * speed + torque / inertia], axis=-1)

    def advance(self, state: Array, torque: Array) -> Array:
        """State one period later without disturbance, shape (..., 2), by the Runge-Kutta rule."""
        h = self.period
        k1 = self.rate(state, torque)
        k2 = self.rate(state + h / 2 * k1, torque)
        k3 = self.rate(state + h / 2 * k2, torque)
        k4 = self.rate(state + h * k3, torque)
        return state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    def observe(self, state: Array) -> Array:
        """Sideways position of the bob [m] without noise, (..., 2) -> (..., 1)."""
        return self.length * np.sin(state[..., :1])


@dataclass(frozen=True)
class Swings:
    """Trajectories of the pendulum.

    Attributes:
        states: true states, shape (N, T + 1, 2).
        torques: held over each period [N m], shape (N, T, 1).
        measurements: at every state, shape (N, T + 1, 1).
    """

    states: Array
    torques: Array
    measurements: Array


def swing(
    pendulum: Pendulum, count: int, steps: int, rng: np.random.Generator, torque: float = 0.3
) -> Swings:
    """Simulate trajectories from random starts under random torques and bounded noise.

    Args:
        pendulum: the true system.
        count: N.
        steps: T.
        rng: draws starts, torques and noise.
        torque: half-width of the torque [N m].
    """
    states = np.empty((count, steps + 1, 2))
    states[:, 0] = rng.uniform([-0.8, -1.5], [0.8, 1.5], (count, 2))
    torques = rng.uniform(-torque, torque, (count, steps, 1))
    for t in range(steps):
        disturbance = rng.uniform(-1.0, 1.0, (count, 2)) * pendulum.noise
        states[:, t + 1] = pendulum.advance(states[:, t], torques[:, t, 0]) + disturbance
    noise = pendulum.sensor_noise * rng.uniform(-1.0, 1.0, (count, steps + 1, 1))
    return Swings(states, torques, pendulum.observe(states) + noise)


def learn_pendulum(
    swings: Swings, rng: np.random.Generator, settings: GaussianProcessFit | None = None
) -> tuple[GaussianProcess, GaussianProcess]:
    """Learn the change of state over a period and the measurement from trajectories.

    Returns:
        mu_f: (theta, theta', u) -> x+ - x, and mu_g: theta -> y.
    """
    before, after = swings.states[:, :-1].reshape(-1, 2), swings.states[:, 1:].reshape(-1, 2)
    inputs = np.hstack([before, swings.torques.reshape(-1, 1)])
    dynamics = fit_gaussian_process(inputs, after - before, rng, settings)
    angles = swings.states[..., :1].reshape(-1, 1)
    measurement = fit_gaussian_process(angles, swings.measurements.reshape(-1, 1), rng, settings)
    return dynamics, measurement
