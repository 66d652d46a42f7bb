"""Which points are in a constrained zonotope, and members to draw from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elbowroom.sets.checks import Array, BoolArray, require
from elbowroom.sets.dual import support_dual
from elbowroom.sets.errors import EmptySetError
from elbowroom.sets.kernels.dual import EMPTY
from elbowroom.sets.tolerances import INSIDE

if TYPE_CHECKING:
    from elbowroom.sets.constrained import ConstrainedZonotope


def contains_points(constrained: ConstrainedZonotope, points: Array) -> BoolArray:
    """Say for each point whether {A xi = b, |G xi - (x - c)| <= slack + tolerance} may hold any xi.

    The points have the shape (k, d), the answer (k,). The tolerance is INSIDE of the size of the
    set; False comes with a certificate.
    """
    c, G = constrained.center, constrained.generators
    require(c.ndim == 1, "contains needs a single set")
    require(points.shape[-1] == c.size, f"points need {c.size} components, got {points.shape}")
    x = np.atleast_2d(points)
    d, n = G.shape
    m = constrained.b.size
    size = np.abs(G).sum(axis=1) + np.abs(c)
    margin = constrained.slack + INSIDE * (size.max() + 1e-300)
    A = np.zeros((m + d, n + d))
    A[:m, :n], A[m:, :n] = constrained.A, G
    A[m:, n:] = np.diag(margin)
    b = np.concatenate([np.broadcast_to(constrained.b, (len(x), m)), x - c], axis=1)
    probe = np.cos(1.0 + np.arange(n + d))[None, :]
    found = support_dual(np.zeros(n + d), np.eye(n + d), A, b, probe)
    inside = found.states[:, 0] != EMPTY
    return np.asarray(inside if points.ndim > 1 else inside[0])


def sample_members(constrained: ConstrainedZonotope, rng: np.random.Generator, count: int) -> Array:
    """Draw mixtures of support points in random directions, shape (count, d).

    Raises:
        EmptySetError: if the set is certainly empty.
    """
    d = constrained.dim
    require(constrained.center.ndim == 1, "sample needs a single set")
    found = constrained.supports(rng.normal(size=(8 * d, d)))
    if (found.states == EMPTY).any():
        raise EmptySetError("an empty set has no members")
    corners = constrained.center + found.factors @ constrained.generators.T
    return np.asarray(rng.dirichlet(np.full(len(corners), 0.2), count) @ corners)
