"""Detection rate: how often draws from two pools are told apart, layer by layer.

The share of draws of n against n rows whose test says p < level. Between the two halves of a
reference it is the baseline. With predicted classes the reference is drawn in the sample's
proportions of classes, so that a change of classes alone is not detected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, IntArray, read_layers, read_samples, require
from elbowroom.monitoring.twosample.layered import layered_test

Test = Callable[[Mapping[str, Array], Mapping[str, Array], int], Mapping[str, float]]
"""p-values by name for rows by layer of reference and sample, and a seed."""


def layer_p_values(
    reference: Mapping[str, Array], sample: Mapping[str, Array], seed: int
) -> dict[str, float]:
    """Each layer's own p-value and, as "all", that of all layers together."""
    found = layered_test(reference, sample, permutations=100, seed=seed)
    return {**found.p_by_layer, "all": found.p}


def detection_rate(
    reference: Mapping[str, ArrayLike],
    sample: Mapping[str, ArrayLike],
    *,
    draws: int = 100,
    size: int = 100,
    level: float = 0.05,
    seed: int = 0,
    classes: tuple[ArrayLike, ArrayLike] | None = None,
    test: Test = layer_p_values,
) -> dict[str, float]:
    """Share of draws with p < level, by layer.

    Args:
        reference: rows by layer, shapes (n, d_l).
        sample: rows by layer, shapes (m, d_l).
        draws: tests.
        size: rows drawn from each side for a test, without replacement.
        level: of p.
        seed: of the draws.
        classes: predicted class of every row of the reference and of the sample, or None.
        test: p-values of one draw.

    Raises:
        MonitoringError: if a side has fewer than `size` rows, or too few of the classes asked for.
    """
    x = {name: read_samples(f"reference of layer {name}", a, size) for name, a in reference.items()}
    read_layers("sample", sample, tuple(x))
    y = {name: read_samples(f"sample of layer {name}", sample[name], size) for name in x}
    n, m = (_count_rows(rows) for rows in (x, y))
    rng = np.random.default_rng(seed)
    hits: dict[str, list[bool]] = {}
    for _ in range(draws):
        live = rng.choice(m, size, replace=False)
        known = rng.choice(n, size, replace=False, p=_chances(classes, live))
        found = test(_take(x, known), _take(y, live), int(rng.integers(2**31)))
        for name, p in found.items():
            hits.setdefault(name, []).append(p < level)
    return {name: float(np.mean(values)) for name, values in hits.items()}


def _count_rows(rows: Mapping[str, Array]) -> int:
    sizes = {len(a) for a in rows.values()}
    require(len(sizes) == 1, f"layers differ in their number of rows: {sorted(sizes)}")
    return sizes.pop()


def _take(rows: Mapping[str, Array], indices: IntArray) -> dict[str, Array]:
    return {name: a[indices] for name, a in rows.items()}


def _chances(classes: tuple[ArrayLike, ArrayLike] | None, live: IntArray) -> Array | None:
    """Chance of each reference row: the share of its class among the live rows, spread evenly."""
    if classes is None:
        return None
    known, seen = np.asarray(classes[0]), np.asarray(classes[1])[live]
    names, counts = np.unique(seen, return_counts=True)
    chances = np.zeros(len(known))
    for name, count in zip(names, counts, strict=True):
        members = known == name
        require(members.any(), f"the reference has no row of class {name}")
        chances[members] = count / members.sum()
    enough = np.count_nonzero(chances) >= len(live)
    require(enough, "the reference has too few rows of the classes in the sample")
    return np.asarray(chances / chances.sum())
