"""No limb gets out through the wall of the sleeve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import Truth
from sim.makers import EXACT, GARMENT, PERSON, make_scene, pull_straight


@pytest.mark.parametrize("radius", [0.060, 0.070])
def test_a_hard_pull_on_a_bent_arm_does_not_tear_through_the_wall(radius: float) -> None:
    """Five seconds of up to 40 N against an elbow that a stiff person keeps bent by 1.5 rad."""
    person = replace(
        PERSON,
        stiffness=tuple(2.0 * k for k in PERSON.stiffness),
        damping=tuple(1.5 * d for d in PERSON.damping),
    )
    garment = replace(GARMENT, radius=radius)
    firm = replace(EXACT, grip_hold=1e6)
    with make_scene(firm, person=person, garment=garment, flexion=1.5) as scene:
        truths: list[Truth] = []
        pull_straight(
            scene, 5.0, watch=lambda _, truth: truths.append(truth), limit=40.0, compliance=0.0
        )
    assert all(t.threaded for t in truths)
    assert max(np.linalg.norm(t.force) for t in truths) > 25.0
    assert min(t.flexion for t in truths) > 1.2
