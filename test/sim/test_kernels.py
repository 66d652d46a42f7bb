from __future__ import annotations

import numpy as np

from elbowroom.sim.cloth import kernels

FLOOR = np.array([[-1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.05, 0.05]])
STILL = np.zeros((1, 6))
MASS, DT = 1e-3, 1 / 2880
NO_FACES = np.zeros((0, 4), dtype=np.int64)
NO_SPRINGS = (np.zeros((0, 2), dtype=np.int64), np.zeros((0, 3)), np.zeros((9, 1, 5)))
CLOTH = np.array([MASS, 0.0, 0.003, 9.81])


def law(friction: float) -> np.ndarray:
    return np.array([400.0, 0.4, 200.0, 0.1, friction])


def slide(push: float, friction: float, ticks: int = 240) -> float:
    """How far a node on a level limb goes along it under a push, in shares of its weight."""
    x, v = np.array([[0.0, 0.0, 0.05]]), np.zeros((1, 3))
    tangent = np.zeros((1, 1, 3))
    held = np.array([0])
    # A grip spring far away with a target that moves along is a constant force.
    grip = np.array([1e-6, 0.0, np.inf])
    for _ in range(ticks):
        target = x + np.array([[push * MASS * 9.81 / 1e-6, 0.0, 0.0]])
        kernels.advance(
            x,
            v,
            tangent,
            NO_SPRINGS,
            NO_FACES,
            CLOTH,
            grip,
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


def grip_at(target: np.ndarray, hold: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Force on the node at the origin, pull on the gripper, and slip."""
    force, pull, slip = np.zeros((1, 3)), np.zeros(6), np.zeros(3)
    grip = np.array([300.0, 0.5, hold])
    x, still, held = np.zeros((1, 3)), np.zeros((1, 3)), np.array([0])
    kernels.add_grip(x, still, held, target, still, grip, force, pull, slip)
    return force[0], pull, slip


def test_grip_pulls_both_ways() -> None:
    target = np.array([[0.01, 0.0, 0.5]])
    force, pull, slip = grip_at(target.copy(), np.inf)
    np.testing.assert_allclose(force, 300.0 * target[0])
    np.testing.assert_allclose(pull[:3], -force)
    np.testing.assert_allclose(pull[3:], np.cross(target[0], -force), atol=1e-12)
    assert not slip.any()


def test_grip_slips_above_what_friction_holds() -> None:
    target = np.array([[0.03, 0.0, 0.04]])
    moved = target.copy()
    force, pull, slip = grip_at(moved, 11.0)
    np.testing.assert_allclose(force, 11.0 * target[0] / 0.05)
    np.testing.assert_allclose(pull[:3], -force)
    np.testing.assert_allclose(moved[0], target[0] + slip)
    # After the slip the spring bears just what the fingers hold.
    np.testing.assert_allclose(300.0 * moved[0], force)
    assert not grip_at(moved, 11.0 + 1e-9)[2].any()
