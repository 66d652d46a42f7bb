"""Fitting a Gaussian process: length scales by marginal likelihood, then the posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize

from elbowroom.core import Params, param
from elbowroom.models.gaussian.regression import GaussianProcess, kernel

Array = NDArray[np.float64]

_JITTER = 1e-7
_LOG_BOUNDS = (-5.0, 7.0)
"""Bounds of the logarithms of amplitude and (above) lengths, in units of the data's spread."""


@dataclass(frozen=True)
class GaussianProcessFit(Params):
    """How a Gaussian process is fitted."""

    inducing: int = param(256, "Number of inducing inputs; all the data if there are fewer", low=2)
    likelihood_points: int = param(
        600, "Rows drawn at random on which the length scales are fitted", low=2
    )
    iterations: int = param(60, "Largest number of L-BFGS iterations", low=0, high=1000)
    shortest: float = param(
        0.1, "Least length scale, as a share of an input's spread", low=1e-3, high=10.0
    )
    noise_floor: float = param(
        1e-4, "Least noise, as a share of the outputs' spread", low=1e-6, high=1.0
    )


def fit_gaussian_process(
    inputs: ArrayLike,
    outputs: ArrayLike,
    rng: np.random.Generator,
    settings: GaussianProcessFit | None = None,
    groups: ArrayLike | None = None,
) -> GaussianProcess:
    """Fit y = f(x) + b + e with one kernel for all outputs.

    b is an offset that the rows of a group share (what is peculiar to a person) and is noise to a
    new group. Without it the length scales shrink until f tells the groups apart.

    Args:
        inputs: x, shape (N, n).
        outputs: y, shape (N, m).
        rng: draws the rows of the likelihood and the first inducing inputs.
        settings: defaults to `GaussianProcessFit()`.
        groups: label of every row, shape (N,); None if rows are independent.

    Raises:
        ValueError: if the arrays are not finite, do not match, or hold fewer than three rows.
    """
    settings = settings or GaussianProcessFit()
    x, y = _check_data(inputs, outputs)
    offset, scale = y.mean(axis=0), _spread(y)
    spread = _spread(x)
    targets = (y - offset) / scale
    rows = rng.permutation(len(x))[: settings.likelihood_points]
    same = _same_group(groups, rows)
    lengths, amplitude, noise = _fit_kernel(x[rows] / spread, targets[rows], same, settings)
    lengths = lengths * spread
    scaled = x / lengths
    centres = _choose_inducing(scaled, settings.inducing, rng)
    weights, factor = _condition(scaled, targets, centres, amplitude, noise)
    residual = targets - kernel(scaled, centres, amplitude) @ weights
    return GaussianProcess(
        inputs=centres,
        lengths=lengths,
        amplitude=amplitude,
        weights=weights,
        factor=factor,
        offset=offset,
        scale=scale,
        noise=scale * np.sqrt(np.mean(residual**2, axis=0)),
        curvature=scale * _largest_curvature(centres, weights, amplitude),
    )


def _check_data(inputs: ArrayLike, outputs: ArrayLike) -> tuple[Array, Array]:
    x, y = np.asarray(inputs, dtype=float), np.asarray(outputs, dtype=float)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or len(x) < 3:
        raise ValueError(f"need (N, n) inputs and (N, m) outputs, N >= 3, got {x.shape}, {y.shape}")
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(y))):
        raise ValueError("inputs and outputs must be finite")
    return x, y


def _spread(values: Array) -> Array:
    spread = values.std(axis=0)
    return np.where(spread > 0, spread, 1.0)


def _same_group(groups: ArrayLike | None, rows: NDArray[np.int64]) -> Array | None:
    if groups is None:
        return None
    labels = np.unique(np.asarray(groups), return_inverse=True)[1][rows]
    return (labels[:, None] == labels).astype(float)


def _fit_kernel(
    x: Array, y: Array, same: Array | None, settings: GaussianProcessFit
) -> tuple[Array, float, float]:
    """Length scales, amplitude and the deviation of b + e, in units of the data's spread."""
    width = x.shape[1]
    start = np.full(width + 3, 0.5 * np.log(width) + 0.5)
    start[width:] = 0.0, np.log(0.5), np.log(0.5)
    floor = (float(np.log(settings.noise_floor)), 1.0)
    length = (float(np.log(settings.shortest)), _LOG_BOUNDS[1])
    used = width + 3 if same is not None else width + 2
    found = minimize(
        _negative_log_likelihood,
        start[:used],
        args=(x, y, same),
        jac=True,
        method="L-BFGS-B",
        bounds=([length] * width + [_LOG_BOUNDS] + [floor] * 2)[:used],
        options={"maxiter": settings.iterations},
    )
    amplitude, *noises = np.exp(found.x[width:])
    return np.exp(found.x[:width]), float(amplitude), float(np.linalg.norm(noises))


def _negative_log_likelihood(
    theta: Array, x: Array, y: Array, same: Array | None = None
) -> tuple[float, Array]:
    """-log p(y | x, theta) summed over outputs, and its gradient.

    theta = log(l, s, std e) or log(l, s, std e, std b).
    """
    width, (count, outputs) = x.shape[1], y.shape
    scaled = x / np.exp(theta[:width])
    gram = kernel(scaled, scaled, float(np.exp(theta[width])))
    variances = np.exp(2.0 * theta[width + 1 :])
    total = gram + (variances[0] + _JITTER) * np.eye(count)
    if same is not None:
        total += variances[1] * same
    factor = cho_factor(total, lower=True)
    alpha = cho_solve(factor, y)
    inverse = cho_solve(factor, np.eye(count))
    value = 0.5 * float(np.sum(y * alpha)) + outputs * float(np.sum(np.log(np.diag(factor[0]))))
    slope = alpha @ alpha.T - outputs * inverse
    weighted = slope * gram
    rows = weighted.sum(axis=1)
    by_length = rows @ scaled**2 - np.einsum("id,ij,jd->d", scaled, weighted, scaled, optimize=True)
    by_noise = [variances[0] * np.trace(slope)]
    if same is not None:
        by_noise.append(variances[1] * np.sum(slope * same))
    return value, -np.concatenate([by_length, [weighted.sum()], by_noise])


def _choose_inducing(scaled: Array, count: int, rng: np.random.Generator) -> Array:
    """Centres by Lloyd's iteration on a random part of the data; all of it if it is small."""
    if len(scaled) <= count:
        return scaled.copy()
    rows = scaled[rng.permutation(len(scaled))[: 20 * count]]
    centres = rows[:count].copy()
    for _ in range(8):
        nearest = np.argmax(kernel(rows, centres, 1.0), axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, rows)
        counts = np.bincount(nearest, minlength=count)[:, None]
        centres = np.where(counts > 0, sums / np.maximum(counts, 1), centres)
    return centres


def _condition(
    scaled: Array, targets: Array, centres: Array, amplitude: float, noise: float
) -> tuple[Array, Array]:
    """Weights w and factor R of the posterior; exact when the centres are the inputs.

    With L L' = K_ZZ and A = L^-1 K_ZX / noise, C = L^-T (I - (I + A A')^-1) L^-1.
    """
    gram = kernel(centres, centres, amplitude)
    gram[np.diag_indices_from(gram)] += _JITTER * amplitude**2
    root = np.linalg.cholesky(gram)
    cross = solve_triangular(root, kernel(centres, scaled, amplitude) / noise, lower=True)
    eye = np.eye(len(centres))
    factor = cho_factor(eye + cross @ cross.T, lower=True)
    inverse_root = solve_triangular(root, eye, lower=True)
    weights = inverse_root.T @ cho_solve(factor, cross @ targets / noise)
    values, vectors = np.linalg.eigh(cross @ cross.T)
    shrunk = np.maximum(values, 0.0) / (1.0 + np.maximum(values, 0.0))
    half = np.sqrt(shrunk)[:, None] * (vectors.T @ inverse_root)
    return weights, np.asarray(np.linalg.qr(half, mode="r"))


def _largest_curvature(centres: Array, weights: Array, amplitude: float) -> Array:
    """Largest spectral norm of each mean's Hessian at the centres, per unit of |.|_l squared."""
    gram = kernel(centres, centres, amplitude)
    worst = np.zeros(weights.shape[1])
    for centre, row in zip(centres, gram, strict=True):
        towards = centres - centre
        for j, column in enumerate((row[:, None] * weights).T):
            hessian = (towards * column[:, None]).T @ towards - column.sum() * np.eye(len(centre))
            worst[j] = max(worst[j], np.abs(np.linalg.eigvalsh(hessian)).max())
    return worst
