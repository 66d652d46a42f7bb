from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elbowroom.sets import ConstrainedZonotope, EmptySetError, SetError, Zonotope
from sets.strategies import constrained_zonotopes, seeds


@given(constrained_zonotopes(), seeds)
@settings(max_examples=40)
def test_verbs_keep_members(made, seed):
    cz, x = made
    rng = np.random.default_rng(seed)
    M = rng.normal(size=(2, cz.dim))
    assert cz.contains(x)
    assert cz.hull().contains(x)
    assert cz.zonotope().hull().contains(x)
    assert cz.linear_map(M).hull().contains(M @ x)
    other = Zonotope(rng.normal(size=cz.dim), rng.normal(size=(cz.dim, 3)))
    y = other.sample(rng, 1)[0]
    assert cz.minkowski_sum(other).hull().contains(x + y)
    assert other.minkowski_sum(cz).hull().contains(x + y)
    assert cz.translate(y).contains(x + y)
    h = rng.normal(size=cz.dim)
    assert cz.intersect_strip(h, h @ x, 0.01).contains(x)
    assert cz.intersect_halfspace(h, h @ x).contains(x)


@given(
    constrained_zonotopes(),
    st.sampled_from(["girard", "combastel", "pca"]),
    st.floats(1, 3),
    st.integers(0, 3),
)
@settings(max_examples=60)
def test_reduction_keeps_members(made, method, order, constraints):
    cz, x = made
    reduced = cz.reduce(order, method, constraints)
    assert reduced.contains(x)
    assert reduced.hull().contains(x)
    assert reduced.b.size <= max(constraints, 0)


@given(constrained_zonotopes(dim=2), seeds)
@settings(max_examples=30)
def test_intersection_holds_common_points_and_no_others(made, seed):
    cz, x = made
    rng = np.random.default_rng(seed)
    G = rng.normal(size=(2, 3))
    other = Zonotope(x - 0.5 * G @ rng.uniform(-1, 1, 3), G)
    both = cz.intersect(other)
    assert both.contains(x)
    points = np.concatenate([cz.sample(rng, 10), other.sample(rng, 10)])
    assert (both.contains(points) == (cz.contains(points) & other.contains(points))).all()


@given(constrained_zonotopes(dim=2), seeds)
@settings(max_examples=20)
def test_samples_are_members(made, seed):
    cz, _ = made
    assert cz.contains(cz.sample(np.random.default_rng(seed), 20)).all()


@given(constrained_zonotopes(), seeds)
@settings(max_examples=30)
def test_template_encloses_and_touches(made, seed):
    cz, x = made
    D = np.random.default_rng(seed).normal(size=(3, cz.dim))
    template = cz.enclose_in(D)
    assert template.contains(x)
    both = np.concatenate([D, -D])
    size = np.abs(cz.generators).sum() + np.abs(cz.center).sum()
    assert template.support(both) == pytest.approx(cz.support(both), abs=1e-8 * size)


def test_distant_sets_have_no_common_point():
    cz = ConstrainedZonotope(np.zeros(2), np.eye(2), np.zeros((0, 2)), np.zeros(0))
    both = cz.intersect(Zonotope([3.0, 0.0], np.eye(2)))
    assert both.is_empty()
    lam = both.empty_certificate()
    assert both.b @ lam + np.abs(both.A.T @ lam).sum() < 0
    with pytest.raises(EmptySetError):
        both.sample(np.random.default_rng(0), 3)
    with pytest.raises(EmptySetError):
        both.vertices()


def test_shapes_are_checked():
    with pytest.raises(SetError, match="does not fit"):
        ConstrainedZonotope(np.zeros(2), np.eye(2), np.ones((1, 3)), np.ones(1))
    with pytest.raises(SetError, match="must be finite"):
        ConstrainedZonotope(np.zeros(2), np.eye(2), np.ones((1, 2)), np.array([np.inf]))
    cz = ConstrainedZonotope(np.zeros(2), np.eye(2), np.ones((1, 2)), np.zeros(1))
    with pytest.raises(SetError, match="points need 2"):
        cz.contains(np.zeros(3))
    with pytest.raises(SetError, match="dimensions differ"):
        cz.intersect(Zonotope(np.zeros(3), np.eye(3)))
    with pytest.raises(SetError, match="must not be negative"):
        cz.reduce(2, constraints=-1)
