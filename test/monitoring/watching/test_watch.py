"""The monitor as a state machine: levels, latches, bad input, memory."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import ArtefactError
from elbowroom.models.layers.reading import Reading
from elbowroom.monitoring.watching.keeper import load_state, save_state
from elbowroom.monitoring.watching.verdict import Level
from elbowroom.monitoring.watching.watch import Watch, WatchParams
from monitoring.made import VERSION, draw_readings

CALM, RAISED, LOUD = 3, 6.0, 12.0
"""A person whose score stays low, and a shift nobody overlooks."""


@pytest.fixture(scope="module")
def watch(reference):
    return Watch(reference, WatchParams(run_length=50.0))


@pytest.fixture(scope="module")
def calm(watch):
    """Somebody whose dressing stays well below the alarm."""
    for seed in range(300, 330):
        readings = draw_readings(seed)
        state = feed(watch, watch.start(), readings)
        if state.channel.score < 0.6 * watch.reference.channel.threshold:
            return readings
    raise AssertionError("nobody is calm")


def feed(watch, state, readings, version=VERSION):
    for reading in readings:
        state = watch.take(state, reading, version)
    return state


def later(reading, by):
    return replace(reading, stamp=reading.stamp + by)


def level(watch, state, late=0.0):
    return watch.judge(state, state.stamp + late)


def test_before_the_first_reading_nothing_can_be_said(watch):
    verdict = watch.judge(watch.start(), 0.0)
    assert verdict.level is Level.STALE
    assert "no features yet" in verdict.reason


def test_a_calm_dressing_is_ok_and_silence_is_stale(watch, calm):
    state = feed(watch, watch.start(), calm)
    assert level(watch, state).level is Level.OK
    silent = level(watch, state, late=0.7)
    assert silent.level is Level.STALE
    assert "no features for 0.70 s" in silent.reason


def test_a_change_is_an_error_until_the_dressing_ends(watch, calm):
    state = feed(watch, watch.start(), draw_readings(CALM, shift=LOUD))
    verdict = level(watch, state)
    assert verdict.level is Level.ERROR
    assert verdict.dressing_score > verdict.dressing_threshold
    # Latched: silence does not take it back, a new dressing does.
    assert level(watch, state, late=5.0).level is Level.ERROR
    state = feed(watch, watch.begin(state), [later(r, 50) for r in calm])
    assert level(watch, state).level is Level.OK


def test_an_alarm_can_be_kept_until_a_reset(reference, calm):
    watch = Watch(reference, WatchParams(keep_alarm=True))
    state = watch.begin(feed(watch, watch.start(), draw_readings(CALM, shift=LOUD)))
    state = feed(watch, state, [later(r, 50) for r in calm])
    assert level(watch, state).level is Level.ERROR
    state = feed(watch, watch.begin(watch.reset(state)), [later(r, 99) for r in calm])
    assert level(watch, state).level is Level.OK


def test_warnings_come_before_alarms_and_last(reference):
    watch = Watch(reference, WatchParams(warn_share=0.3, calm_share=0.2, warn_hold=0.5))
    state = feed(watch, watch.start(), draw_readings(CALM, shift=RAISED))
    verdict = level(watch, state)
    assert verdict.dressing_score < verdict.dressing_threshold
    assert verdict.level is Level.WARN
    assert "of the alarm's threshold" in verdict.reason


def run_dressings(watch, state, seeds, shift=0.0):
    for i, seed in enumerate(seeds):
        readings = draw_readings(seed, shift=shift, begin=100.0 + 10 * i)
        state = feed(watch, watch.begin(state), readings)
    return watch.begin(state)


def test_many_changed_dressings_are_latched_until_a_reset(watch):
    state = run_dressings(watch, watch.start(), range(400, 412), shift=6.0)
    verdict = watch.judge(state, 0.0)
    assert state.latched
    assert verdict.level is Level.ERROR
    assert verdict.units_seen == 12
    assert "unlike those calibrated on" in verdict.reason
    state = run_dressings(watch, state, range(3))
    assert watch.judge(state, 0.0).level is Level.ERROR
    state = watch.reset(state)
    assert watch.judge(state, 0.0).level is Level.STALE
    assert watch.judge(state, 0.0).units_seen == 15


def test_unchanged_dressings_raise_no_latched_alarm(watch):
    state = run_dressings(watch, watch.start(), range(600, 620))
    assert not state.latched
    assert state.detector.units == 20
    verdict = watch.judge(state, 0.0)
    assert set(verdict.scores) == {"input", "hidden"}
    assert np.mean(list(verdict.scores.values())) == pytest.approx(verdict.e_value)


def spoil(reading, **changed):
    return Reading(changed.pop("stamp", reading.stamp), reading.layers | changed)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"input": np.full(6, np.nan, np.float32)}, "not finite"),
        ({"input": np.zeros(7, np.float32)}, "has 7 values, expected 6"),
        ({"stamp": math.nan}, "not later"),
        ({"stamp": 100.0}, "not later"),
    ],
)
def test_a_bad_reading_is_left_out_and_loses_nothing(watch, calm, changed, match):
    good = feed(watch, watch.start(), calm[:20])
    after = watch.take(good, spoil(calm[20], **changed), VERSION)
    assert match in after.refusal
    assert (after.refused, after.detector, after.rows) == (1, good.detector, good.rows)
    stale = watch.judge(after, good.stamp + 1.0)
    assert stale.level is Level.STALE
    assert match in stale.reason
    went_on = feed(watch, after, calm[20:])
    assert went_on.channel.score == feed(watch, good, calm[20:]).channel.score


def test_features_of_another_model_are_refused_loudly(watch, calm):
    state = feed(watch, watch.start(), calm, version="other")
    verdict = watch.judge(state, calm[-1].stamp)
    assert verdict.level is Level.STALE
    assert "the features are of model other" in verdict.reason
    assert state.refused == len(calm)


def test_constant_features_are_judged_like_any_others(watch, calm):
    same = [Reading(r.stamp, calm[0].layers) for r in calm]
    state = feed(watch, watch.start(), same)
    assert math.isfinite(state.channel.score)
    assert math.isfinite(watch.begin(state).detector.value)


def test_a_dressing_of_one_reading_is_no_unit(watch, calm):
    state = watch.begin(feed(watch, watch.start(), calm[:1]))
    assert (state.detector.units, state.rows) == (0, ())


def test_the_memory_survives_a_restart(watch, calm, tmp_path):
    state = run_dressings(watch, watch.start(), range(400, 412), shift=6.0)
    save_state(tmp_path / "state", watch, state)
    back = load_state(tmp_path / "state", watch)
    assert back.latched == state.latched
    assert back.detector.value == state.detector.value
    assert back.detector.units == 12
    onwards = run_dressings(watch, back, range(3))
    assert onwards.detector.value == run_dressings(watch, state, range(3)).detector.value


def test_a_memory_of_other_settings_or_mangled_is_refused(reference, watch, tmp_path):
    save_state(tmp_path / "state", watch, watch.start())
    with pytest.raises(ArtefactError, match="other settings"):
        load_state(tmp_path / "state", Watch(reference, WatchParams(run_length=51.0)))
    other = Watch(replace(reference, digest="0" * 64), WatchParams(run_length=50.0))
    with pytest.raises(ArtefactError, match="another reference"):
        load_state(tmp_path / "state", other)
    path = tmp_path / "state" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ArtefactError, match="hash"):
        load_state(tmp_path / "state", watch)
