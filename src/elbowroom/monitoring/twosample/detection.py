"""Detection rate: how often draws from two pools are told apart, layer by layer.

The share of draws of n against n rows whose test says p < level. Between the two halves of a
reference it is the baseline. With predicted classes as many rows of each class are drawn from the
reference as from the sample, so that a change of classes alone is not detected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elbowroom.monitoring.checks import Array, IntArray, read_layers, read_samples, require
from elbowroom.monitoring.twosample.layered import layered_test

Test = Callable[[Mapping[str, Array], Mapping[str, Array], int], Mapping[str, float]]
"""p-values by name for rows by layer of reference and sample, and a seed."""

Labels = NDArray[Any]
"""Class of each row: numbers or names."""


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
        MonitoringError: if a side has fewer than `size` rows, a class is not given for every row,
            or the reference has fewer rows of a class than a draw of the sample.
    """
    x = {name: read_samples(f"reference of layer {name}", a, size) for name, a in reference.items()}
    read_layers("sample", sample, tuple(x))
    y = {name: read_samples(f"sample of layer {name}", sample[name], size) for name in x}
    n, m = (count_rows(rows) for rows in (x, y))
    labels = read_classes(classes, (n, m))
    rng = np.random.default_rng(seed)
    hits: dict[str, list[bool]] = {}
    for _ in range(draws):
        known, live = draw_rows(rng, (n, m), size, labels)
        found = test(take_rows(x, known), take_rows(y, live), int(rng.integers(2**31)))
        for name, p in found.items():
            hits.setdefault(name, []).append(p < level)
    return {name: float(np.mean(values)) for name, values in hits.items()}


def count_rows(rows: Mapping[str, Array]) -> int:
    """Rows of every layer.

    Raises:
        MonitoringError: if layers differ in it.
    """
    sizes = {len(a) for a in rows.values()}
    require(len(sizes) == 1, f"layers differ in their number of rows: {sorted(sizes)}")
    return sizes.pop()


def take_rows(rows: Mapping[str, Array], indices: IntArray) -> dict[str, Array]:
    """Rows of every layer at `indices`."""
    return {name: a[indices] for name, a in rows.items()}


def read_classes(
    classes: tuple[ArrayLike, ArrayLike] | None, rows: tuple[int, int]
) -> tuple[Labels, Labels] | None:
    """Class of every row of reference and sample.

    Raises:
        MonitoringError: if there is not one class for each of `rows`.
    """
    if classes is None:
        return None
    known, live = (np.asarray(labels).ravel() for labels in classes)
    sizes = known.size, live.size
    require(sizes == rows, f"classes label {sizes} rows, the pools have {rows}")
    return known, live


def draw_rows(
    rng: np.random.Generator,
    rows: tuple[int, int],
    size: int,
    classes: tuple[Labels, Labels] | None = None,
) -> tuple[IntArray, IntArray]:
    """Draw `size` of the rows of reference and sample without replacement, their indices.

    Args:
        rng: source of the draw.
        rows: of reference and sample.
        size: of the draw from each.
        classes: of the rows; the reference's are then drawn class by class, as many as the
            sample's draw has, uniformly within the class.

    Raises:
        MonitoringError: if the reference has too few rows of a class.
    """
    n, m = rows
    live = rng.choice(m, size, replace=False)
    if classes is None:
        return rng.choice(n, size, replace=False), live
    drawn = []
    for name, count in zip(*np.unique(classes[1][live], return_counts=True), strict=True):
        members = np.flatnonzero(classes[0] == name)
        require(members.size, f"the reference has no row of class {name}")
        require(
            members.size >= count,
            f"the reference has {members.size} rows of class {name}, a draw of {size} has {count}",
        )
        drawn.append(rng.choice(members, count, replace=False))
    return np.concatenate(drawn), live
