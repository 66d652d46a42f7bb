"""Volumes and vertices against Monte Carlo, Qhull and each other."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.spatial import ConvexHull

from elbowroom.sets import ConstrainedZonotope, Interval, Zonotope
from elbowroom.sets.volume import polygon_area
from sets.oracles import same_points
from sets.strategies import boxes, constrained_zonotopes, seeds, zonotopes


@given(zonotopes(dim=3, most=7))
@settings(max_examples=25)
def test_zonotope_volume_is_that_of_the_hull_of_its_corners(Z):
    signs = np.array(list(product([-1, 1], repeat=Z.generators.shape[1])))
    size = np.abs(Z.generators).max()
    if np.linalg.matrix_rank(Z.generators / (size or 1.0), tol=1e-4) < 3:
        assert Z.volume() <= 1e-2 * max(size, 1e-300) ** 3
        return
    corners = ConvexHull(signs @ Z.generators.T)
    assert Z.volume() == pytest.approx(corners.volume, rel=1e-6)


@given(zonotopes(dim=2, most=8))
@settings(max_examples=30)
def test_plane_vertices_span_the_same_area(Z):
    corners = Z.vertices()
    assert polygon_area(corners) == pytest.approx(Z.volume(), rel=1e-9, abs=1e-12)
    D = np.random.default_rng(0).normal(size=(6, 2))
    reach = np.abs(Z.support(D)).max() + np.abs(Z.generators).sum()
    assert (corners @ D.T).max(axis=0) == pytest.approx(Z.support(D), abs=1e-9 * reach)


@given(constrained_zonotopes(dim=2))
@settings(max_examples=20)
def test_vertices_of_a_constrained_zonotope_carry_every_support(made):
    cz, _ = made
    corners = cz.vertices()
    D = np.random.default_rng(1).normal(size=(12, 2))
    size = np.abs(cz.generators).sum()
    assert (corners @ D.T).max(axis=0) == pytest.approx(cz.support(D), abs=1e-7 * size)


def test_volume_against_monte_carlo():
    rng = np.random.default_rng(0)
    Z = Zonotope(rng.normal(size=3), rng.normal(size=(3, 6)))
    cut = Z.intersect_strip(rng.normal(size=(2, 3)), [0.0, 0.2], [1.0, 1.5])
    hull = cut.hull()
    share = cut.contains(hull.sample(rng, 20_000)).mean()
    deviation = np.sqrt(share * (1 - share) / 20_000)
    assert cut.volume() == pytest.approx(share * hull.volume(), abs=5 * deviation * hull.volume())


def test_cube_in_space_has_eight_corners():
    cube = Zonotope([1.0, 2.0, 3.0], np.eye(3))
    corners = np.array(list(product([-1, 1], repeat=3))) + [1.0, 2.0, 3.0]
    assert same_points(cube.vertices(), corners, 1e-9)
    assert ConstrainedZonotope(
        np.zeros(3), np.eye(3), np.zeros((0, 3)), np.zeros(0)
    ).volume() == pytest.approx(8)


def test_flat_and_one_dimensional_sets():
    segment = Zonotope([1.0, 1.0], [[1.0, 2.0], [2.0, 4.0]])
    assert segment.volume() == 0
    assert same_points(segment.vertices(), [[-2, -5], [4, 7]], 1e-12)
    line = Zonotope([1.0], [[2.0, 1.0]])
    assert same_points(line.vertices(), [[-2], [4]], 1e-9)
    assert Zonotope([0.0, 0.0], np.zeros((2, 0))).volume() == 0


def test_volume_beyond_three_dimensions_is_of_the_hull():
    rng = np.random.default_rng(2)
    Z = Zonotope(np.zeros(4), rng.normal(size=(4, 5)))
    cut = Z.intersect_strip(np.eye(4)[:1], 0.0, 0.5)
    assert cut.volume() == cut.hull().volume()
    assert cut.hull().size[0] == pytest.approx(1.0)


def test_too_many_generators_give_an_outer_volume(monkeypatch):
    Z = Zonotope(np.zeros(3), np.random.default_rng(2).normal(size=(3, 20)))
    exact = Z.volume()
    monkeypatch.setattr("elbowroom.sets.volume.MOST_DETERMINANTS", 100)
    assert exact < Z.volume() < Z.hull().volume()


@given(boxes(), seeds)
def test_box_volume_and_corners(box, seed):
    rng = np.random.default_rng(seed)
    assert box.volume() == pytest.approx(np.prod(box.size))
    assert box.zonotope().volume() == pytest.approx(box.volume(), rel=1e-9, abs=1e-300)
    assert box.contains(box.corners()).all()
    assert box.edge**3 == pytest.approx(box.volume())
    assert box.contains(box.sample(rng, 20)).all()


def test_interval_volume():
    assert Interval([[0, 0], [1, 1]], [[1, 2], [4, 1]]).volume() == pytest.approx([2, 0])
