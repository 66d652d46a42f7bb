from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.sim import kernels

FLOOR = np.array([[-1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.05, 0.05]])
STILL = np.zeros((1, 6))
MASS, DT = 1e-3, 1 / 2880
NO_SPRINGS = (np.zeros((0, 2), dtype=np.int64), np.zeros((0, 3)), np.zeros((9, 1, 5)))
CLOTH = np.array([MASS, 0.0, 0.003, 9.81, 300.0, 0.5])


def law(friction: float) -> np.ndarray:
    return np.array([400.0, 0.4, 200.0, 0.1, friction])


def slide(push: float, friction: float, ticks: int = 240) -> float:
    """How far a node on a level limb goes along it under a push, in shares of its weight."""
    x, v = np.array([[0.0, 0.0, 0.05]]), np.zeros((1, 3))
    tangent = np.zeros((1, 1, 3))
    held = np.array([0])
    # A grip spring far away with a target that moves along is a constant force.
    cloth = CLOTH.copy()
    cloth[4:] = 1e-6, 0.0
    for _ in range(ticks):
        target = x + np.array([[push * MASS * 9.81 / 1e-6, 0.0, 0.0]])
        kernels.advance(
            x,
            v,
            tangent,
            NO_SPRINGS,
            cloth,
            law(friction),
            FLOOR,
            STILL,
            held,
            target,
            np.zeros((1, 3)),
            12,
            DT,
        )
    return float(x[0, 0])


def test_friction_sticks_below_the_cone_without_creep() -> None:
    second, third = slide(0.25, 0.3, 480), slide(0.25, 0.3, 720)
    assert 0 < second < 1e-4
    assert abs(third - second) < 1e-7


def test_friction_slides_beyond_the_cone() -> None:
    assert slide(0.35, 0.3) > 0.05
    assert slide(0.35, 0.5) < 1e-4


@given(st.integers(0, 10**6))
def test_contact_reaction_is_opposite_and_pushes_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-0.08, 0.08, (40, 3))
    v = 0.1 * rng.normal(size=(40, 3))
    tangent, force = np.zeros((1, 40, 3)), np.zeros((40, 3))
    reaction = np.zeros((1, 6))
    capsule = np.array([[-0.05, 0.0, 0.0, 0.05, 0.0, 0.0, 0.03, 0.05]])
    kernels.add_contact(x, v, capsule, STILL, tangent, law(0.3), DT, force, reaction)
    np.testing.assert_allclose(reaction[0, :3], -force.sum(axis=0), atol=1e-9)
    np.testing.assert_allclose(reaction[0, 3:], -np.cross(x, force).sum(axis=0), atol=1e-9)
    share = np.clip((x[:, 0] + 0.05) / 0.1, 0.0, 1.0)
    centre = np.stack([-0.05 + 0.1 * share, 0 * share, 0 * share], axis=1)
    gap = np.linalg.norm(x - centre, axis=1)
    outside = gap > 0.03 + 0.02 * share
    assert np.all(force[outside] == 0)
    push = np.sum(force * (x - centre), axis=1) / gap
    assert np.all(push >= -1e-12)
    across = np.linalg.norm(force - push[:, None] * (x - centre) / gap[:, None], axis=1)
    assert np.all(across <= 0.3 * push + 1e-9)


def test_grip_pulls_both_ways() -> None:
    x, v = np.array([[0.0, 0.0, 0.0]]), np.zeros((1, 3))
    force, pull = np.zeros((1, 3)), np.zeros(6)
    target = np.array([[0.01, 0.0, 0.5]])
    kernels.add_grip(x, v, np.array([0]), target, 0 * target, 300.0, 0.5, force, pull)
    np.testing.assert_allclose(force[0], 300.0 * target[0])
    np.testing.assert_allclose(pull[:3], -force[0])
    np.testing.assert_allclose(pull[3:], np.cross(target[0], -force[0]), atol=1e-12)
