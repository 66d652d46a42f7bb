"""What threshold keeps a promised average run length when the reference is finite.

Let M be the detector's value: M_0 = 0, E[M_t | past] <= 1 + M_{t-1} as long as every reference unit
is used once. After L units the reference has been used up; it is shuffled and all begins anew.
T is the first time with M >= A. Given the reference, passes are independent and alike: with q the
chance of an alarm in one pass and a its mean units until the alarm or the end, E[T] = E[a / q].
The martingale gives E[a] >= A E[q], and L (1 - q) <= a <= L, so that without a change

    E[T] >= min over u in [L / (A + L), min(1, L / A)] of  L / u + (A + L) u - 2 L,

which is A for an endless reference, near A for a short pass and never below 3 A / 4. Proof:
docs/monitoring.md.
"""

from __future__ import annotations

import math

from elbowroom.monitoring.checks import require


def guaranteed_run_length(threshold: float, pass_length: float) -> float:
    """Least average run length E[T] without a change [units].

    Args:
        threshold: A > 0 on the detector's value.
        pass_length: units L that one pass through the reference lasts; infinite if every
            reference unit is fresh.
    """
    if math.isinf(pass_length):
        return threshold
    both = threshold + pass_length
    lowest = math.sqrt(pass_length / both)  # where the derivative is zero
    chance = min(lowest, 1.0, pass_length / threshold)
    return pass_length / chance + both * chance - 2.0 * pass_length


def choose_threshold(run_length: float, pass_length: float) -> float:
    """Return the least threshold A that promises an average run length of `run_length` units.

    Raises:
        MonitoringError: if one of them is less than 1.
    """
    require(run_length >= 1, f"the average run length must be at least 1, got {run_length}")
    require(pass_length >= 1, f"a pass must last at least one unit, got {pass_length}")
    low, high = run_length, 1.34 * run_length
    for _ in range(60):
        middle = 0.5 * (low + high)
        if guaranteed_run_length(middle, pass_length) < run_length:
            low = middle
        else:
            high = middle
    return high
