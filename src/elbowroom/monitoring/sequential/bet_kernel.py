"""The compiled step of the detector: fair bets on one unit, for every block, strength and horizon.

With rows z_0 (live) and z_1..z_m (reference), w an average of live features and a a strength

    h_i = exp(a <w, z_i>), the exponent cut to [-6, 6],     e = h_0 / mean(h_0, ..., h_m).

The mean over which row is the live one is 1: so is the expectation if the rows are exchangeable.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from elbowroom.monitoring.checks import Array, IntArray

CAP = 6.0


# Sums may be taken in any order: that is what lets them be vectorised.
@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc"})
def place_bets(
    met: Array,
    average: Array,
    rates: Array,
    starts: IntArray,
    strengths: Array,
    weights: Array,
    bets: Array,
) -> tuple[Array, Array, float]:
    """Bet on a unit: M becomes (1 + M) e, the averages take the unit in.

    Args:
        met: features of the live and the reference units, shape (1 + m, features).
        average: w by horizon, shape (horizons, features).
        rates: share of the average that is the newest unit, shape (horizons,).
        starts: where each block of features begins, and the end, shape (blocks + 1,).
        strengths: a, shape (strengths,).
        weights: of the bets, shape of `bets`.
        bets: M, shape (blocks, horizons, strengths).

    Returns:
        New averages and bets, and the weighted sum of the bets; the arguments are unchanged.
    """
    placed, value = np.empty_like(bets), 0.0
    live, total = np.empty(len(strengths)), np.empty(len(strengths))
    for block in range(len(starts) - 1):
        first, last = starts[block], starts[block + 1]
        for horizon in range(len(average)):
            total[:] = 0.0
            for row in range(len(met) - 1, -1, -1):
                tilt = 0.0
                for j in range(first, last):
                    tilt += met[row, j] * average[horizon, j]
                for k in range(len(strengths)):
                    live[k] = math.exp(min(max(tilt * strengths[k], -CAP), CAP))
                    total[k] += live[k]
            for k in range(len(strengths)):
                fair = live[k] * len(met) / total[k]
                placed[block, horizon, k] = (1.0 + bets[block, horizon, k]) * fair
                value += weights[block, horizon, k] * placed[block, horizon, k]
    moved = np.empty_like(average)
    for horizon in range(len(average)):
        for j in range(average.shape[1]):
            now = average[horizon, j]
            moved[horizon, j] = now + rates[horizon] * (met[0, j] - now)
    return moved, placed, value
