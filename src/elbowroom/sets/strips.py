"""Intersections of a zonotope with strips that stay zonotopes: the classical outer bounds.

    {x in <c, G> : |H x - y| <= s}  is in  <c + L (y - H c), [(I - L H) G, L diag(s)]>  for every L

(Le et al., Automatica 49 (2013) 3637, theorem 2). They differ in the gain L. The exact
intersection is `Zonotope.intersect_strip`.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, read_array, read_positive, require
from elbowroom.sets.kernels.dual import minimise_dual
from elbowroom.sets.rounding import map_error, round_up, slop
from elbowroom.sets.zonotope import Zonotope


def correct(
    zonotope: Zonotope, normals: ArrayLike, values: ArrayLike, half_widths: ArrayLike, gain: Array
) -> Zonotope:
    """Return the zonotope that a gain L makes of the intersection with strips.

    Args:
        zonotope: a single zonotope.
        normals: H, shape (m, d).
        values: y, shape (m,).
        half_widths: s >= 0, shape (m,).
        gain: L, shape (d, m).
    """
    H, y, s = _read_strips(zonotope, normals, values, half_widths)
    c, G = zonotope.center, zonotope.generators
    require(gain.shape == H.T.shape, f"gain needs shape {H.T.shape}, got {gain.shape}")
    turn = np.eye(zonotope.dim) - gain @ H
    size = np.abs(c) + np.abs(G).sum(axis=1) + zonotope.slack
    innovation = np.abs(y) + s + np.abs(H) @ size
    error = map_error(gain, 4.0 * innovation) + slop(2 * zonotope.dim) * size
    slack = round_up(np.abs(turn) @ zonotope.slack, error)
    center = c + gain @ (y - H @ c)
    return Zonotope(center, np.concatenate([turn @ G, gain * s], axis=1), slack)


def least_radius_gain(zonotope: Zonotope, normals: ArrayLike, half_widths: ArrayLike) -> Array:
    """Return the gain of least F-radius, G G'H'(H G G'H' + diag(s^2))^-1 (Combastel 2015).

    With k strips, normals H have the shape (k, d), half-widths s (k,), the gain (d, k).
    """
    H, s = np.atleast_2d(normals), np.atleast_1d(half_widths)
    spread = zonotope.generators @ zonotope.generators.T @ H.T
    return np.asarray(np.linalg.solve(H @ spread + np.diag(s**2), spread.T).T)


def least_volume_gain(zonotope: Zonotope, normal: ArrayLike, half_width: float) -> Array:
    """Return the gain of least volume for one strip, shape (d, 1).

    The volume is |1 - h'L| vol(Z) + s 2^d sum over choices B of d - 1 generators of |det [B, L]|
    (Alamo, Bravo & Camacho, Automatica 41 (2005) 1035, sec. 7): a weighted L1 regression in L.
    """
    h, G = np.ravel(normal), zonotope.generators
    d, n = G.shape
    columns, weights = [zonotope.volume() * h], [zonotope.volume()]
    for choice in combinations(range(n), d - 1):
        B = G[:, choice]
        cofactors = [(-1.0) ** (i + d - 1) * np.linalg.det(np.delete(B, i, 0)) for i in range(d)]
        columns.append(2.0**d * half_width * np.array(cofactors))
        weights.append(0.0)
    A = np.ascontiguousarray(np.array(columns).T)
    g, lam, k = np.array(weights), np.zeros(d), len(weights)
    rows, room = np.abs(A).sum(axis=1), np.empty((3, k))
    minimise_dual(A, np.zeros(d), g, lam, np.empty(k), rows, room, 50 + 4 * (d + k))
    return lam[:, None]


def slide_along_generator(
    zonotope: Zonotope, normal: ArrayLike, value: float, half_width: float
) -> Zonotope:
    """Return the smallest, by det(G G'), of the zonotope and its n slides into one strip.

    Slide j gives up generator g_j for the strip: L = g_j / (h'g_j) (Bravo, Alamo & Camacho, IEEE
    TAC 51 (2006) 1745, property 1).
    """
    h, G = np.ravel(normal), zonotope.generators
    best, least = zonotope, np.linalg.det(G @ G.T)
    for j, along in enumerate(h @ G):
        if abs(along) <= 1e-12 * np.abs(h @ G).max():
            continue
        slid = correct(zonotope, h, value, half_width, G[:, [j]] / along)
        # Generator j itself is mapped to zero: the strip's takes its place.
        slid_G = np.delete(slid.generators, j, axis=1)
        size = np.linalg.det(slid_G @ slid_G.T)
        if size < least:
            rest = np.abs(slid.generators[:, j])
            best = Zonotope(slid.center, slid_G, round_up(slid.slack, rest))
            least = size
    return best


def _read_strips(
    zonotope: Zonotope, normals: ArrayLike, values: ArrayLike, half_widths: ArrayLike
) -> tuple[Array, Array, Array]:
    require(zonotope.center.ndim == 1, "strips need a single zonotope")
    H = np.atleast_2d(read_array("normals", normals, 1))
    y = np.atleast_1d(read_array("values", values, 0))
    s = np.atleast_1d(read_positive("half_widths", half_widths, 0))
    d = zonotope.dim
    require(H.shape[1] == d, f"normals need {d} columns, got {H.shape}")
    require(
        y.shape == s.shape == H.shape[:1], f"{len(H)} strips but {y.size} values, {s.size} widths"
    )
    return H, y, s
