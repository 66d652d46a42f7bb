from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from elbowroom.sets import OrientedBox, SetError
from sets.strategies import boxes, rotation, seeds


@given(boxes(), seeds)
def test_verbs_keep_members(box, seed):
    rng = np.random.default_rng(seed)
    x, y = box.sample(rng, 20), rng.normal(size=3)
    assert box.hull().contains(x).all()
    assert (box.support(np.eye(3)) >= x).all()
    assert box.linear_map(rotation(rng)).dim == 3
    assert box.translate(y).hull().contains(x + y).all()
    assert box.enclose_in(rotation(rng)).contains(x).all()
    assert box.enclose_in(np.eye(3)).half == pytest.approx(0.5 * box.hull().size, rel=1e-9)
    h = rng.normal(size=3)
    assert box.intersect_halfspace(h, h @ x[0]).hull().contains(x[0])


@given(boxes(), seeds)
def test_a_skewed_orientation_cuts_nothing(box, seed):
    """The zonotope's test of membership has no margin for a rotation that is not exact."""
    rng = np.random.default_rng(seed)
    skewed = rotation(rng) @ (np.eye(3) + 3e-7 * rng.choice([-1.0, 1.0], size=(3, 3)))
    assert box.enclose_in(skewed).zonotope().contains(box.corners()).all()


@given(boxes(), seeds)
def test_points_outside_are_refused(box, seed):
    k = np.random.default_rng(seed).integers(3)
    beyond = box.center + box.rotation[:, k] * (box.half[k] * 1.001 + 1e-6 * (1 + box.half.max()))
    assert not box.contains(beyond)


@given(boxes(), boxes(), seeds)
def test_boxes_with_a_common_point_meet(first, second, seed):
    rng = np.random.default_rng(seed)
    x, y = first.sample(rng, 1)[0], second.sample(rng, 1)[0]
    moved = OrientedBox(second.center + x - y, second.half, second.rotation)
    assert first.intersects(moved)
    assert moved.intersects(first)


@given(boxes(), boxes(), seeds)
def test_boxes_apart_do_not_meet(first, second, seed):
    d = np.random.default_rng(seed).normal(size=3)
    d /= np.linalg.norm(d)
    reach = np.linalg.norm(first.half) + np.linalg.norm(second.half)
    away = first.center + d * (1.001 * reach + 1e-6)
    assert not first.intersects(OrientedBox(away, second.half, second.rotation))


def test_edges_that_cross_are_told_apart():
    """Two thin bars whose nearest features are edges: only a cross product separates them."""
    bar = OrientedBox(np.zeros(3), [1.0, 0.1, 0.1], np.eye(3))
    c, s = np.cos(0.7), np.sin(0.7)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]) @ np.array(
        [[1, 0, 0], [0, c, -s], [0, s, c]]
    )
    height = 0.1 + np.abs(turn[2]) @ [1.0, 0.1, 0.1]
    assert not bar.intersects(OrientedBox([0, 0, height + 1e-9], [1.0, 0.1, 0.1], turn))
    assert bar.intersects(OrientedBox([0, 0, height - 1e-9], [1.0, 0.1, 0.1], turn))


def test_batch():
    rng = np.random.default_rng(0)
    R = np.stack([rotation(rng) for _ in range(4)])
    many = OrientedBox(rng.normal(size=(4, 3)), rng.uniform(size=(4, 3)), R)
    assert many.corners().shape == (4, 8, 3)
    assert many.volume().shape == (4,)
    assert many.contains(many.center).all()
    assert many.hull().low.shape == (4, 3)


@pytest.mark.parametrize(
    ("half", "turn", "message"),
    [
        ([1, 1, -1], np.eye(3), "must not be negative"),
        ([1, 1], np.eye(3), "does not fit center"),
        ([1, 1, 1], 1.1 * np.eye(3), "not orthonormal"),
        ([1, 1, np.inf], np.eye(3), "must be finite"),
    ],
)
def test_bad_boxes_are_refused(half, turn, message):
    with pytest.raises(SetError, match=message):
        OrientedBox(np.zeros(3), half, turn)


def test_intersects_is_for_space():
    flat = OrientedBox(np.zeros(2), np.ones(2), np.eye(2))
    with pytest.raises(SetError, match="three dimensions"):
        flat.intersects(flat)
