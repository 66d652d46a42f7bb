from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.core import ArmMeasurement, Status
from elbowroom.estimation.guard import GuardState
from elbowroom.estimation.prior import KinematicPrior, ball_pair_bounds, box_between

ARM = ArmMeasurement(0.29, 0.25)
SHOULDER = np.array([0.1, -0.2, 1.0])


def seen(**parts) -> GuardState:
    given = {"stamp": 1.0, "shoulder": SHOULDER, "shoulder_stamp": 1.0}
    return GuardState(**(given | parts))


def test_every_elbow_on_the_sphere_is_inside():
    box = KinematicPrior().box(ARM, seen())
    away = np.random.default_rng(0).normal(size=(500, 3))
    away *= (ARM.upper_arm + 0.02) / np.linalg.norm(away, axis=1, keepdims=True)
    assert all(box.contains(SHOULDER + a) for a in away)
    assert box.size.max() < 2 * (ARM.upper_arm + 0.04)


def test_wrist_makes_it_smaller_and_keeps_the_elbow():
    rng = np.random.default_rng(1)
    for _ in range(50):
        upper, fore = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
        elbow = SHOULDER + ARM.upper_arm * upper
        state = seen(wrist=elbow + ARM.forearm * fore, wrist_stamp=1.0)
        box, wide = KinematicPrior().box(ARM, state), KinematicPrior().box(ARM, seen())
        assert box.contains(elbow)
        assert box.volume < wide.volume


def test_box_grows_while_the_shoulder_is_unseen():
    prior = KinematicPrior()
    fresh, old = prior.box(ARM, seen()), prior.box(ARM, seen(stamp=1.4))
    np.testing.assert_allclose(old.size - fresh.size, 2 * 0.4 * prior.settings.joint_speed)


@pytest.mark.parametrize(
    ("state", "status", "word"),
    [
        (seen(), Status.PRIOR, "because"),
        (seen(stamp=2.0), Status.VOID, "lost"),
        (GuardState(), Status.VOID, "no shoulder"),
    ],
)
def test_estimate_says_what_it_is(state, status, word):
    estimate = KinematicPrior().estimate(ARM, state, "because")
    assert estimate.status is status
    assert word in estimate.reason
    assert estimate.box.is_finite()
    assert np.isfinite(estimate.stamp)


radii = st.floats(0.05, 0.6)


@given(radii, radii, st.floats(0.0, 1.0), st.integers(0, 10**6))
def test_ball_pair_bounds_hold_the_intersection_and_touch_it(r, q, share, seed):
    rng = np.random.default_rng(seed)
    away = rng.normal(size=3)
    second = share * (r + q) * 0.999 * away / np.linalg.norm(away)
    low, high = ball_pair_bounds(np.zeros(3), r, second, q)
    points = rng.uniform(-r, r, (4000, 3))
    inside = (np.linalg.norm(points, axis=1) <= r) & (np.linalg.norm(points - second, axis=1) <= q)
    members = points[inside]
    assert np.all(members >= low - 1e-9)
    assert np.all(members <= high + 1e-9)
    if len(members) > 2000:
        assert np.all(members.max(axis=0) > high - 0.35 * (high - low))


def test_balls_that_do_not_meet_leave_the_first():
    low, high = ball_pair_bounds(np.zeros(3), 0.3, np.array([1.0, 0, 0]), 0.2)
    np.testing.assert_array_equal((low, high), (np.full(3, -0.3), np.full(3, 0.3)))


def test_box_between_holds_both_corners():
    rng = np.random.default_rng(2)
    for low, high in np.sort(rng.normal(size=(100, 2, 3)), axis=1):
        box = box_between(low, high)
        assert box.contains(low)
        assert box.contains(high)
