from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from elbowroom.sets import EmptySetError, Interval, SetError, Zonotope
from sets.strategies import seeds, zonotopes


def draw(rng, dim=3):
    low = rng.normal(size=dim)
    return Interval(low, low + rng.uniform(0, 2, dim))


@given(seeds)
def test_verbs_keep_members(seed):
    rng = np.random.default_rng(seed)
    a, b = draw(rng), draw(rng)
    x, y = a.sample(rng, 20), b.sample(rng, 20)
    assert a.contains(x).all()
    assert a.minkowski_sum(b).contains(x + y).all()
    assert isinstance(a.minkowski_sum(b), Interval)
    assert a.translate(y[0]).contains(x + y[0]).all()
    assert a.join(b).contains(np.concatenate([x, y])).all()
    M = rng.normal(size=(2, 3))
    assert a.linear_map(M).hull().contains(x @ M.T).all()
    D = rng.normal(size=(5, 3))
    assert (a.support(D) >= x @ D.T).all()
    assert a.support(D) == pytest.approx(a.zonotope().support(D), abs=1e-12)
    assert a.intersect_halfspace(D[0], np.median(x @ D[0])).contains(x[np.argmin(x @ D[0])])


@given(zonotopes(dim=2), seeds)
def test_sum_and_intersection_with_a_zonotope(Z, seed):
    rng = np.random.default_rng(seed)
    a, z = draw(rng, 2), Z.sample(rng, 1)[0]
    x = a.sample(rng, 1)[0]
    assert a.minkowski_sum(Z).contains(x + z)
    both = a.translate(z - x).intersect(Z)
    assert both.contains(z)


def test_intersection_and_emptiness():
    a, b = Interval([0.0, 0.0], [2.0, 2.0]), Interval([1.0, -1.0], [3.0, 1.0])
    both = a.intersect(b)
    assert (both.low == [1, 0]).all()
    assert (both.high == [2, 1]).all()
    with pytest.raises(EmptySetError, match="low <= high"):
        a.intersect(Interval([3.0, 0.0], [4.0, 1.0]))


def test_batch_and_conversions():
    boxes = Interval(np.zeros((3, 2)), np.ones((3, 2)))
    assert boxes.contains([[0.5, 0.5], [2.0, 0.5], [0.0, 1.0]]).tolist() == [True, False, True]
    assert boxes.sample(np.random.default_rng(0), 4).shape == (3, 4, 2)
    assert isinstance(boxes.reduce(), Zonotope)
    assert boxes.hull() is boxes
    assert boxes.center[0] == pytest.approx([0.5, 0.5])


def test_bad_intervals_are_refused():
    with pytest.raises(SetError, match="differ in shape"):
        Interval([0.0], [1.0, 2.0])
    with pytest.raises(SetError, match="finite"):
        Interval([np.nan], [1.0])
    with pytest.raises(SetError, match="at least 1 axes"):
        Interval(0.0, 1.0)
