"""What threshold keeps a promised average run length when the reference is finite.

Let M be the detector's value: M_0 = 0, E[M_t | past] <= 1 + M_{t-1} as long as every reference unit
is used once. After L units the reference has been used up; it is shuffled and M begins at 0 again.
T is the first time with M >= A. Without a change

    E[T] >= A L / (A + L)  +  L / (A + L) * sum over k = 1, 2, ... of max(0, A - k L),

which is A for an endless reference and never below A / 2. Proof: docs/monitoring.md.
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
    passes = math.floor(threshold / pass_length)
    total = (passes + 1) * threshold - pass_length * passes * (passes + 1) / 2
    return pass_length / (threshold + pass_length) * total


def choose_threshold(run_length: float, pass_length: float) -> float:
    """Return the least threshold A that promises an average run length of `run_length` units.

    Raises:
        MonitoringError: if one of them is less than 1.
    """
    require(run_length >= 1, f"the average run length must be at least 1, got {run_length}")
    require(pass_length >= 1, f"a pass must last at least one unit, got {pass_length}")
    low, high = run_length, 2.0 * run_length
    for _ in range(60):
        middle = 0.5 * (low + high)
        if guaranteed_run_length(middle, pass_length) < run_length:
            low = middle
        else:
            high = middle
    return high
