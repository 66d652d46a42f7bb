"""One test over several layers of a network.

The same permutations are dealt to every layer, so that the dependence between layers is kept: the
greatest statistic over layers and bandwidths has its exact distribution, where a product of
p-values would take the layers for independent. A layer's adjusted p-value counts how often the
greatest over all layers reaches this layer's statistic (Westfall, Young 1993, single step).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, Single, read_layers, read_samples, require
from elbowroom.monitoring.twosample.kernels import (
    FAMILY,
    evaluate_family,
    median_of_distances,
    scales,
    squared_distances,
)
from elbowroom.monitoring.twosample.permutation import assign, count_p, permuted_mmd2, standardise
from elbowroom.monitoring.twosample.shuffles import Groups


@dataclass(frozen=True)
class LayeredResult:
    """What a test over layers found.

    Attributes:
        p: of all layers together.
        statistic: greatest standardised MMD^2 over layers and bandwidths.
        p_by_layer: each layer on its own, not adjusted for their number.
        adjusted_by_layer: the chance of any false alarm among the layers is kept.
        statistic_by_layer: greatest standardised MMD^2 over bandwidths.
        permutations: number B drawn.
    """

    p: float
    statistic: float
    p_by_layer: dict[str, float]
    adjusted_by_layer: dict[str, float]
    statistic_by_layer: dict[str, float]
    permutations: int


def layered_test(
    reference: Mapping[str, ArrayLike],
    sample: Mapping[str, ArrayLike],
    *,
    permutations: int = 200,
    seed: int = 0,
    groups: Groups | None = None,
    level: float = 0.05,
) -> LayeredResult:
    """Test whether the layers' joint distribution is that of the reference.

    Args:
        reference: rows by layer, shapes (n, d_l); row i of every layer is of the same input.
        sample: likewise, shapes (m, d_l).
        permutations: number B of random assignments, shared by all layers.
        seed: of the assignments.
        groups: trial of every row of both, as in `permutation_test`.
        level: p-value that must be attainable.

    Raises:
        MonitoringError: if layers differ in name or number of rows, or a layer is refused by
            `permutation_test`.
        UnitError: if there are too few trials for `level`, or a deal could leave a side one row.
    """
    pooled, n, m = _pool(reference, sample)
    assignments = assign(n, m, permutations, seed, groups, level)
    highest = {name: _statistics(rows, assignments) for name, rows in pooled.items()}
    greatest = np.max(list(highest.values()), axis=0)
    return LayeredResult(
        p=count_p(greatest),
        statistic=float(greatest[0]),
        p_by_layer={name: count_p(t) for name, t in highest.items()},
        adjusted_by_layer={
            name: count_p(np.concatenate([t[:1], greatest[1:]])) for name, t in highest.items()
        },
        statistic_by_layer={name: float(t[0]) for name, t in highest.items()},
        permutations=permutations,
    )


def _pool(
    reference: Mapping[str, ArrayLike], sample: Mapping[str, ArrayLike]
) -> tuple[dict[str, Array], int, int]:
    layers = tuple(reference)
    require(layers, "the reference is empty: no layer")
    read_layers("sample", sample, layers)
    pooled, sizes = {}, set()
    for name in layers:
        x = read_samples(f"reference of layer {name}", reference[name])
        y = read_samples(f"sample of layer {name}", sample[name], 2, x.shape[1])
        pooled[name] = np.vstack([x, y])
        sizes.add((len(x), len(y)))
    require(len(sizes) == 1, f"layers differ in their number of rows: {sorted(sizes)}")
    return pooled, *sizes.pop()


def _statistics(rows: Array, assignments: Single) -> Array:
    distances = squared_distances(rows, rows)
    sigmas = median_of_distances(distances) * scales(FAMILY)
    values = np.stack([permuted_mmd2(k, assignments) for k in evaluate_family(distances, sigmas)])
    return np.asarray(standardise(values).max(axis=0))
