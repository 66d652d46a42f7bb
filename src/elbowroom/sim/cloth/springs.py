"""The springs of the sleeve, family by family over the grid of nodes."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

KNEE = 0.25
"""Strain at which a spring has become twice as stiff."""
STRAIN_LIMIT = 0.5
"""Strain from which on the stiffness no longer grows, which keeps the substep stable."""
HALO = 2
"""Nodes that a ring repeats at both ends in the scratch space of `add_springs`."""


@njit(cache=True, error_model="numpy")
def add_springs(
    x: Array,
    v: Array,
    offsets: Indices,
    laws: Array,
    damping: float,
    grid: Array,
    force: Array,
) -> None:
    """Add spring and damper forces, -k (1 + (e / KNEE)^2) (l - l0) - c l', to `force`.

    A spring shorter than its rest length keeps only a share of its stiffness, for threads buckle;
    e is the strain (l - l0) / l0 when stretched, at most STRAIN_LIMIT.

    Args:
        x: nodes of a tube, ring by ring [m], shape (n, 3).
        v: their velocities [m/s], shape (n, 3).
        offsets: every family ties each node to the one so many rings and nodes on, shape (f, 2);
            at most `HALO` nodes around.
        laws: rest length [m], stiffness [N/m] and share left in compression, shape (f, 3).
        damping: [N s/m].
        grid: scratch space, shape (9, rings, nodes a ring + 2 HALO).
        force: changed in place [N], shape (n, 3).
    """
    rings, around = grid.shape[1], grid.shape[2] - 2 * HALO
    for a in range(3):
        for r in range(rings):
            for n in range(around):
                grid[a, r, HALO + n] = x[r * around + n, a]
                grid[3 + a, r, HALO + n] = v[r * around + n, a]
            for n in range(HALO):
                for k in (a, 3 + a):
                    grid[k, r, n] = grid[k, r, around + n]
                    grid[k, r, HALO + around + n] = grid[k, r, HALO + n]
            for n in range(around + 2 * HALO):
                grid[6 + a, r, n] = 0.0
    for f in range(offsets.shape[0]):
        _pull_family(grid, offsets[f, 0], offsets[f, 1], laws[f], damping)
    for a in range(6, 9):
        for r in range(rings):
            for n in range(HALO):
                grid[a, r, around + n] += grid[a, r, n]
                grid[a, r, HALO + n] += grid[a, r, HALO + around + n]
            for n in range(around):
                force[r * around + n, a - 6] += grid[a, r, HALO + n]


@njit(cache=True, error_model="numpy")
def _pull_family(grid: Array, along: int, turn: int, law: Array, damping: float) -> None:
    """All springs of one family, ring by ring, without branches so that they vectorise."""
    rings, around = grid.shape[1], grid.shape[2] - 2 * HALO
    row = np.empty((3, around))
    here, there = HALO + around, HALO + turn + around
    shift = HALO + turn
    rest, stiffness, slack = law[0], law[1], law[2]
    gain = 1.0 / (KNEE * rest)
    most = STRAIN_LIMIT / KNEE
    for ring in range(rings - along):
        other = ring + along
        xi, yi, zi = grid[0, ring, HALO:here], grid[1, ring, HALO:here], grid[2, ring, HALO:here]
        ui, vi, wi = grid[3, ring, HALO:here], grid[4, ring, HALO:here], grid[5, ring, HALO:here]
        xj, yj, zj = (
            grid[0, other, shift:there],
            grid[1, other, shift:there],
            grid[2, other, shift:there],
        )
        uj, vj, wj = (
            grid[3, other, shift:there],
            grid[4, other, shift:there],
            grid[5, other, shift:there],
        )
        fx, fy, fz = row[0], row[1], row[2]
        for n in range(around):
            dx = xj[n] - xi[n]
            dy = yj[n] - yi[n]
            dz = zj[n] - zi[n]
            length = math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-12
            inverse = 1.0 / length
            stretch = length - rest
            longer = stretch if stretch > 0.0 else 0.0
            strain = longer * gain
            strain = strain if strain < most else most
            tension = stiffness * ((1.0 + strain * strain) * longer + slack * (stretch - longer))
            rate = ((uj[n] - ui[n]) * dx + (vj[n] - vi[n]) * dy + (wj[n] - wi[n]) * dz) * inverse
            f = (tension + damping * rate) * inverse
            fx[n] = f * dx
            fy[n] = f * dy
            fz[n] = f * dz
        for a in range(3):
            for n in range(around):
                grid[6 + a, ring, HALO + n] += row[a, n]
            for n in range(around):
                grid[6 + a, other, shift + n] -= row[a, n]
