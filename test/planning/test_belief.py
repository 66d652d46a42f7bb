"""What is believed of the arm."""

from __future__ import annotations

import numpy as np
import pytest

from elbowroom.planning import PlannerParams
from elbowroom.planning.state import Inputs
from elbowroom.planning.way.belief import ArmBelief, believe, drift_of, forget_motion, revise

PARAMS = PlannerParams()
SHOULDER = np.array([0.0, 0.0, 1.0])
ELBOW = np.array([0.0, 0.0, 0.7])
CUFF = np.array([0.3, 0.0, 0.7])


def follow(steps: int, velocity: np.ndarray) -> ArmBelief:
    inputs = Inputs(now=0.0, shoulder=SHOULDER)
    belief = believe(inputs, ELBOW, CUFF)
    for k in range(1, steps + 1):
        now = Inputs(now=k / 240, shoulder=SHOULDER)
        belief = revise(belief, now, ELBOW + velocity * k / 240, CUFF, True, PARAMS)
    return belief


def test_at_first_the_forearm_points_to_the_cuff() -> None:
    np.testing.assert_allclose(follow(0, np.zeros(3)).forearm, [1.0, 0.0, 0.0])


def test_a_steady_elbow_velocity_is_found() -> None:
    velocity = np.array([0.1, -0.2, 0.05])
    belief = follow(240, velocity)
    np.testing.assert_allclose(belief.elbow_rate, velocity, atol=1e-3)
    np.testing.assert_allclose(belief.shoulder_rate, 0.0, atol=1e-12)


def test_the_drift_is_shared_and_capped() -> None:
    belief = follow(240, np.array([0.2, 0.0, 0.0]))
    half = drift_of(belief, 0.5, False, PARAMS)
    np.testing.assert_allclose(half, 0.5 * PARAMS.follow_share * belief.elbow_rate)
    fast = follow(240, np.array([2.0, 0.0, 0.0]))
    limit = np.linalg.norm(drift_of(fast, 1.0, True, PARAMS))
    assert limit == pytest.approx(PARAMS.follow_speed)


def test_a_seen_wrist_turns_the_forearm() -> None:
    belief = follow(1, np.zeros(3))
    wrist = ELBOW + np.array([0.0, 0.26, 0.0])
    for k in range(2, 400):
        now = Inputs(now=k / 240, shoulder=SHOULDER, wrist=wrist, wrist_stamp=k / 240)
        belief = revise(belief, now, ELBOW, CUFF, True, PARAMS)
    np.testing.assert_allclose(belief.forearm, [0.0, 1.0, 0.0], atol=1e-3)


def test_past_the_elbow_the_cuff_says_nothing_of_the_forearm() -> None:
    belief = follow(1, np.zeros(3))
    now = Inputs(now=1.0, shoulder=SHOULDER)
    after = revise(belief, now, ELBOW, SHOULDER, False, PARAMS)
    np.testing.assert_array_equal(after.forearm, belief.forearm)


def test_a_gap_is_no_velocity() -> None:
    belief = follow(240, np.array([0.2, 0.0, 0.0]))
    after = forget_motion(belief, Inputs(now=5.0, shoulder=SHOULDER), ELBOW)
    assert not after.elbow_rate.any()
    assert after.stamp == 5.0
