from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.spatial import ConvexHull

from elbowroom.sets import (
    EmptySetError,
    Interval,
    OrientedBox,
    Polytope3,
    SetError,
    ShellPatch,
    UnboundedSetError,
    intersect_regions,
)
from sets.oracles import same_points
from sets.strategies import boxes, patches, rotation, seeds


def draw(seed, rows=None):
    """A random polytope around a known point."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(rows or rng.integers(1, 30), 3))
    x = rng.normal(size=3)
    box = OrientedBox(x + rng.uniform(-0.1, 0.1, 3), rng.uniform(0.2, 1, 3), rotation(rng))
    return Polytope3(A, A @ x + rng.uniform(0, 0.3, len(A)), box), x, rng


def linear_programme(polytope, d):
    A, b, _ = polytope._rows
    found = linprog(-d, A_ub=A, b_ub=b, bounds=(None, None))
    return -found.fun + d @ polytope.box.center


@given(seeds)
@settings(max_examples=40)
def test_support_is_outer_and_least(seed):
    polytope, _, rng = draw(seed)
    for d in rng.normal(size=(3, 3)):
        exact = linear_programme(polytope, d)
        assert polytope.support(d)[0] == pytest.approx(exact, abs=1e-8)
        assert polytope.support(d)[0] >= exact - 1e-9


@given(seeds)
@settings(max_examples=40)
def test_views_hold_every_member(seed):
    polytope, x, rng = draw(seed)
    members = np.concatenate([polytope.sample(rng, 20), x[None]])
    assert polytope.contains(members).all()
    assert polytope.hull().contains(members).all()
    assert polytope.bounding_box().contains(members).all()
    assert polytope.bounding_box(rotation(rng)).contains(members).all()
    assert polytope.zonotope().hull().contains(members).all()
    assert polytope.bounding_box().volume() <= polytope.bounding_box(
        polytope.box.rotation
    ).volume() * (1 + 1e-6)
    h = rng.normal(size=3)
    cut = polytope.intersect_halfspace(h, h @ x).intersect_strip(h, h @ x, 0.1)
    assert cut.contains(x)
    assert cut.hull().contains(x)
    assert cut.volume() <= polytope.volume() * (1 + 1e-9)
    assert polytope.translate(h).contains(members + h).all()


@given(seeds)
@settings(max_examples=40)
def test_volume_and_vertices_agree_with_qhull(seed):
    polytope, _, _ = draw(seed)
    corners = polytope.vertices()
    assert polytope.volume() == pytest.approx(ConvexHull(corners).volume, rel=1e-7)
    assert polytope.contains(corners).all()
    d = np.random.default_rng(seed).normal(size=(5, 3))
    assert (corners @ d.T).max(axis=0) == pytest.approx(polytope.support(d), abs=1e-7)


@given(seeds)
@settings(max_examples=60)
def test_emptiness_has_a_certificate_and_is_never_claimed_wrongly(seed):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(6, 3))
    A /= np.linalg.norm(A, axis=1, keepdims=True)
    polytope = Polytope3(
        A, rng.uniform(-0.7, 0.3, 6), OrientedBox(np.zeros(3), np.ones(3), np.eye(3))
    )
    rows, b, _ = polytope._rows
    possible = linprog(np.zeros(3), A_ub=rows, b_ub=b, bounds=(None, None)).status == 0
    lam = polytope.empty_certificate()
    assert polytope.is_empty() == (not possible)
    if lam is not None:
        assert (lam >= 0).all()
        assert np.abs(rows.T @ lam).max() < 1e-9
        assert b @ lam < 0
        with pytest.raises(EmptySetError, match="certificate"):
            polytope.bounding_box()
        with pytest.raises(EmptySetError):
            polytope.sample(rng, 1)
        assert polytope.volume() == 0
        assert len(polytope.vertices()) == 0


def test_touching_half_spaces_are_not_empty():
    h = np.array([[1.0, 0, 0], [-1.0, 0, 0]])
    box = OrientedBox(np.zeros(3), np.ones(3), np.eye(3))
    flat = Polytope3(h, [0.25, -0.25], box)
    assert not flat.is_empty()
    assert flat.hull().size == pytest.approx([0, 2, 2], abs=1e-9)
    assert flat.volume() == pytest.approx(0, abs=1e-9)
    assert Polytope3(h, [0.25, -0.2501], box).is_empty()


def test_octahedron_without_a_box():
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, 8).T
    octahedron = Polytope3(signs, np.ones(8))
    corners = np.concatenate([np.eye(3), -np.eye(3)])
    assert octahedron.hull().high == pytest.approx(np.ones(3), abs=1e-6)
    tight = Polytope3(signs, np.ones(8), OrientedBox(np.zeros(3), np.full(3, 2.0), np.eye(3)))
    assert tight.volume() == pytest.approx(4 / 3)
    assert same_points(tight.vertices(), corners, 1e-9)


def test_unbounded_lists_say_so():
    with pytest.raises(UnboundedSetError):
        Polytope3(np.eye(3), np.ones(3)).hull()
    with pytest.raises(UnboundedSetError):
        Polytope3(np.eye(3), np.ones(3)).volume()


def test_bad_lists_are_refused():
    with pytest.raises(SetError, match="row of zeros"):
        Polytope3(np.zeros((1, 3)), [1.0])
    with pytest.raises(SetError, match="shape"):
        Polytope3(np.eye(2), np.ones(2))
    with pytest.raises(SetError, match="finite"):
        Polytope3(np.eye(3), [1, np.nan, 1])


@given(st.lists(patches(), min_size=1, max_size=3), boxes(), seeds)
@settings(max_examples=30)
def test_intersection_of_regions_keeps_common_points(shells, box, seed):
    rng = np.random.default_rng(seed)
    shared = shells[0].sample(rng, 1)[0]
    moved = [shells[0]]
    for shell in shells[1:]:
        x = shell.sample(rng, 1)[0]
        moved.append(type(shell)(
            shell.center + shared - x, shell.radii, shell.frame, shell.widths, shell.ellipse,
            shell.ball, shell.box,
        ))  # fmt: skip
    x = box.sample(rng, 1)[0]
    moved.append(OrientedBox(box.center + shared - x, box.half + 1e-3, box.rotation))
    moved.append(Interval(shared - 0.2, shared + 0.2))
    h = rng.normal(size=(1, 3))
    both = intersect_regions(moved, (h, h @ shared))
    assert both.contains(shared)
    assert both.bounding_box().contains(shared)
    assert both.hull().contains(shared)
    assert both.volume() <= min(region.volume() for region in moved[-2:]) * (1 + 1e-6)
    again = intersect_regions([both, moved[0]])
    assert again.contains(shared)


def test_intersection_of_patches_apart_is_empty():
    first = ShellPatch.about(np.zeros(3), [1, 0, 0], [0.28, 0.3], [0.2, 0.2])
    second = ShellPatch.about(np.zeros(3), [0, 1, 0], [0.28, 0.3], [0.2, 0.2])
    assert intersect_regions([first, second]).is_empty()
    with pytest.raises(SetError, match="at least one"):
        intersect_regions([])
