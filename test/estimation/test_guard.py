from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import ParameterError, Pose, Sample, Wrench
from elbowroom.estimation.guard import Guard, GuardSettings

GOOD = Sample(
    10.0,
    Wrench(np.array([1.0, 0, 0]), np.zeros(3)),
    Pose(np.array([0.3, 0, 1.0])),
    shoulder=np.array([0.0, 0, 1.0]),
)
NAN = np.full(3, np.nan)


def at(stamp, **parts):
    return replace(GOOD, stamp=stamp, **parts)


def feed(*samples):
    guard = Guard()
    state, results = guard.start(), []
    for sample in samples:
        state, clean, reason = guard.check(state, sample)
        results.append((clean, reason))
    return state, results


def test_good_samples_pass_without_a_word():
    state, results = feed(at(10.0), at(10.01), at(10.02))
    assert [(clean is not None, reason) for clean, reason in results] == [(True, "")] * 3
    assert state.stamp == state.used == 10.02
    assert state.epoch == 0


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"wrench": None}, "wrench"),
        ({"wrench": Wrench(NAN, np.zeros(3))}, "wrench"),
        ({"wrench": Wrench(np.zeros(3), np.array([0, np.inf, 0]))}, "wrench"),
        ({"wrench": Wrench(np.zeros(2), np.zeros(3))}, "wrench"),
        ({"wrench": Wrench("abc", np.zeros(3))}, "wrench"),
        ({"wrench": Wrench(np.array([0, -200.0, 0]), np.zeros(3))}, "saturated"),
        ({"wrench": Wrench(np.zeros(3), np.array([0, 0, 10.0]))}, "saturated"),
        ({"gripper": None}, "gripper"),
        ({"gripper": Pose(NAN)}, "gripper"),
        ({"gripper": Pose(np.zeros(3), np.zeros(4))}, "gripper"),
        ({"gripper": Pose(np.array([0.9, 0, 1.0]))}, "jumped"),
    ],
)
def test_unusable_sample_is_left_out_with_a_reason(parts, word):
    state, results = feed(at(10.0), at(10.01, **parts))
    assert results[1][0] is None
    assert word in results[1][1]
    assert (state.stamp, state.used) == (10.01, 10.0)


@pytest.mark.parametrize("name", ["shoulder", "sighting", "wrist"])
@pytest.mark.parametrize(
    ("point", "word"), [(NAN, "not finite"), (np.array([50.0, 0, 0]), "out of reach")]
)
def test_bad_point_is_left_out_and_the_rest_kept(name, point, word):
    _, results = feed(at(10.0, **{name: point}))
    clean, reason = results[0]
    assert getattr(clean, name) is None
    assert clean.wrench is not None
    assert word in reason


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"progress": np.nan}, "the progress is not finite"),
        ({"progress": "far"}, "the progress is not finite"),
        ({"progress": 3.0}, "the progress is impossible"),
        ({"effort": np.full(7, np.nan)}, "the effort is not finite"),
        ({"effort": np.zeros(6)}, "the effort is not finite"),
        ({"effort": np.array([0, 0, 0, -91.0, 0, 0, 0])}, "the effort is impossible"),
    ],
)
def test_bad_optional_input_is_left_out_and_the_rest_kept(parts, reason):
    good = {"progress": 0.2, "effort": np.arange(7.0)}
    _, results = feed(at(10.0, **good | parts))
    clean, said = results[0]
    (bad,) = parts
    assert getattr(clean, bad) is None
    assert said == reason
    (kept,) = set(good) - {bad}
    assert getattr(clean, kept) is good[kept]
    assert clean.wrench is not None


@pytest.mark.parametrize("stamp", [np.nan, np.inf, None])
def test_stamp_that_is_no_time(stamp):
    state, results = feed(at(10.0), at(stamp))
    assert results[1] == (None, "the stamp is not finite")
    assert state.stamp == 10.0


def test_repeated_and_late_samples_change_nothing():
    state, results = feed(at(10.0), at(10.0), at(9.9), at(10.01))
    assert [clean is None for clean, _ in results] == [False, True, True, False]
    assert "before" in results[1][1]
    assert "late" in results[2][1]
    assert state.epoch == 0


def test_clock_that_went_back_a_little_is_noticed():
    late = [at(9.5 + 0.004 * i) for i in range(30)]
    state, results = feed(at(10.0), *late)
    assert state.epoch == 1
    assert state.stamp == late[-1].stamp
    assert sum("begun anew" in reason for _, reason in results) == 1


@pytest.mark.parametrize("there", [1.7e9, 1.0, 13.0])
def test_jump_of_the_clock_is_confirmed_before_it_counts(there):
    state, results = feed(at(10.0), at(there), at(there + 0.01), at(there + 0.02))
    assert [clean is None for clean, _ in results] == [False, True, False, False]
    assert "jumped" in results[1][1]
    assert state.epoch == 1


def test_single_mangled_stamp_costs_one_sample():
    state, results = feed(at(10.0), at(1.7e9), at(10.01), at(10.02))
    assert [clean is None for clean, _ in results] == [False, True, False, False]
    assert state.epoch == 0


def test_dropout_is_reported_and_a_long_one_begins_anew():
    state, results = feed(at(10.0), at(10.5))
    assert "0.50 s" in results[1][1]
    assert (state.gap, state.epoch) == (0.5, 0)
    broken = [at(10.1 + 0.1 * i, wrench=None) for i in range(30)]
    state, results = feed(at(10.0), *broken, at(13.2))
    assert state.epoch == 1
    assert "3.20 s" in results[-1][1]


def test_shoulder_is_remembered_though_the_wrench_is_bad():
    shoulder = np.array([0.0, 0.01, 1.0])
    state, _ = feed(at(10.0), at(10.5, wrench=None, shoulder=shoulder))
    np.testing.assert_array_equal(state.shoulder, shoulder)
    assert state.shoulder_stamp == 10.5


def test_bad_limits_are_refused():
    with pytest.raises(ParameterError, match="longest_gap"):
        GuardSettings(longest_gap=-1.0)
