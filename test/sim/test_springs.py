from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.sim.cloth.springs import HALO, add_springs


def tie_by_hand(
    x: np.ndarray, v: np.ndarray, offsets: np.ndarray, laws: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """The springs' law, spring by spring."""
    force = np.zeros_like(x)
    rings, around = shape
    for (along, turn), (rest, stiffness, slack) in zip(offsets, laws, strict=True):
        for ring in range(rings - along):
            for node in range(around):
                i, j = ring * around + node, (ring + along) * around + (node + turn) % around
                way = x[j] - x[i]
                length = np.linalg.norm(way)
                stretch = length - rest
                k = stiffness * (1 + (min(stretch / rest, 0.5) / 0.25) ** 2)
                k = k if stretch > 0 else stiffness * slack
                pull = (k * stretch + 0.05 * (v[j] - v[i]) @ way / length) * way / length
                force[i] += pull
                force[j] -= pull
    return force


@given(st.integers(0, 10**6))
def test_springs_follow_their_law_and_conserve_momentum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (4, 7)
    x, v = rng.normal(size=(2, 28, 3))
    offsets = np.array([[1, 0], [0, 1], [1, 1], [1, -1], [2, 0], [0, 2]])
    laws = rng.uniform(0.1, 3.0, (6, 3))
    force = np.zeros((28, 3))
    grid = np.full((9, 4, 7 + 2 * HALO), np.nan)
    add_springs(x, v, offsets, laws, 0.05, grid, force)
    np.testing.assert_allclose(force, tie_by_hand(x, v, offsets, laws, shape), atol=1e-9)
    np.testing.assert_allclose(force.sum(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(np.cross(x, force).sum(axis=0), 0.0, atol=1e-8)
