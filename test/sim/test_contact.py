from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.sim.cloth.contact import SOFT, add_contact, find_near
from elbowroom.sim.cloth.sleeve import quads

NO_FACES = np.zeros((0, 4), dtype=np.int64)
STILL = np.zeros((1, 6))
DT = 1 / 2880
TICK = 12 * DT
LAW = np.array([400.0, 0.4, 200.0, 0.1, 0.3])
CAPSULE = np.array([[-0.05, 0.0, 0.0, 0.05, 0.0, 0.0, 0.03, 0.05]])


def touch(
    x: np.ndarray, v: np.ndarray, faces: np.ndarray, capsules: np.ndarray = CAPSULE
) -> tuple[np.ndarray, np.ndarray]:
    """Force on the nodes and reaction on the capsule."""
    count = len(x) + len(faces)
    force, reaction, tangent = np.zeros_like(x), np.zeros((1, 6)), np.zeros((1, count, 3))
    near, counts = np.zeros((1, count), dtype=np.int64), np.zeros(1, dtype=np.int64)
    find_near(x, v, faces, capsules, STILL, TICK, tangent, near, counts)
    add_contact(x, v, faces, capsules, STILL, near, counts, tangent, LAW, DT, force, reaction)
    return force, reaction


@given(st.integers(0, 10**6))
def test_contact_reaction_is_opposite_and_pushes_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-0.08, 0.08, (40, 3))
    v = 0.1 * rng.normal(size=(40, 3))
    force, reaction = touch(x, v, quads(5, 8))
    np.testing.assert_allclose(reaction[0, :3], -force.sum(axis=0), atol=1e-9)
    np.testing.assert_allclose(reaction[0, 3:], -np.cross(x, force).sum(axis=0), atol=1e-9)
    force, _ = touch(x, v, NO_FACES)
    share = np.clip((x[:, 0] + 0.05) / 0.1, 0.0, 1.0)
    centre = np.stack([-0.05 + 0.1 * share, 0 * share, 0 * share], axis=1)
    gap = np.linalg.norm(x - centre, axis=1)
    outside = gap > 0.03 + 0.02 * share
    assert np.all(force[outside] == 0)
    push = np.sum(force * (x - centre), axis=1) / gap
    assert np.all(push >= -1e-12)
    across = np.linalg.norm(force - push[:, None] * (x - centre) / gap[:, None], axis=1)
    assert np.all(across <= 0.3 * push + 1e-9)


def test_a_limb_between_the_nodes_is_pushed_back() -> None:
    """A square of 8 cm whose corners all miss the limb that pokes its middle."""
    corners = 0.04 * np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], dtype=float)
    finger = np.array([[0.0, 0.0, -0.2, 0.0, 0.0, -0.01, 0.025, 0.025]])
    alone, _ = touch(corners, 0 * corners, NO_FACES, finger)
    assert np.all(alone == 0)
    force, reaction = touch(corners, 0 * corners, np.array([[0, 1, 2, 3]]), finger)
    assert reaction[0, 2] < 0
    np.testing.assert_allclose(force[:, 2], 400.0 * 0.015 * (1 + (0.015 / SOFT) ** 2) / 4)


@given(st.integers(0, 10**6))
def test_no_point_arrives_unwatched(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(-0.15, 0.15, (60, 3))
    speeds = rng.normal(size=(60, 3))
    motion = rng.normal(size=(1, 6))
    tangent = rng.normal(size=(1, 60, 3))
    near, counts = np.zeros((1, 60), dtype=np.int64), np.zeros(1, dtype=np.int64)
    find_near(points, speeds, NO_FACES, CAPSULE, motion, TICK, tangent, near, counts)
    watched = np.isin(np.arange(60), near[0, : counts[0]])
    for share in np.linspace(0.0, 1.0, 13):
        ends = CAPSULE.copy()
        ends[:, :6] += share * TICK * motion
        later = points + share * TICK * speeds
        way = ends[0, 3:6] - ends[0, :3]
        t = np.clip((later - ends[0, :3]) @ way / (way @ way), 0.0, 1.0)
        gap = np.linalg.norm(later - ends[0, :3] - t[:, None] * way, axis=1)
        assert np.all(watched[gap < 0.03 + 0.02 * t])
    assert np.all(tangent[0, ~watched] == 0)
    assert np.all(tangent[0, watched] != 0)
