"""Samples taken in: what is kept, what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import Pose, Sample, Wrench
from elbowroom.planning import PlannerParams
from elbowroom.planning.safety.inputs import observe
from elbowroom.planning.state import Inputs

PARAMS, NONE = PlannerParams(), np.zeros(3)
GOOD = Sample(1.0, Wrench(np.ones(3), np.zeros(3)), Pose(np.zeros(3)), np.array([0.0, 0.0, 1.0]))


def take(inputs: Inputs, sample: Sample, now: float | None = None) -> Inputs:
    return observe(inputs, sample, None, sample.stamp if now is None else now, PARAMS)


def test_a_good_sample_has_no_fault() -> None:
    seen = take(Inputs(), GOOD)
    assert seen.fault == ""
    assert seen.force_stamp == seen.gripper_stamp == seen.shoulder_stamp == 1.0
    np.testing.assert_array_equal(seen.force, np.ones(3))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"wrench": Wrench(np.array([np.nan, 0, 0]), np.zeros(3))}, "wrench"),
        ({"wrench": Wrench(np.zeros(2), np.zeros(3))}, "wrench"),
        ({"gripper": Pose(np.array([np.inf, 0, 0]))}, "gripper"),
        ({"gripper": Pose(np.zeros(3), np.zeros(4))}, "gripper"),
        ({"shoulder": np.full(3, np.nan)}, "shoulder"),
        ({"wrist": np.zeros(4)}, "wrist"),
    ],
)
def test_a_bad_value_is_named_and_left_out(change: dict[str, object], word: str) -> None:
    before = take(Inputs(), GOOD)
    after = take(before, replace(GOOD, stamp=1.004, **change))
    assert word in after.fault
    assert np.all(np.isfinite(after.force))
    assert after.gripper is not None
    assert np.all(np.isfinite(after.gripper.position))


def test_a_clock_that_runs_backwards_forgets_every_age() -> None:
    after = take(take(Inputs(), GOOD), replace(GOOD, stamp=0.5))
    assert "backwards" in after.fault
    assert after.gripper is None
    assert after.force_stamp == -np.inf


def test_a_stamp_that_is_not_finite_changes_nothing_else() -> None:
    before = take(Inputs(), GOOD)
    after = take(before, replace(GOOD, stamp=float("nan")))
    assert "stamp" in after.fault
    assert after.gripper is before.gripper


def test_a_repeated_wrench_is_not_filtered_twice() -> None:
    before = take(Inputs(), GOOD)
    again = replace(GOOD, wrench=Wrench(np.full(3, 9.0), np.zeros(3)))
    np.testing.assert_array_equal(take(before, again, now=1.001).force, before.force)


def test_a_rising_force_is_seen_ahead_and_a_steady_one_as_it_is() -> None:
    seen = take(Inputs(), GOOD)
    for k in range(1, 25):
        rising = replace(GOOD, stamp=1.0 + k / 240, wrench=Wrench((1.0 + k) / 3 * np.ones(3), NONE))
        seen = take(seen, rising)
    assert np.all(seen.quick > seen.force_raw)
    assert np.all(seen.quick < seen.force_raw + 240 * PARAMS.yield_lead)
    for k in range(25, 100):
        seen = take(seen, replace(rising, stamp=1.0 + k / 240))
    np.testing.assert_allclose(seen.quick, rising.wrench.force, rtol=1e-6)
