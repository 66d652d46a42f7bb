from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pybullet
import pybullet_data
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.sim.robot import panda

ORIGIN, LEVEL = np.zeros(3), np.eye(3)
FINGERS_LINK = 11


@pytest.fixture(scope="module")
def robot() -> Iterator[tuple[int, int]]:
    client = pybullet.connect(pybullet.DIRECT)
    path = os.path.join(pybullet_data.getDataPath(), "franka_panda", "panda.urdf")
    yield client, pybullet.loadURDF(path, useFixedBase=True, physicsClientId=client)
    pybullet.disconnect(client)


def draw_joints(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(panda.LOWER, panda.UPPER)


@pytest.mark.parametrize("seed", range(5))
def test_forward_agrees_with_pybullet(robot: tuple[int, int], seed: int) -> None:
    client, body = robot
    q = draw_joints(seed)
    for joint, angle in enumerate(q):
        pybullet.resetJointState(body, joint, angle, physicsClientId=client)
    state = pybullet.getLinkState(
        body, FINGERS_LINK, computeForwardKinematics=1, physicsClientId=client
    )
    position, rotation, _ = panda.forward(q, ORIGIN, LEVEL)
    np.testing.assert_allclose(position, state[4], atol=1e-6)
    wanted = np.reshape(pybullet.getMatrixFromQuaternion(state[5]), (3, 3))
    np.testing.assert_allclose(rotation, wanted, atol=1e-6)


@given(st.integers(0, 10**6))
def test_jacobian_is_the_derivative(seed: int) -> None:
    q, step = draw_joints(seed), 1e-6
    position, rotation, jacobian = panda.forward(q, ORIGIN, LEVEL)
    for joint in range(panda.JOINTS):
        moved = q.copy()
        moved[joint] += step
        there, turned, _ = panda.forward(moved, ORIGIN, LEVEL)
        np.testing.assert_allclose((there - position) / step, jacobian[:3, joint], atol=1e-5)
        spin = (turned - rotation) @ rotation.T / step
        seen = np.array([spin[2, 1], spin[0, 2], spin[1, 0]])
        np.testing.assert_allclose(seen, jacobian[3:, joint], atol=1e-5)


@given(st.integers(0, 10**6))
def test_reach_finds_a_pose_near_by(seed: int) -> None:
    rng = np.random.default_rng(seed)
    q = panda.REST + rng.uniform(-0.3, 0.3, panda.JOINTS)
    position, rotation, _ = panda.forward(q, ORIGIN, LEVEL)
    found, error = panda.reach(panda.REST, ORIGIN, LEVEL, position, rotation, 200)
    assert error < 1e-4
    assert np.all((found >= panda.LOWER) & (found <= panda.UPPER))
    there, _, _ = panda.forward(found, ORIGIN, LEVEL)
    np.testing.assert_allclose(there, position, atol=1e-4)


def test_reach_says_how_far_it_stays_away() -> None:
    _, rotation, _ = panda.forward(panda.REST, ORIGIN, LEVEL)
    far = np.array([2.0, 0.0, 0.5])
    found, error = panda.reach(panda.REST, ORIGIN, LEVEL, far, rotation, 200)
    there, _, _ = panda.forward(found, ORIGIN, LEVEL)
    assert error >= np.linalg.norm(far - there) - 1e-9 > 0.5


def test_a_step_keeps_to_the_speed_limit() -> None:
    position, rotation, _ = panda.forward(panda.REST, ORIGIN, LEVEL)
    limit = panda.SPEED / 240
    moved, _ = panda.follow(panda.REST, ORIGIN, LEVEL, position + 0.2, rotation, limit)
    assert np.all(np.abs(moved - panda.REST) <= limit * (1 + 1e-9))


@pytest.mark.parametrize("seed", range(8))
def test_other_joints_make_up_for_one_at_its_limit(seed: int) -> None:
    """Nearer to the wanted place than by slowing all joints down together."""
    rng = np.random.default_rng(seed)
    q = panda.REST + rng.uniform(-0.3, 0.3, panda.JOINTS)
    position, rotation, _ = panda.forward(q, ORIGIN, LEVEL)
    way = rng.normal(size=3)
    way *= 0.02 / np.linalg.norm(way)
    limit = panda.SPEED / 240
    moved, _ = panda.follow(q, ORIGIN, LEVEL, position + way, rotation, limit)
    free, _ = panda.follow(q, ORIGIN, LEVEL, position + way, rotation, 100 * limit)
    slowed = q + (free - q) / max(np.abs((free - q) / limit).max(), 1.0)
    assert np.all(np.abs(moved - q) <= limit * (1 + 1e-9))
    there, slow = (panda.forward(x, ORIGIN, LEVEL)[0] for x in (moved, slowed))
    assert (there - position) @ way > (slow - position) @ way
