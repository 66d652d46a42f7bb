from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elbowroom.sets import ConstrainedZonotope, SetError, Zonotope
from sets.strategies import seeds, zonotopes


@given(zonotopes(), seeds)
def test_members_stay_inside_after_a_linear_map(Z, seed):
    rng = np.random.default_rng(seed)
    M = rng.normal(size=(rng.integers(1, 5), Z.dim))
    mapped = Z.linear_map(M)
    D = rng.normal(size=(8, M.shape[0]))
    assert (mapped.support(D)[None] >= Z.sample(rng, 50) @ M.T @ D.T - 1e-13).all()
    assert mapped.hull().contains(Z.sample(rng, 50) @ M.T).all()


@given(zonotopes(dim=3), zonotopes(dim=3), seeds)
def test_members_stay_inside_after_a_sum(first, second, seed):
    rng = np.random.default_rng(seed)
    total = first.minkowski_sum(second)
    x, y = first.sample(rng, 30), second.sample(rng, 30)
    D = rng.normal(size=(8, 3))
    assert (total.support(D) >= (x + y) @ D.T).all()
    assert total.support(D) == pytest.approx(first.support(D) + second.support(D), rel=1e-9)


@given(zonotopes(), st.sampled_from(["girard", "combastel", "pca"]), st.floats(1, 4), seeds)
def test_members_stay_inside_after_a_reduction(Z, method, order, seed):
    rng = np.random.default_rng(seed)
    reduced = Z.reduce(order, method)
    assert reduced.generators.shape[1] <= max(order * Z.dim, Z.dim)
    D = rng.normal(size=(12, Z.dim))
    assert (reduced.support(D) >= Z.sample(rng, 40) @ D.T).all()
    size = np.abs(Z.generators).sum()
    assert (reduced.support(D) >= Z.support(D) - 1e-12 * size).all()


@given(zonotopes(dim=2), zonotopes(dim=2), st.floats(0, 1), seeds)
def test_convex_enclosure_holds_mixtures(first, second, share, seed):
    rng = np.random.default_rng(seed)
    both = first.enclose(second)
    x = share * first.sample(rng, 20) + (1 - share) * second.sample(rng, 20)
    D = rng.normal(size=(8, 2))
    scale = np.abs(x).max() + np.abs(both.generators).sum()
    assert (both.support(D) >= x @ D.T - 1e-14 * scale).all()


@given(zonotopes(), seeds)
@settings(max_examples=30)
def test_members_are_contained_and_far_points_are_not(Z, seed):
    rng = np.random.default_rng(seed)
    assert Z.contains(Z.sample(rng, 5)).all()
    d = rng.normal(size=Z.dim)
    d /= np.linalg.norm(d)
    reach = Z.support(d)[0] - d @ Z.center
    assert not Z.contains(Z.center + d * (1.001 * reach + 1e-6 * np.abs(Z.center).sum() + 1e-6))


@given(zonotopes(dim=3), seeds)
@settings(max_examples=30)
def test_strips_keep_members_and_drop_others(Z, seed):
    rng = np.random.default_rng(seed)
    H, member = rng.normal(size=(2, 3)), Z.sample(rng, 1)[0]
    s = 0.2 * np.abs(H @ Z.generators).sum(axis=1)
    cut = Z.intersect_strip(H, H @ member + 0.5 * s, s)
    assert isinstance(cut, ConstrainedZonotope)
    assert cut.hull().contains(member)
    x = Z.sample(rng, 20)
    deviation = np.abs(x @ H.T - (H @ member + 0.5 * s))
    assert cut.contains(x[(deviation <= s).all(axis=1)]).all()
    assert not cut.contains(x[(deviation > 1.01 * s + 1e-6).any(axis=1)]).any()


@given(zonotopes(dim=3), seeds)
@settings(max_examples=30)
def test_halfspace_keeps_members(Z, seed):
    rng = np.random.default_rng(seed)
    x, h = Z.sample(rng, 20), rng.normal(size=3)
    y = np.median(x @ h)
    cut = Z.intersect_halfspace(h, y)
    assert cut.hull().contains(x[x @ h <= y]).all()
    assert cut.support(h)[0] <= y + 1e-9 * (1 + np.abs(Z.generators).sum())


def test_halfspace_beyond_the_set_leaves_it_empty():
    Z = Zonotope(np.zeros(2), np.eye(2))
    assert Z.intersect_halfspace([1.0, 0.0], -1.5).is_empty()
    assert not Z.intersect_halfspace([1.0, 0.0], -1.0).is_empty()


def test_batch_of_zonotopes():
    rng = np.random.default_rng(0)
    Z = Zonotope(rng.normal(size=(4, 2)), rng.normal(size=(4, 2, 5)))
    mapped = Z.linear_map(np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0]]))
    assert mapped.center.shape == (4, 3)
    assert Z.hull().low.shape == (4, 2)
    assert Z.reduce(1.5, "pca").generators.shape == (4, 2, 3)
    cut = Z.intersect_strip(np.eye(2), Z.center, 0.1 * np.ones(2))
    assert cut.hull().high == pytest.approx(Z.center + 0.1)
    for k in range(4):
        one = Zonotope(Z.center[k], Z.generators[k])
        assert (Z.support(np.eye(2))[k] == one.support(np.eye(2))).all()


def test_rounding_of_a_long_chain_is_kept():
    """A rotation by 1 rad there and back a thousand times still holds the first set."""
    R = np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
    Z = first = Zonotope([3.0, 4.0], [[1.0, 0.5], [0.0, 2.0]])
    for _ in range(500):
        Z = Z.linear_map(R).linear_map(R.T)
    gap = Z.support(np.eye(2)) - first.support(np.eye(2))
    assert (gap >= -1e-15).all()
    assert (gap < 1e-6).all()


@pytest.mark.parametrize(
    ("center", "generators", "message"),
    [
        ([np.nan, 0], np.eye(2), "center must be finite"),
        ([0, 0], np.eye(3), "generators need 2 rows"),
        ([0, 0], [1.0, 2.0], "at least 2 axes"),
        ("ab", np.eye(2), "array of numbers"),
    ],
)
def test_bad_zonotopes_are_refused(center, generators, message):
    with pytest.raises(SetError, match=message):
        Zonotope(center, generators)


def test_bad_arguments_are_refused():
    Z = Zonotope(np.zeros(2), np.eye(2))
    with pytest.raises(SetError, match="needs 2 columns"):
        Z.linear_map(np.eye(3))
    with pytest.raises(SetError, match="must not be negative"):
        Z.intersect_strip(np.eye(2), [0, 0], [0.1, -0.1])
    with pytest.raises(SetError, match="2 normals but values"):
        Z.intersect_strip(np.eye(2), [0, 0, 0], 0.1)
    with pytest.raises(SetError, match="order must be at least 1"):
        Z.reduce(0.5)
    with pytest.raises(SetError, match="method must be one of"):
        Z.reduce(2, "nearest")
    with pytest.raises(SetError, match="directions need 2"):
        Z.support(np.eye(3))
    with pytest.raises(SetError, match="dimensions differ"):
        Z.minkowski_sum(Zonotope(np.zeros(3), np.eye(3)))
