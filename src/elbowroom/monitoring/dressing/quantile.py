"""How many people an alarm takes: the rank of its threshold among their scores.

The threshold is the k-th smallest of n scores, k = ceil((n + 1)(1 - alpha)), which exists for
k <= n only (split conformal prediction).
"""

from __future__ import annotations

import math

LEAST_FITTED = 12
"""People that the alarm is fitted to, at least."""


def find_rank(count: int, alpha: float) -> int:
    """The rank k for n = `count` scores; beyond n if these are too few for alpha."""
    return math.ceil((count + 1) * (1 - alpha))


def count_calibrated(alpha: float) -> int:
    """Fewest people that calibrate an alarm."""
    count = 1
    while find_rank(count, alpha) > count:
        count += 1
    return count


def count_needed(share: float, alpha: float) -> int:
    """Fewest people that an alarm can be fitted to and calibrated on.

    Args:
        share: of the people that are fitted to, in (0, 1); the rest calibrates.
        alpha: share of new people for whom it may alarm.
    """
    least = count_calibrated(alpha)
    count = LEAST_FITTED + least
    while round(share * count) < LEAST_FITTED or count - round(share * count) < least:
        count += 1
    return count
