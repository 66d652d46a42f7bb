"""When features are read: a slower grid than the sensor's."""

from __future__ import annotations

from numba import njit

GRID = 1.0 / 24.0
"""Period [s] at which the network reads the features."""


@njit(cache=True)
def next_due(due: float, stamp: float, period: float) -> float:
    """Stamp of the grid step after the one that was due and is made at `stamp` [s].

    A step that is late by a sample or two does not delay those after it, so that a lag of n steps
    stays n periods at any rate of the sensor.
    """
    return due + period if due + period > stamp else stamp + period
