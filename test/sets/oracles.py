"""Independent answers: exact linear programmes, polygons, Monte Carlo, the published cases."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog


def maximise(g, A, b):
    """max {g'xi : A xi = b, |xi| <= 1} by HiGHS, or None if infeasible."""
    result = linprog(-g, A_eq=A if len(b) else None, b_eq=b if len(b) else None, bounds=(-1, 1))
    return -result.fun if result.status == 0 else None


def hull_by_lp(cz):
    """The exact interval hull: two programmes a coordinate."""
    high = [c + maximise(g, cz.A, cz.b) for c, g in zip(cz.center, cz.generators, strict=True)]
    low = [c - maximise(-g, cz.A, cz.b) for c, g in zip(cz.center, cz.generators, strict=True)]
    return np.array(low), np.array(high)


def strip_problem(rng, dim=6, generators=40, strips=3):
    """A random zonotope with strips through one of its members: c, G, A, b."""
    G, c = rng.normal(size=(dim, generators)), rng.normal(size=dim)
    H, xi = rng.normal(size=(strips, dim)), rng.uniform(-1, 1, generators)
    s = 0.1 * np.abs(H @ G).sum(axis=1) * rng.uniform(0.1, 1, strips)
    y = H @ (c + G @ xi) + s * rng.uniform(-1, 1, strips)
    A, b = np.hstack([H @ G, -np.diag(s)]), y - H @ c
    return c, np.hstack([G, np.zeros((dim, strips))]), A, b


def same_points(found, wanted, tolerance):
    """Say whether two point lists agree in any order."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    if found.shape != wanted.shape:
        return False
    distance = np.abs(found[:, None] - wanted[None]).max(axis=2)
    return (distance.min(axis=0) <= tolerance).all() and (distance.min(axis=1) <= tolerance).all()


def same_generators(found, wanted, tolerance):
    """Say whether two generator lists agree up to order and sign, zero columns aside."""
    found, wanted = np.asarray(found, float), np.asarray(wanted, float)
    found, wanted = (
        found[:, np.abs(found).max(axis=0) > 0],
        wanted[:, np.abs(wanted).max(axis=0) > 0],
    )
    if found.shape != wanted.shape:
        return False
    left = list(wanted.T)
    for g in found.T:
        gaps = [min(np.abs(g - w).max(), np.abs(g + w).max()) for w in left]
        if min(gaps) > tolerance:
            return False
        left.pop(int(np.argmin(gaps)))
    return True


def clip_polygon(corners, h, y):
    """The part of a polygon with h'x <= y."""
    kept = []
    for p, q in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        a, b = h @ p - y, h @ q - y
        if a <= 0:
            kept.append(p)
        if (a <= 0) != (b <= 0):
            kept.append(p + a / (a - b) * (q - p))
    return np.array(kept)


def published(name=None):
    """The published cases, or one of them; skips the test where the file is not at hand."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("ELBOWROOM_SHARED", root.parent / "shared"))
    path = folder / "cases" / "sets.json"
    if not path.is_file():
        pytest.skip("the published set cases are not beside the repository")
    cases = {case["id"]: case for case in json.loads(path.read_text())["cases"]}
    return cases if name is None else cases[name]
