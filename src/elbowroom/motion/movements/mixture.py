"""Mixtures of Gaussians with full covariances: fit, condition, draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """p(x) = sum_k w_k N(x; m_k, S_k).

    Attributes:
        weights: w, positive and summing to one, shape (K,).
        means: m, shape (K, D).
        covariances: S, symmetric positive definite, shape (K, D, D).
    """

    weights: Array
    means: Array
    covariances: Array

    def log_densities(self, rows: Array) -> Array:
        """log(w_k N(x; m_k, S_k)) of every row and component, (N, D) -> (N, K)."""
        factors = np.linalg.cholesky(self.covariances)
        away = rows[:, None] - self.means
        white = np.linalg.solve(factors, np.moveaxis(away, 0, -1))
        logdet = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        constant = np.log(self.weights) - logdet - 0.5 * rows.shape[1] * np.log(2 * np.pi)
        return np.asarray(constant - 0.5 * np.sum(white**2, axis=1).T)

    def condition(self, values: Array) -> Mixture:
        """Mixture of the remaining coordinates given the first len(values) of them."""
        n = len(values)
        given = Mixture(self.weights, self.means[:, :n], self.covariances[:, :n, :n])
        logs = given.log_densities(values[None])[0]
        weights = np.exp(logs - logs.max()) + 1e-12
        cross = self.covariances[:, n:, :n]
        gain = np.swapaxes(np.linalg.solve(given.covariances, np.swapaxes(cross, 1, 2)), 1, 2)
        shift = np.einsum("kij,kj->ki", gain, values - self.means[:, :n])
        spread = self.covariances[:, n:, n:] - gain @ np.swapaxes(cross, 1, 2)
        return Mixture(weights / weights.sum(), self.means[:, n:] + shift, spread)

    def draw(self, rng: np.random.Generator, inflation: float = 1.0) -> Array:
        """One random vector, standard deviations multiplied by `inflation`, shape (D,)."""
        k = int(rng.choice(len(self.weights), p=self.weights))
        factor = np.linalg.cholesky(self.covariances[k])
        noise = rng.standard_normal(self.means.shape[1])
        return np.asarray(self.means[k] + inflation * factor @ noise)


def fit_mixture(
    rows: Array, components: int, rng: np.random.Generator, floor: float = 1e-3, rounds: int = 60
) -> Mixture:
    """Fit by expectation maximisation.

    Args:
        rows: standardised data, shape (N, D).
        components: K, fewer if there are fewer than 3 D rows a component.
        rng: for the choice of the first centres (k-means++).
        floor: added to the diagonal of every covariance.
        rounds: number of EM iterations.

    Raises:
        ValueError: if there are too few rows for one component, or a value is not finite.
    """
    count, size = rows.shape
    if count <= size or not np.all(np.isfinite(rows)):
        raise ValueError(f"{size} dimensions need more than {count} finite rows")
    components = max(1, min(components, count // (3 * size)))
    shares = _nearest(rows, _first_centres(rows, components, rng))
    for _ in range(rounds):
        mixture = _maximise(rows, shares, floor)
        logs = mixture.log_densities(rows)
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
    return _maximise(rows, shares, floor)


def _first_centres(rows: Array, components: int, rng: np.random.Generator) -> Array:
    centres = [rows[rng.integers(len(rows))]]
    while len(centres) < components:
        away = np.min([np.sum((rows - c) ** 2, axis=1) for c in centres], axis=0)
        centres.append(rows[rng.choice(len(rows), p=away / away.sum())])
    return np.array(centres)


def _nearest(rows: Array, centres: Array) -> Array:
    away = np.sum((rows[:, None] - centres) ** 2, axis=2)
    return np.asarray(np.eye(len(centres))[np.argmin(away, axis=1)])


def _maximise(rows: Array, shares: Array, floor: float) -> Mixture:
    total = shares.sum(axis=0) + 1e-9
    means = shares.T @ rows / total[:, None]
    away = rows[:, None] - means
    covariances = np.einsum("nk,nki,nkj->kij", shares, away, away) / total[:, None, None]
    # A little of the pooled covariance keeps a small component from collapsing.
    pooled = np.einsum("k,kij->ij", total / total.sum(), covariances)
    prior = 0.05
    covariances = (1 - prior) * covariances + prior * pooled + floor * np.eye(rows.shape[1])
    return Mixture(total / total.sum(), means, covariances)
