from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from elbowroom.sets import SetError, ShellPatch
from elbowroom.sets.intersection import patch_planes
from sets.strategies import patches, rotation, seeds


@given(patches(), seeds)
def test_views_hold_every_member(patch, seed):
    rng = np.random.default_rng(seed)
    x = patch.sample(rng, 200)
    D = rng.normal(size=(6, 3))
    assert patch.contains(x).all()
    assert patch.enclosing_box().contains(x).all()
    assert patch.hull().contains(x).all()
    assert (patch.support(D) >= (x @ D.T).max(axis=0) - 1e-12).all()
    assert patch.zonotope().hull().contains(x).all()
    assert patch.linear_map(D).hull().contains(x @ D.T).all()
    normals, values = patch_planes(patch)
    assert (x @ normals.T <= values + 1e-12).all()
    grown = patch.grow()
    assert grown.contains(x).all()
    assert grown.ball == 0


@given(patches(uncertain=False))
@settings(max_examples=40)
def test_enclosing_box_is_the_least_along_its_axes(patch):
    """Points of the patch on the six faces: the pole, the far corner, the widest of each side."""
    r0, r1 = patch.radii
    a, b = np.minimum(patch.widths, np.pi / 2)
    far = patch.widths if not patch.ellipse else patch.widths * (patch.widths == patch.widths.max())
    angle = np.linalg.norm(far)
    low = min(r0 * np.cos(angle), r1 * np.cos(angle))
    box = patch.enclosing_box()
    reach = patch.frame.T @ (box.center - patch.center)
    assert reach[0] + box.half[0] == pytest.approx(r1, abs=1e-9)
    assert reach[0] - box.half[0] == pytest.approx(low, abs=1e-9)
    assert box.half[1:] == pytest.approx(r1 * np.sin([a, b]), abs=1e-9)


def test_sagitta():
    """A cap of 30 degrees on a sphere of 0.3 m is 0.3 (1 - cos 30) = 0.0402 m deep."""
    cap = ShellPatch.about(np.zeros(3), [0, 0, 1], [0.3, 0.3], np.radians([30, 30]), ellipse=True)
    assert cap.enclosing_box().size[0] == pytest.approx(0.3 * (1 - np.cos(np.pi / 6)))


@given(patches(uncertain=False), seeds)
@settings(max_examples=25)
def test_support_is_close_to_dense_sampling(patch, seed):
    rng = np.random.default_rng(seed)
    x, D = patch.sample(rng, 40_000), rng.normal(size=(4, 3))
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    gap = patch.support(D) - (x @ D.T).max(axis=0)
    assert (gap <= 0.06 * patch.radii[1] * max(0.1, patch.widths.max())).all()


@given(patches(uncertain=False), seeds)
@settings(max_examples=15)
def test_volume_against_monte_carlo(patch, seed):
    box = patch.enclosing_box()
    inside = patch.contains(box.sample(np.random.default_rng(seed), 20_000))
    share = inside.mean()
    deviation = np.sqrt(max(share, 1e-3) * (1 - share) / 20_000) * box.volume()
    # contains() takes the boundary in: a thin shell counts its tolerance of 1e-9 (1 + r1).
    rim = 4e-9 * (4 * np.pi * patch.radii[1] ** 2 + 1)
    assert patch.volume() == pytest.approx(share * box.volume(), abs=5 * deviation + rim)


def test_whole_sphere_and_half_sphere():
    ball = ShellPatch.about([1, 2, 3], [1, 0, 0], [0.0, 0.5], [np.pi, np.pi], ellipse=True)
    assert ball.volume() == pytest.approx(4 / 3 * np.pi * 0.125)
    assert ball.contains([0.51, 2, 3])
    assert not ball.contains([0.49, 2, 3])
    assert ball.hull().low == pytest.approx([0.5, 1.5, 2.5])
    half = ShellPatch.about(
        np.zeros(3), [1, 0, 0], [0.4, 0.5], [np.pi / 2, np.pi / 2], ellipse=True
    )
    assert half.volume() == pytest.approx(2 / 3 * np.pi * (0.125 - 0.064))
    assert not half.contains([-0.45, 0, 0])


def test_uncertain_centre_larger_than_the_radius_holds_a_ball():
    patch = ShellPatch.about(np.zeros(3), [1, 0, 0], [0.05, 0.1], [0.1, 0.1], ball=0.06)
    assert patch.contains([-0.01, 0.0, 0.0])
    assert patch.volume() == pytest.approx(4 / 3 * np.pi * 0.16**3)


def test_batch_equals_one_by_one():
    rng = np.random.default_rng(3)
    d = np.stack([rotation(rng)[:, 0] for _ in range(5)])
    many = ShellPatch.about(rng.normal(size=(5, 3)), d, [0.2, 0.3], [0.4, 0.2], ball=0.01)
    box, hull = many.enclosing_box(), many.hull()
    points = box.sample(rng, 1)[:, 0]
    for k in range(5):
        one = ShellPatch.about(many.center[k], d[k], [0.2, 0.3], [0.4, 0.2], ball=0.01)
        assert one.enclosing_box().half == pytest.approx(box.half[k], rel=1e-12)
        assert one.hull().low == pytest.approx(hull.low[k], rel=1e-12)
        assert one.volume() == pytest.approx(many.volume()[k], rel=1e-12)
        assert one.contains(points[k]) == many.contains(points)[k]


def test_coordinates_are_radius_and_log_map():
    patch = ShellPatch.about([1, 0, 0], [0, 0, 1], [0.2, 0.3], [0.5, 0.5], tangent=[1, 0, 0])
    radius, u = patch.coordinates([1 + 0.25 * np.sin(0.4), 0, 0.25 * np.cos(0.4)])
    assert radius == pytest.approx(0.25)
    assert u == pytest.approx([0.4, 0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"direction": [1, 1, 0]}, "unit length"),
        ({"radii": [0.3, 0.2]}, "r0 <= r1"),
        ({"radii": [-0.1, 0.2]}, "must not be negative"),
        ({"widths": [3.0, 3.0]}, "widths exceed pi"),
        ({"widths": [np.nan, 0.1]}, "must be finite"),
        ({"tangent": [1, 0, 0]}, "along the direction"),
        ({"ball": -0.1}, "must not be negative"),
    ],
)
def test_bad_patches_are_refused(change, message):
    given = {"center": [0, 0, 0], "direction": [1, 0, 0], "radii": [0.2, 0.3], "widths": [0.1, 0.1]}
    with pytest.raises(SetError, match=message):
        ShellPatch.about(**given | change)
