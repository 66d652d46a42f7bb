from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.sim import SimulationError
from elbowroom.sim.person.reference import make_reference
from sim.makers import PERSON, hold_out

PERIOD = 1 / 240


@pytest.mark.parametrize("flexion", [0.5, 1.5])
def test_reference_reproduces_the_joint_centres(flexion: float) -> None:
    motion = hold_out(flexion=flexion, sway=0.3)
    reference = make_reference(PERSON, motion, 480, PERIOD)
    _, elbow, wrist = motion.interpolate(PERIOD * np.arange(480))
    frames, bend = reference.upper, reference.flexion[:, None]
    along, across = frames[:, :, 0], frames[:, :, 1]
    seen = reference.shoulder + PERSON.upper_arm * along
    np.testing.assert_allclose(seen, elbow, atol=1e-9)
    seen = seen + PERSON.forearm * (np.cos(bend) * along + np.sin(bend) * across)
    # Carrying the axis near a straight arm costs a little where the arm is bent.
    np.testing.assert_allclose(seen, wrist, atol=2e-3)
    identity = np.einsum("tij,tik->tjk", frames, frames)
    np.testing.assert_allclose(identity, np.tile(np.eye(3), (480, 1, 1)), atol=1e-9)


def test_rates_are_derivatives() -> None:
    reference = make_reference(PERSON, hold_out(flexion=0.8, sway=0.3), 480, PERIOD)
    along = reference.upper[:, :, 0]
    moved = np.gradient(along, PERIOD, axis=0)
    np.testing.assert_allclose(np.cross(reference.upper_rate, along), moved, atol=1e-3)


def test_a_straight_arm_has_a_reference() -> None:
    reference = make_reference(PERSON, hold_out(flexion=0.0, sway=0.3), 480, PERIOD)
    assert np.isfinite(reference.upper).all()
    assert np.abs(reference.flexion).max() < 1e-6
    assert np.abs(reference.upper_rate).max() < 5.0


def test_a_motion_of_another_person_is_refused() -> None:
    with pytest.raises(SimulationError, match=r"forearm is 0\.2600 m .* 0\.2400 m"):
        make_reference(PERSON, hold_out(replace(PERSON, forearm=0.24)), 10, PERIOD)
