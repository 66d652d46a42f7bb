from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from elbowroom.sets import ConstrainedZonotope, EmptySetError, hull_dual, support_dual
from elbowroom.sets.dual import SOLVED, STALLED, is_empty
from elbowroom.sets.kernels.dual import evaluate_bound
from elbowroom.sets.kernels.hull import bound_supports
from sets.oracles import hull_by_lp, maximise, strip_problem
from sets.strategies import constrained_zonotopes, seeds


@given(seeds)
@settings(max_examples=25)
def test_hull_is_exact_and_outer(seed):
    problem = strip_problem(np.random.default_rng(seed))
    low, high, empty = hull_dual(*problem)
    exact_low, exact_high = hull_by_lp(ConstrainedZonotope(*problem))
    size = exact_high - exact_low
    assert not empty
    assert (low <= exact_low + 1e-9 * size).all()
    assert (high >= exact_high - 1e-9 * size).all()
    assert np.prod(high - low) <= 1.0001 * np.prod(size)


@given(constrained_zonotopes(), seeds)
@settings(max_examples=60)
def test_support_agrees_with_the_linear_programme(made, seed):
    cz, member = made
    d = np.random.default_rng(seed).normal(size=cz.dim)
    bound = cz.support(d)[0]
    exact = d @ cz.center + maximise(d @ cz.generators, cz.A, cz.b)
    assert bound >= d @ member
    assert bound == pytest.approx(exact, rel=1e-7, abs=1e-7)
    assert bound >= exact - 1e-8


@given(seeds)
@settings(max_examples=30)
def test_every_multiplier_is_an_outer_bound(seed):
    rng = np.random.default_rng(seed)
    _, G, A, b = strip_problem(rng, 3, 12, 2)
    exact = maximise(G[0], A, b)
    for scale in (0.0, 1e-3, 1.0, 1e3):
        lam = scale * rng.normal(size=2)
        value = evaluate_bound(A, b, G[0], lam, np.abs(A).sum(axis=1), np.empty(A.shape[1]))
        assert value >= exact - 1e-9 * abs(exact)


def test_maximising_factors_are_members_and_reach_the_bound():
    c, G, A, b = strip_problem(np.random.default_rng(4))
    found = support_dual(c, G, A, b, np.eye(6))
    for value, xi, g in zip(found.values, found.factors, G, strict=True):
        assert np.abs(xi).max() <= 1
        assert np.allclose(A @ xi, b, atol=1e-9)
        assert g @ xi == pytest.approx(value - c[np.argmax((g == G).all(axis=1))], abs=1e-8)


def test_batch_equals_one_by_one():
    rng = np.random.default_rng(7)
    problems = [strip_problem(rng, 3, 10, 2) for _ in range(6)]
    c, G, A, b = (
        np.array(part).reshape((2, 3) + part[0].shape) for part in zip(*problems, strict=True)
    )
    low, high, empty = hull_dual(c, G, A, b)
    assert low.shape == (2, 3, 3)
    assert empty.shape == (2, 3)
    for k, problem in enumerate(problems):
        one_low, one_high, _ = hull_dual(*problem)
        assert (low.reshape(6, 3)[k] == one_low).all()
        assert (high.reshape(6, 3)[k] == one_high).all()


def test_leading_axes_broadcast():
    rng = np.random.default_rng(8)
    c, G, A, b = strip_problem(rng, 2, 6, 1)
    offsets = rng.normal(size=(5, 2))
    low, _, _ = hull_dual(c + offsets, G, A, b)
    assert np.allclose(low, hull_dual(c, G, A, b)[0] + offsets, atol=1e-12)


@given(seeds)
@settings(max_examples=40)
def test_emptiness_has_a_certificate_and_is_never_claimed_wrongly(seed):
    rng = np.random.default_rng(seed)
    m, n = rng.integers(1, 5), rng.integers(1, 9)
    A, b = rng.normal(size=(m, n)), rng.normal(size=m)
    empty, lam = is_empty(A, b)
    assert empty == (maximise(np.zeros(n), A, b) is None)
    if empty:
        assert b @ lam + np.abs(A.T @ lam).sum() < 0


def test_barely_touching_set_is_not_called_empty():
    cz = ConstrainedZonotope(np.zeros(1), np.ones((1, 2)), np.array([[1.0, 1.0]]), np.array([2.0]))
    assert not cz.is_empty()
    assert cz.hull().high[0] == pytest.approx(2.0)


def test_empty_set_says_so():
    cz = ConstrainedZonotope(np.zeros(2), np.eye(2), np.array([[1.0, 0.0]]), np.array([1.5]))
    with pytest.raises(EmptySetError, match="certificate"):
        cz.hull()
    assert cz.volume() == 0
    assert (cz.support(np.eye(2)) == -np.inf).all()
    low, high, empty = hull_dual(cz.center, cz.generators, cz.A, cz.b)
    assert empty
    assert (low > high).all()


def test_repeated_and_zero_constraints_do_no_harm():
    c, G, A, b = strip_problem(np.random.default_rng(3), 3, 8, 2)
    twice = np.concatenate([A, A, np.zeros((1, A.shape[1]))])
    low, high, empty = hull_dual(c, G, twice, np.concatenate([b, b, [0.0]]))
    once = hull_dual(c, G, A, b)
    assert not empty
    assert np.allclose(low, once[0], atol=1e-9)
    assert np.allclose(high, once[1], atol=1e-9)


def test_contradicting_repetition_is_empty():
    c, G, A, b = strip_problem(np.random.default_rng(3), 3, 8, 2)
    assert hull_dual(c, G, np.concatenate([A, A[:1]]), np.concatenate([b, b[:1] + 0.5]))[2]


def test_stalled_walk_is_still_outer_and_the_fallback_makes_it_least():
    c, G, A, b = strip_problem(np.random.default_rng(5))
    D = np.concatenate([np.eye(6), -np.eye(6)])
    early = bound_supports(c[None], G[None], A[None], b[None], D, 2)
    assert (early[1] == STALLED).all()
    full = support_dual(c, G, A, b, D)
    assert (full.states == SOLVED).all()
    assert (early[0][0] >= full.values - 1e-9).all()
    from elbowroom.sets.dual import _retry_stalled

    _retry_stalled(c[None], G[None], A[None], b[None], D, early)
    assert np.allclose(early[0][0], full.values, rtol=1e-7)
    assert (early[0][0] >= full.values - 1e-9).all()


@given(seeds)
@settings(max_examples=40)
def test_degenerate_problems_are_exact_too(seed):
    """Small integers: ties everywhere, redundant rows, members on corners of the cube."""
    rng = np.random.default_rng(seed)
    m, n = rng.integers(1, 6), rng.integers(2, 16)
    A = rng.integers(-2, 3, (m, n)).astype(float)
    b = A @ rng.choice([-1, -0.5, 0, 0.5, 1], n)
    g = rng.integers(-2, 3, n).astype(float)
    found = support_dual(np.zeros(n), np.eye(n), A, b, g[None])
    assert found.states[0] == SOLVED
    assert found.values[0] == pytest.approx(maximise(g, A, b), abs=1e-7)


def test_set_of_one_point_with_more_constraints_than_factors():
    A = np.array(
        [[-2, 1, 2, -2], [2, -2, -1, 0], [2, -1, -2, 0], [-2, -1, -1, -1], [2, 0, 0, -1.0]]
    )
    b = np.array([-1, 1, 0, 1.5, -1.5])
    cz = ConstrainedZonotope(np.zeros(1), np.array([[1.0, 0, -1, 0]]), A, b)
    assert cz.hull().low == pytest.approx([-0.5])
    assert cz.hull().high == pytest.approx([-0.5])
