"""Giving way: filter, slow-down, limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.planning import PlannerParams
from elbowroom.planning.safety.admittance import filter_force, give_way, ramp, slow_down
from elbowroom.planning.vectors import cap

PARAMS = PlannerParams()
NONE = np.zeros(3)
vectors = st.tuples(*[st.floats(-50, 50)] * 3).map(np.array)


@given(vectors, vectors, st.floats(1e-4, 0.1))
def test_two_short_filter_steps_are_one_long(old: np.ndarray, new: np.ndarray, dt: float) -> None:
    once = filter_force(old, new, 2 * dt, 6.0)
    twice = filter_force(filter_force(old, new, dt, 6.0), new, dt, 6.0)
    np.testing.assert_allclose(once, twice, atol=1e-9)


@given(vectors)
def test_giving_way_goes_with_the_force_and_is_bounded(force: np.ndarray) -> None:
    velocity = give_way(force, force, NONE, PARAMS)
    assert velocity @ force >= 0.0
    assert np.linalg.norm(velocity) <= PARAMS.yield_speed + 1e-12


def test_giving_way_is_force_over_damping_below_the_threshold() -> None:
    force = np.array([0.0, 3.0, 4.0])
    np.testing.assert_allclose(give_way(force, force, NONE, PARAMS), force / PARAMS.damping)


def test_excess_force_meets_the_soft_damping() -> None:
    force = np.array([8.0, 0.0, 0.0])
    excess = 8.0 - PARAMS.yield_force
    expected = 8.0 / PARAMS.damping + excess / PARAMS.yield_damping
    assert give_way(force, force, NONE, PARAMS)[0] == pytest.approx(expected)


def test_across_the_way_the_quick_force_meets_the_soft_damping() -> None:
    force, quick, along = np.array([2.0, 0.0, 0.0]), np.array([1.0, 3.0, 0.0]), np.eye(3)[0]
    expected = [2.0 / PARAMS.damping, 3.0 / PARAMS.damping_across, 0.0]
    np.testing.assert_allclose(give_way(force, quick, NONE, PARAMS, along), expected)


@given(st.floats(0.0, 30.0), st.floats(0.0, 5.0))
def test_more_force_never_means_more_speed(force: float, more: float) -> None:
    pull = np.array([-1.0, 0.0, 0.0])
    before = slow_down(force * -pull, pull, PARAMS)
    assert slow_down((force + more) * -pull, pull, PARAMS) <= before


def test_slow_down_ends_at_the_thresholds() -> None:
    pull, against = np.array([1.0, 0.0, 0.0]), np.array([-1.0, 0.0, 0.0])
    assert slow_down(PARAMS.force_slow * against, pull, PARAMS) == 1.0
    assert slow_down(PARAMS.force_zero * against, pull, PARAMS) == 0.0


def test_a_reference_that_relieves_the_force_is_not_slowed() -> None:
    force = np.array([20.0, 0.0, 0.0])
    assert slow_down(force, np.array([0.1, 0.0, 0.0]), PARAMS) == 1.0


@given(vectors, vectors, st.floats(0.0, 0.1))
def test_the_ramp_keeps_the_acceleration(old: np.ndarray, new: np.ndarray, dt: float) -> None:
    assert np.linalg.norm(ramp(old, new, dt, 0.8) - old) <= 0.8 * dt + 1e-9


def test_cap_keeps_direction_and_short_vectors() -> None:
    short = np.array([0.1, 0.0, 0.0])
    assert cap(short, 1.0) is short
    np.testing.assert_allclose(cap(np.array([0.0, 3.0, 4.0]), 1.0), [0.0, 0.6, 0.8])
