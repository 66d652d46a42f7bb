from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.motion import ArmMotion, MotionError, draw_motion, draw_person, mirror


@cache
def _motion(seed: int = 0) -> ArmMotion:
    rng = np.random.default_rng(seed)
    return draw_motion(rng, draw_person(rng), 4.0, kind="active")


@given(st.floats(-1.0, 6.0))
def test_lengths_hold_at_every_instant(time: float) -> None:
    motion = _motion()
    shoulder, elbow, wrist = motion.interpolate(time)
    assert np.linalg.norm(elbow - shoulder) == pytest.approx(motion.upper_arm, abs=1e-9)
    assert np.linalg.norm(wrist - elbow) == pytest.approx(motion.forearm, abs=1e-9)


def test_interpolation_passes_the_rows_and_agrees_for_one_and_many_times() -> None:
    motion = _motion()
    shoulder, elbow, wrist = motion.interpolate(motion.time)
    for found, given_ in (
        (shoulder, motion.shoulder),
        (elbow, motion.elbow),
        (wrist, motion.wrist),
    ):
        np.testing.assert_allclose(found, given_, atol=1e-9)
    np.testing.assert_allclose(motion.interpolate(1.2345)[1], motion.interpolate([1.2345])[1][0])


def test_velocity_is_continuous_everywhere_and_dies_out_after_the_end() -> None:
    motion = _motion(3)
    time = np.arange(-0.5, motion.duration + 2.0, 1 / 960)
    velocity = np.diff(motion.interpolate(time)[1], axis=0) * 960
    # 16 m/s^2 is the greatest acceleration a drawn movement may have, coasting included a few more.
    assert np.max(np.linalg.norm(np.diff(velocity, axis=0), axis=1)) * 960 < 25.0
    assert np.linalg.norm(velocity[-1]) < 1e-4


def test_mirror_swaps_left_and_right_and_undoes_itself() -> None:
    motion = _motion()
    other = mirror(motion)
    np.testing.assert_array_equal(other.elbow[:, 1], -motion.elbow[:, 1])
    np.testing.assert_array_equal(other.elbow[:, [0, 2]], motion.elbow[:, [0, 2]])
    np.testing.assert_array_equal(mirror(other).wrist, motion.wrist)


def test_mangled_movements_are_refused() -> None:
    motion = _motion()
    bent = motion.elbow.copy()
    bent[5] += 0.01
    hole = motion.wrist.copy()
    hole[3, 0] = np.nan
    for change, message in (
        ({"elbow": bent}, "keep one length"),
        ({"wrist": hole}, "not finite"),
        ({"wrist": hole[:-1]}, "shape"),
        ({"time": motion.time[::-1].copy()}, "increasing"),
    ):
        with pytest.raises(MotionError, match=message):
            dataclasses.replace(motion, **change)  # type: ignore[arg-type]
    with pytest.raises(MotionError, match="finite"):
        motion.interpolate(float("nan"))
