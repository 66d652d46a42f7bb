"""What a watch makes of dressings that are interrupted, joined late, or told at other times."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from elbowroom.models.layers.reading import Origin
from elbowroom.monitoring.watching.verdict import Level
from elbowroom.monitoring.watching.watch import Watch, WatchParams
from monitoring.made import PERIOD, VERSION, draw_readings

PEOPLE = range(300, 312)
"""People like those of the reference, few of whom alarm by chance."""
CUT = 24


@pytest.fixture(scope="module")
def watch(reference):
    return Watch(reference, WatchParams(run_length=50.0))


def feed(watch, state, readings):
    for reading in readings:
        state = watch.take(state, reading, VERSION)
    return state


def later(readings, by):
    return [replace(r, stamp=r.stamp + by) for r in readings]


def counted(readings, first=1):
    return [replace(r, origin=Origin(first + k)) for k, r in enumerate(readings)]


def alarmed(watch, interrupt):
    """How many people alarm at the end whose dressing is interrupted after `CUT` readings."""
    found = 0
    for seed in PEOPLE:
        readings = counted(draw_readings(seed))
        state = feed(watch, watch.start(), readings[:CUT])
        found += bool(interrupt(state, readings[CUT:]).alarmed)
    return found


def test_an_interruption_makes_no_alarm(watch):
    def odd(state, stamp):
        reading = replace(draw_readings(1)[0], stamp=stamp)
        return watch.take(state, reading, VERSION)

    ways = {
        "none": lambda s, rest: feed(watch, s, rest),
        "reset": lambda s, rest: feed(watch, watch.reset(s), rest),
        "gap": lambda s, rest: feed(watch, s, later(rest, 2.1)),
        "restart": lambda s, rest: feed(watch, watch.start(), rest),
        "one stamp of zero": lambda s, rest: feed(watch, odd(s, 0.0), rest),
        "clock": lambda s, rest: feed(watch, watch.interrupt(s, "the clock jumped"), rest),
    }
    found = {name: alarmed(watch, way) for name, way in ways.items()}
    assert found.pop("none") <= 1
    assert max(found.values()) <= 1


@pytest.mark.parametrize("by", [-60.0, 60.0])
def test_a_jump_needs_two_readings_and_breaks_the_dressing_off(watch, by):
    readings = draw_readings(300)
    state = feed(watch, watch.start(), readings)
    once = feed(watch, state, later(readings[:1], by))
    assert (once.rows, once.channel, once.refused) == (state.rows, state.channel, 1)
    assert "from the last" in once.refusal
    twice = feed(watch, once, later(readings[1:6], by))
    assert (twice.detector.units, len(twice.rows)) == (1, 5)
    verdict = watch.judge(twice, twice.stamp)
    assert (verdict.level, verdict.reason) == (
        Level.WARN,
        "this dressing is not judged: it was interrupted",
    )
    # What is left of a dressing is no unit, and the next one is judged again.
    rest = watch.begin(feed(watch, twice, later(readings[6:], by)))
    assert rest.detector.units == 1
    good = feed(watch, rest, later(readings, 2 * by))
    assert watch.judge(good, good.stamp).level is not Level.WARN or good.course.judged


def test_one_stamp_far_off_keeps_the_alarm(watch):
    state = feed(watch, watch.start(), draw_readings(3, shift=12.0))
    assert state.alarmed
    bad = replace(draw_readings(3)[0], layers={}, stamp=1e9)
    after = watch.take(state, bad, "other")
    assert (after.alarmed, after.rows, after.course) == (state.alarmed, state.rows, state.course)
    assert after.refused == state.refused + 1


def test_whoever_joins_late_does_not_judge(watch):
    readings = counted(draw_readings(3, shift=12.0), first=40)
    state = feed(watch, watch.start(), readings)
    verdict = watch.judge(state, state.stamp)
    assert verdict.level is Level.WARN
    assert "not seen from its start, but from reading 40 on" in verdict.reason
    assert watch.begin(state).detector.units == 0


def test_a_model_that_begins_anew_within_a_dressing_breaks_it_off(watch):
    readings = draw_readings(300)
    state = feed(watch, watch.start(), counted(readings[:CUT]))
    state = feed(watch, state, counted(readings[CUT:]))
    assert "it was interrupted" in watch.judge(state, state.stamp).reason


def test_the_last_readings_of_the_person_before_do_no_harm(watch):
    # The new person's lengths may overtake them.
    before, readings = draw_readings(301), draw_readings(300, begin=102.2)
    state = feed(watch, watch.begin(watch.start()), counted(before[-2:], first=47))
    state = feed(watch, state, counted(readings))
    assert state.course.judged
    assert len(state.rows) == len(readings)


def test_an_alarm_taken_back_comes_again_only_for_something_stranger(watch):
    state = feed(watch, watch.start(), draw_readings(3, shift=12.0)[:38])
    assert state.alarmed
    taken_back = watch.reset(state)
    assert watch.judge(taken_back, state.stamp).level is Level.WARN
    # The largest so far stays what it was, which a fresh look would take for another alarm.
    assert not feed(watch, taken_back, draw_readings(3)[38:]).alarmed
    assert feed(watch, taken_back, draw_readings(3, shift=400.0)[38:]).alarmed


def test_readings_at_another_period_are_stale_and_make_no_alarm(watch):
    for every, count in ((12, 160), (2, 48)):
        readings = draw_readings(300, count=count)[::every]
        state = feed(watch, watch.start(), readings)
        verdict = watch.judge(state, state.stamp)
        assert verdict.level is Level.STALE
        step = every * PERIOD
        assert f"every {step:.3f} s, the reference's came every {PERIOD:.3f} s" in verdict.reason
        assert not state.alarmed


def test_a_dropped_reading_is_no_other_period(watch):
    readings = draw_readings(300)
    state = feed(watch, watch.start(), readings[:10] + readings[11:])
    assert state.course.judged
    assert not state.course.out_of_step


def test_other_inputs_of_the_model_are_refused(reference):
    known = replace(reference, facts={**reference.facts, "inputs": "none"})
    watch = Watch(known, WatchParams())
    told = [replace(r, origin=Origin(k, "wrist")) for k, r in enumerate(draw_readings(300), 1)]
    state = feed(watch, watch.start(), told)
    assert state.refused == len(told)
    assert "the inputs 'wrist', the reference was fitted for 'none'" in state.refusal


def test_stamps_ahead_of_the_clock_are_stale(watch):
    state = feed(watch, watch.start(), draw_readings(300))
    verdict = watch.judge(state, state.stamp - 3600.0)
    assert verdict.level is Level.STALE
    assert "3600.00 s ahead of the clock" in verdict.reason


def test_a_dressing_without_end_keeps_its_newest_readings(watch, monkeypatch):
    monkeypatch.setattr("elbowroom.monitoring.watching.watch._MOST", 30)
    state = feed(watch, watch.start(), draw_readings(300))
    assert len(state.rows) == 30
    last = watch.reference.project(draw_readings(300)[-1].layers)
    assert np.array_equal(state.rows[-1]["input"], last["input"])
    assert math.isfinite(watch.begin(state).detector.value)
