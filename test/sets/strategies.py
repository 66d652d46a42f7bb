"""Random sets for the properties."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from elbowroom.sets import ConstrainedZonotope, OrientedBox, ShellPatch, Zonotope

seeds = st.integers(0, 2**32 - 1)


@st.composite
def zonotopes(draw, dim=None, most=12):
    rng = np.random.default_rng(draw(seeds))
    d = dim or draw(st.integers(1, 4))
    n = draw(st.integers(1, most))
    scale = 10.0 ** draw(st.integers(-3, 3))
    G = scale * rng.normal(size=(d, n)) * rng.choice([0.0, 1e-6, 1.0], n, p=[0.05, 0.05, 0.9])
    return Zonotope(scale * rng.normal(size=d), G)


@st.composite
def constrained_zonotopes(draw, dim=None):
    """A non-empty set and factors of one of its members."""
    rng = np.random.default_rng(draw(seeds))
    d = dim or draw(st.integers(1, 4))
    m = draw(st.integers(0, 4))
    n = m + draw(st.integers(1, 8))
    xi = rng.uniform(-1, 1, n)
    A = rng.normal(size=(m, n))
    G = rng.normal(size=(d, n))
    c = rng.normal(size=d)
    return ConstrainedZonotope(c, G, A, A @ xi), c + G @ xi


def rotation(rng, dim=3):
    Q, R = np.linalg.qr(rng.normal(size=(dim, dim)))
    Q = Q * np.sign(np.diag(R))
    Q[:, 0] *= np.sign(np.linalg.det(Q))
    return Q


@st.composite
def boxes(draw):
    rng = np.random.default_rng(draw(seeds))
    scale = 10.0 ** draw(st.integers(-3, 2))
    return OrientedBox(scale * rng.normal(size=3), scale * rng.uniform(0, 1, 3), rotation(rng))


@st.composite
def patches(draw, uncertain=None):
    rng = np.random.default_rng(draw(seeds))
    ellipse = draw(st.booleans())
    widths = rng.uniform(0.0, draw(st.sampled_from([0.1, 0.6, 1.5, 2.2])), 2)
    r0 = rng.uniform(0.05, 0.4)
    loose = draw(st.booleans()) if uncertain is None else uncertain
    return ShellPatch(
        rng.normal(size=3),
        np.array([r0, r0 + rng.uniform(0, 0.1)]),
        rotation(rng),
        widths,
        ellipse,
        np.array(0.02 * loose * rng.random()),
        0.02 * loose * rng.random(3),
    )
