"""Joint limits of the shoulder: no direction that they allow is cut off, and they do cut."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.core import ArmMeasurement
from elbowroom.estimation.guard import GuardState
from elbowroom.estimation.joint_limits import TrunkParams, reach_factors
from elbowroom.estimation.prior import KinematicPrior, PriorSettings
from elbowroom.motion import draw_motion, draw_person

DIRECTIONS = np.random.default_rng(0).normal(size=(20000, 3))
DIRECTIONS /= np.linalg.norm(DIRECTIONS, axis=1, keepdims=True)


def allowed(u: np.ndarray, trunk: TrunkParams, turn: float = 0.0) -> np.ndarray:
    """Which directions a trunk turned by `turn` from its stated heading allows."""
    heading = trunk.heading + turn
    ahead = np.array([math.cos(heading), math.sin(heading), 0.0])
    left = np.array([-math.sin(heading), math.cos(heading), 0.0])
    medial = u @ left * (1.0 if trunk.side == "right" else -1.0)
    return (-(u @ ahead) <= math.sin(trunk.extension)) & (medial <= math.sin(trunk.adduction))


@given(
    st.floats(-3.2, 3.2),
    st.floats(0.0, 0.6),
    st.floats(-1.0, 1.0),
    st.sampled_from(("right", "left")),
)
def test_every_allowed_direction_is_kept(
    heading: float, error: float, share: float, side: str
) -> None:
    trunk = TrunkParams(trunk_known=True, heading=heading, heading_error=error, side=side)
    low, high = reach_factors(trunk)
    kept = DIRECTIONS[allowed(DIRECTIONS, trunk, share * error)]
    assert np.all(kept >= -low - 1e-9)
    assert np.all(kept <= high + 1e-9)


@given(st.floats(-3.2, 3.2))
def test_without_an_error_each_single_limit_is_reached(heading: float) -> None:
    for free in ({"extension": 1.57}, {"adduction": 1.57}):
        trunk = TrunkParams(trunk_known=True, heading=heading, heading_error=0.0, **free)
        low, high = reach_factors(trunk)
        kept = DIRECTIONS[allowed(DIRECTIONS, trunk)]
        np.testing.assert_allclose(-kept.min(axis=0), low, atol=0.02)
        np.testing.assert_allclose(kept.max(axis=0), high, atol=0.02)


def test_a_trunk_that_is_not_known_limits_nothing() -> None:
    np.testing.assert_array_equal(reach_factors(TrunkParams()), np.ones((2, 3)))


def test_the_prior_ends_at_the_limits() -> None:
    arm, shoulder = ArmMeasurement(0.29, 0.25), np.array([0.1, -0.2, 1.0])
    seen = GuardState(stamp=1.0, shoulder=shoulder, shoulder_stamp=1.0)
    trunk = PriorSettings(trunk_known=True, heading_error=0.2)
    box, free = KinematicPrior(trunk).box(arm, seen), KinematicPrior().box(arm, seen)
    assert box.volume < 0.95 * free.volume
    for u in DIRECTIONS[allowed(DIRECTIONS, trunk, 0.2)][:2000]:
        assert box.contains(shoulder + arm.upper_arm * u)


@pytest.mark.parametrize("side", ["right", "left"])
def test_people_who_move_stay_within_them(side: str) -> None:
    trunk = TrunkParams(trunk_known=True, side=side, heading_error=0.0)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        motion = draw_motion(rng, draw_person(rng, "somebody", side), 6.0)
        u = motion.elbow - motion.shoulder
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        # The whole movement is turned about the vertical by up to 0.3 rad.
        assert np.all(allowed(u, trunk, 0.3) | allowed(u, trunk, -0.3) | allowed(u, trunk))
