"""The fingers hold the cloth by friction: the last, passive line of safety."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from elbowroom.sim.cloth.sleeve import PAD
from sim.makers import EXACT, GARMENT, PERSON, make_scene, pull_straight

STIFF = replace(PERSON, stiffness=tuple(2.0 * k for k in PERSON.stiffness))


def test_no_pull_exceeds_what_the_fingers_hold() -> None:
    """A robot that gives way to nothing pulls a tight sleeve over a bent elbow."""
    params = replace(EXACT, grip_hold=8.0)
    garment = replace(GARMENT, radius=0.06)
    with make_scene(params, person=STIFF, garment=garment, flexion=1.5) as scene:
        forces: list[float] = []
        pull_straight(
            scene,
            4.0,
            watch=lambda _, truth: forces.append(float(np.linalg.norm(truth.force))),
            limit=40.0,
            compliance=0.0,
        )
        assert scene.slip > PAD
    assert 7.9 < max(forces) <= 8.0 + 1e-6
    # Once the cloth has left the fingers nothing pulls at all.
    assert forces[-1] == 0.0


def test_an_easy_pull_does_not_slip() -> None:
    with make_scene(EXACT) as scene:
        pull_straight(scene, 1.0)
        assert scene.slip == 0.0
