from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pybullet
import pytest

from elbowroom.motion import Person
from elbowroom.sim.person.arm import Arm
from elbowroom.sim.person.reference import make_reference
from sim.makers import PERSON, hold_out

PERIOD = 1 / 240
Maker = Callable[..., Arm]


@pytest.fixture
def make_arm() -> Iterator[Maker]:
    client = pybullet.connect(pybullet.DIRECT)
    pybullet.setTimeStep(PERIOD, physicsClientId=client)
    pybullet.setGravity(0, 0, -9.81, physicsClientId=client)

    def make(person: Person = PERSON, flexion: float = 0.8, sway: float = 0.0) -> Arm:
        reference = make_reference(person, hold_out(person, flexion, sway), 961, PERIOD)
        arm = Arm(client, person, reference, PERIOD)
        arm.client = client  # type: ignore[attr-defined]
        return arm

    yield make
    pybullet.disconnect(client)


def run(arm: Arm, ticks: int, pull: np.ndarray | None = None) -> None:
    for tick in range(ticks):
        arm.drive(tick, np.zeros((3, 6)) if pull is None else pull)
        pybullet.stepSimulation(physicsClientId=arm.client)  # type: ignore[attr-defined]
        arm.read(tick)


def test_lengths_and_start(make_arm: Maker) -> None:
    arm = make_arm(flexion=0.8)
    lengths = np.linalg.norm(np.diff(arm.points, axis=0), axis=1)
    np.testing.assert_allclose(lengths, [0.29, 0.26, 0.09], atol=1e-6)
    motion = hold_out(flexion=0.8)
    np.testing.assert_allclose(arm.points[1], motion.elbow[0], atol=1e-5)
    np.testing.assert_allclose(arm.points[2], motion.wrist[0], atol=1e-3)
    assert arm.angles[0] == pytest.approx(0.8, abs=0.01)


def test_the_weight_is_carried(make_arm: Maker) -> None:
    arm = make_arm()
    before = arm.points.copy()
    run(arm, 240)
    np.testing.assert_allclose(arm.points, before, atol=1e-3)


def test_the_arm_follows_the_person(make_arm: Maker) -> None:
    arm = make_arm(sway=0.3)
    run(arm, 720)
    wanted = hold_out(flexion=0.8, sway=0.3).interpolate(719 * PERIOD)
    assert np.linalg.norm(arm.points[1] - wanted[1]) < 0.015
    assert np.linalg.norm(arm.points[2] - wanted[2]) < 0.03


def test_the_arm_yields_by_its_stiffness(make_arm: Maker) -> None:
    """A small force across the upper arm at the elbow turns it by F L / k."""
    arm = make_arm(flexion=0.0)
    axis, across = arm.frames[0, :, 0].copy(), arm.frames[0, :, 2].copy()
    elbow = arm.points[1].copy()
    pull = np.zeros((3, 6))
    pull[0, :3] = 3.0 * across
    pull[0, 3:] = np.cross(elbow, pull[0, :3])
    run(arm, 960, pull)
    moved = (arm.points[1] - elbow) @ across
    assert moved == pytest.approx(3.0 * PERSON.upper_arm**2 / 30.0, rel=0.1)
    assert (arm.points[1] - elbow) @ axis < 1e-3


@pytest.mark.parametrize("factor", [0.3, 4.0])
@pytest.mark.parametrize("flexion", [0.0, 1.5])
def test_soft_and_stiff_persons_stay_stable(make_arm: Maker, factor: float, flexion: float) -> None:
    person = replace(
        PERSON,
        stiffness=tuple(factor * k for k in PERSON.stiffness),
        damping=tuple(max(factor, 1.0) * d for d in PERSON.damping),
        upper_arm_radius=0.03,
        elbow_radius=0.025,
        wrist_radius=0.02,
    )
    arm = make_arm(person, flexion, 0.4)
    run(arm, 960)
    assert np.linalg.norm(arm.points[1] - hold_out(person, flexion, 0.4).interpolate(4.0)[1]) < 0.1
    assert -0.2 < arm.angles[0] - flexion < 0.2
    assert abs(arm.angles[1]) < 0.5
