"""The normal belief that the Kalman filters share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Params, param

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GaussianSettings(Params):
    """Settings of the Kalman filters."""

    model_sigmas: float = param(
        1.0, "Factor on a model's own standard deviation", low=0.0, high=100.0
    )
    hull_sigmas: float = param(3.0, "Standard deviations of the published box", low=0.1, high=20.0)


@dataclass(frozen=True)
class GaussianBelief:
    """x ~ N(mean, covariance), with a box of `sigmas` standard deviations.

    Attributes:
        mean: shape (n,).
        covariance: shape (n, n).
        sigmas: half-width of the hull in standard deviations.
    """

    mean: Array
    covariance: Array
    sigmas: float

    @property
    def point(self) -> Array:
        """The mean, shape (n,)."""
        return self.mean

    def hull(self) -> tuple[Array, Array]:
        """Mean -+ sigmas times the marginal standard deviations, two arrays of shape (n,)."""
        reach = self.sigmas * np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return self.mean - reach, self.mean + reach

    def hull_of(self, matrix: Array) -> tuple[Array, Array]:
        """The same box for `matrix` x, two arrays of shape (p,); `matrix` is (p, n)."""
        variance = np.einsum("ij,jk,ik->i", matrix, self.covariance, matrix)
        reach = self.sigmas * np.sqrt(np.maximum(variance, 0.0))
        middle = matrix @ self.mean
        return middle - reach, middle + reach

    def moved(self, mean: Array, covariance: Array) -> GaussianBelief:
        """The belief with another mean and (made symmetric) covariance."""
        return GaussianBelief(mean, 0.5 * (covariance + covariance.T), self.sigmas)


def start_gaussian(low: Array, high: Array, settings: GaussianSettings) -> GaussianBelief:
    """Normal belief whose hull is the box from `low` to `high`, both of shape (n,)."""
    deviations = 0.5 * (high - low) / settings.hull_sigmas
    return GaussianBelief(0.5 * (low + high), np.diag(deviations**2), settings.hull_sigmas)


def noise_covariance(sigma: Array, deviation: Array, settings: GaussianSettings) -> Array:
    """Model error and additive noise as one diagonal covariance, shape (m, m)."""
    model = settings.model_sigmas * sigma
    return np.diag(model**2 + deviation**2)


def clip_to_box(state: GaussianBelief, low: Array, high: Array) -> GaussianBelief:
    """Move the mean to the nearest point of a box with corners of shape (n,); the covariance stays.

    A normal belief cannot be cut; the box that is published is intersected with the prior.
    """
    return GaussianBelief(np.clip(state.mean, low, high), state.covariance, state.sigmas)
