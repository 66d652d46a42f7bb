"""Random assignments of pooled rows to the two sides, the given one first.

Rows of a stream are not exchangeable; whole trials are. With groups, sides are dealt to whole
trials, never to their samples.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import IntArray, Single, UnitError, require

Groups = tuple[ArrayLike, ArrayLike]
"""Labels of the trial of each row: of the reference and of the sample."""


@lru_cache(maxsize=8)
def draw_assignments(n: int, m: int, permutations: int, seed: int) -> Single:
    """Zeros and ones, shape (1 + permutations, n + m), n ones a row: who is on the first side.

    Row 0 is the order given, the others are uniform. The array is shared between calls: read-only.
    """
    require(permutations >= 1, f"at least one permutation is needed, got {permutations}")
    order = np.random.default_rng(seed).random((permutations, n + m)).argsort(axis=1)
    drawn = np.zeros((1 + permutations, n + m), dtype=np.float32)
    drawn[0, :n] = 1.0
    drawn[1:] = order < n
    drawn.setflags(write=False)
    return drawn


def draw_group_assignments(groups: Groups, permutations: int, seed: int, level: float) -> Single:
    """Likewise with whole trials dealt to the sides.

    Args:
        groups: trial of every row of the reference and of the sample; equal labels on different
            sides are different trials.
        permutations: how many.
        seed: of the draws.
        level: p-value that must be attainable.

    Raises:
        UnitError: if there are so few trials that no p-value could ever reach `level`, or a deal
            could leave a side a single row, where MMD^2 is not defined.
    """
    first, n = _number(groups[0])
    second, m = _number(groups[1])
    if comb(n + m, n) * level < 1.0:
        raise UnitError(
            f"{n} against {m} trials can be dealt in {comb(n + m, n)} ways only: "
            f"p <= {level} is out of reach"
        )
    trials = np.concatenate([first, n + second])
    if min(n, m) == 1 and np.bincount(trials).min() == 1:
        raise UnitError(
            f"{n} against {m} trials, some of a single row: a deal can leave one row on a side, "
            "two are needed"
        )
    return draw_assignments(n, m, permutations, seed)[:, trials]


def _number(labels: ArrayLike) -> tuple[IntArray, int]:
    names, inverse = np.unique(np.asarray(labels).ravel(), return_inverse=True)
    return inverse, len(names)
