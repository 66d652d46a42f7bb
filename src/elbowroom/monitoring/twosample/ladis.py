"""LADIS, the published detector of adversarial inputs by layer, as a method to compare with.

As published with "Detect adversarial inputs using Amazon SageMaker Model Monitor and Debugger"
(2022): biased MMD with five bandwidths about the median distance across the samples, p by a wild
bootstrap, the share of 100 draws that are told apart, class by class, Fisher's product over layers,
one mean-embedding score a sample; `run_ladis` is the whole of it. Its defects are kept:
the bootstrap's null is far too wide (with 64 features it hardly ever rejects), p can be 0, layers
count as independent, the score ranks attacked inputs worse than chance. `permutation_test`,
`layered_test` and `nearest_reference_distance` are what this package uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import lfilter
from scipy.stats import chi2

from elbowroom.monitoring.checks import Array, read_samples, require
from elbowroom.monitoring.twosample.detection import (
    count_rows,
    detection_rate,
    draw_rows,
    read_classes,
    take_rows,
)
from elbowroom.monitoring.twosample.kernels import evaluate_kernel, squared_distances

EXPONENTS = (-2, -1, 0, 1, 2)
BLOCK = 0.2
"""Time constant of the bootstrap's process [samples]."""

_RIDGE = 1e-8


@dataclass(frozen=True)
class LadisResult:
    """What LADIS's test found.

    Attributes:
        p: share of bootstrap values not below the statistic; can be 0.
        statistic: biased MMD^2.
        bootstrap: values under the wild bootstrap, ascending, shape (draws,).
    """

    p: float
    statistic: float
    bootstrap: Array


@dataclass(frozen=True)
class LadisReport:
    """What LADIS says about a sample, layer by layer.

    Attributes:
        rates: share of draws that the test tells apart.
        scores: mean-embedding score of every row of the sample, shape (m,).
    """

    rates: dict[str, float]
    scores: dict[str, Array]


def run_ladis(
    reference: Mapping[str, ArrayLike],
    sample: Mapping[str, ArrayLike],
    *,
    draws: int = 100,
    size: int = 100,
    level: float = 0.05,
    seed: int = 0,
    classes: tuple[ArrayLike, ArrayLike] | None = None,
) -> LadisReport:
    """Detection rate and mean-embedding score of every layer.

    Args:
        reference: rows by layer, shapes (n, d_l).
        sample: rows by layer, shapes (m, d_l).
        draws: tests.
        size: rows drawn from each side, without replacement, for each test and for the score.
        level: of p.
        seed: of the draws.
        classes: predicted class of every row of the reference and of the sample; as many of each
            are then drawn from the reference as from the sample.

    Raises:
        MonitoringError: as `detection_rate`.
    """
    rates = detection_rate(
        reference,
        sample,
        draws=draws,
        size=size,
        level=level,
        seed=seed,
        classes=classes,
        test=ladis_p_values,
    )
    x, y = ({k: read_samples(k, a) for k, a in rows.items()} for rows in (reference, sample))
    rows = count_rows(x), count_rows(y)
    drawn = draw_rows(np.random.default_rng(seed), rows, size, read_classes(classes, rows))
    known, live = take_rows(x, drawn[0]), take_rows(y, drawn[1])
    return LadisReport(rates, {k: mean_embedding_score(known[k], live[k], y[k]) for k in rates})


def ladis_p_values(
    reference: Mapping[str, Array], sample: Mapping[str, Array], seed: int
) -> dict[str, float]:
    """Each layer's p-value by LADIS, a test for `detection_rate`."""
    return {name: ladis_test(x, sample[name], seed=seed).p for name, x in reference.items()}


def ladis_kernel(distances: Array, across: Array) -> Array:
    """Sum over f = -2..2 of exp(-d^2 / (m 4^f)), m the lower median of the distances across."""
    middle = np.sort(across, axis=None)[(across.size - 1) // 2]
    require(middle > 0, "half of the distances across are zero: no median to measure by")
    return evaluate_kernel(distances, np.sqrt(0.5 * middle) * 2.0 ** np.array(EXPONENTS))


def ladis_test(
    reference: ArrayLike, sample: ArrayLike, *, draws: int = 100, seed: int = 0
) -> LadisResult:
    """Biased MMD^2 against a wild bootstrap.

    With h_ij = k(x_i, x_j) + k(y_i, y_j) - 2 k(x_i, y_j) the statistic is mean h; a draw is
    mean (w_i - mean w)(w_j - mean w) h_ij, w an AR(1) process of unit variance and coefficient
    exp(-1 / BLOCK).

    Args:
        reference: shape (n, d).
        sample: shape (n, d), of the same size.
        draws: bootstrap values.
        seed: of the bootstrap.

    Raises:
        MonitoringError: if the samples differ in size or are refused.
    """
    x, y = _read_pair(reference, sample)
    across = squared_distances(x, y)
    within = ladis_kernel(squared_distances(x, x), across)
    within += ladis_kernel(squared_distances(y, y), across)
    h = within - 2.0 * ladis_kernel(across, across)
    noise = np.random.default_rng(seed).standard_normal((draws, len(x)))
    spread = np.sqrt(1.0 - np.exp(-2.0 / BLOCK))
    weights = lfilter([spread], [1.0, -np.exp(-1.0 / BLOCK)], noise, axis=1)
    weights -= weights.mean(axis=1, keepdims=True)
    values = np.sort(np.einsum("bi,ij,bj->b", weights, h, weights, optimize=True) / h.size)
    statistic = float(h.mean())
    return LadisResult(float(np.mean(values >= statistic)), statistic, values)


def fisher(p_values: Sequence[float]) -> float:
    """Fisher's product of p-values, right only if they are independent; 0 counts as 1e-10."""
    p = np.asarray(p_values, dtype=float) + 1e-10
    return float(chi2.sf(-2.0 * np.log(p).sum(), 2 * p.size))


def mean_embedding_score(reference: ArrayLike, sample: ArrayLike, points: ArrayLike) -> Array:
    """LADIS's score of single inputs: n mean(d)^2 / (sum (d - mean d)^2 + 1e-8) for every point t.

    Here d_i = k(x_i, t) - k(y_i, t), each kernel with the median of its own distances to t.

    Args:
        reference: shape (n, d).
        sample: shape (n, d), of the same size.
        points: inputs to score, shape (k, d).

    Returns:
        Shape (k,).
    """
    x, y = _read_pair(reference, sample)
    t = read_samples("points", points, 1, x.shape[1])
    to_x, to_y = squared_distances(x, t), squared_distances(y, t)
    scores = []
    for a, b in zip(to_x.T, to_y.T, strict=True):
        d = ladis_kernel(a, a) - ladis_kernel(b, b)
        scores.append(len(x) * d.mean() ** 2 / (((d - d.mean()) ** 2).sum() + _RIDGE))
    return np.array(scores)


def _read_pair(reference: ArrayLike, sample: ArrayLike) -> tuple[Array, Array]:
    x = read_samples("reference", reference)
    y = read_samples("sample", sample, 2, x.shape[1])
    require(len(x) == len(y), f"LADIS needs samples of one size, got {len(x)} and {len(y)}")
    return x, y
