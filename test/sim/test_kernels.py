from __future__ import annotations

import numpy as np

from elbowroom.sim import kernels

FLOOR = np.array([[-1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.05, 0.05]])
STILL = np.zeros((1, 6))
MASS, DT = 1e-3, 1 / 2880
NO_FACES = np.zeros((0, 4), dtype=np.int64)
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
            NO_FACES,
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


def test_grip_pulls_both_ways() -> None:
    x, v = np.array([[0.0, 0.0, 0.0]]), np.zeros((1, 3))
    force, pull = np.zeros((1, 3)), np.zeros(6)
    target = np.array([[0.01, 0.0, 0.5]])
    kernels.add_grip(x, v, np.array([0]), target, 0 * target, 300.0, 0.5, force, pull)
    np.testing.assert_allclose(force[0], 300.0 * target[0])
    np.testing.assert_allclose(pull[:3], -force[0])
    np.testing.assert_allclose(pull[3:], np.cross(target[0], -force[0]), atol=1e-12)
