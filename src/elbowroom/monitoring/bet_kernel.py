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
def place_bets(met: Array, average: Array, starts: IntArray, strengths: Array, bets: Array) -> None:
    """Replace M by (1 + M) e in `bets`, shape (blocks, horizons, strengths).

    Args:
        met: features of the live and the reference units, shape (1 + m, features).
        average: w by horizon, shape (horizons, features).
        starts: where each block of features begins, and the end, shape (blocks + 1,).
        strengths: a, shape (strengths,).
        bets: M, changed in place.
    """
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
                bets[block, horizon, k] = (1.0 + bets[block, horizon, k]) * fair
