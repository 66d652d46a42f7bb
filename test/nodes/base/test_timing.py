"""Pacing, throttling and watching clocks, with clocks of our own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.nodes.base.clockwatch import ClockWatch
from elbowroom.nodes.base.pacer import LEAD, SLIP_LIMIT, Pacer
from elbowroom.nodes.base.rate import Throttle


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def take(pacer: Pacer) -> list[float]:
    return [tick.stamp for tick in pacer.take()]


@given(st.lists(st.floats(-0.45, 0.45), min_size=2, max_size=60))
def test_a_timer_that_jitters_by_less_than_half_a_tick_gets_one_tick_a_call(
    jitter: list[float],
) -> None:
    hand = Hand()
    pacer = Pacer(240.0, 1.0, 1.0, steady=hand)
    pacer.run()
    counts = []
    for k, offset in enumerate([0.0, *jitter]):
        hand.time = 100.0 + (k + offset) / 240
        counts.append(len(take(pacer)))
    assert set(counts) == {1}


def test_a_late_call_catches_up() -> None:
    hand = Hand()
    pacer = Pacer(240.0, 1.0, 1.0, steady=hand)
    pacer.run()
    assert take(pacer) == [1.0 + 1 / 240]
    hand.time += 10 / 240
    np.testing.assert_allclose(take(pacer), 1.0 + np.arange(2, 12) / 240)
    assert pacer.slipped == 0


def test_a_long_stall_is_given_up_and_counted() -> None:
    hand = Hand()
    pacer = Pacer(240.0, 1.0, 1.0, steady=hand)
    pacer.run()
    take(pacer)
    hand.time += 3.0
    assert len(take(pacer)) == SLIP_LIMIT * 240
    assert pacer.slipped == pytest.approx(3.0 - SLIP_LIMIT, abs=0.01)
    hand.time += 1 / 240
    assert len(take(pacer)) == 1


def test_simulated_time_goes_on_where_it_was_paused() -> None:
    hand = Hand()
    pacer = Pacer(100.0, 1.0, 1.0, steady=hand)
    pacer.run()
    first = take(pacer)
    pacer.hold()
    assert not pacer.running
    hand.time += 60.0
    assert take(pacer) == []
    pacer.run()
    assert take(pacer)[0] == pytest.approx(first[-1] + 0.01)


def test_stamps_that_follow_a_clock_jump_with_it_over_a_pause() -> None:
    hand = Hand()
    pacer = Pacer(100.0, 1.0, hand, steady=hand)
    pacer.run(delay=0.5)
    assert take(pacer) == []
    hand.time = 100.5
    assert take(pacer) == [pytest.approx(100.5 + LEAD / 100)]
    pacer.hold()
    hand.time = 160.0
    pacer.run()
    assert take(pacer) == [pytest.approx(160.0 + LEAD / 100)]


def test_a_tick_is_waited_for_until_it_is_due_and_no_longer() -> None:
    hand, slept = Hand(), list[float]()
    pacer = Pacer(100.0, 1.0, hand, steady=hand, sleep=slept.append)
    pacer.run()
    hand.time += 1.0
    (tick,) = pacer.take()
    assert tick.due - hand.time == pytest.approx(LEAD / 100)
    assert tick.stamp - tick.due == pytest.approx(0.0, abs=1e-9)
    hand.time += 0.001
    pacer.await_due(tick)
    assert slept == [pytest.approx(LEAD / 100 - 0.001)]
    hand.time += 0.05
    for late in pacer.take()[:-1]:
        pacer.await_due(late)
    assert len(slept) == 1


def test_speed_makes_more_ticks_a_second() -> None:
    hand = Hand()
    pacer = Pacer(100.0, 2.0, 0.0, steady=hand)
    pacer.run()
    take(pacer)
    hand.time += 0.1
    assert len(take(pacer)) == 20
    assert pacer.period == pytest.approx(1 / 200)


def test_a_throttle_keeps_its_rate_on_a_faster_grid() -> None:
    throttle = Throttle(20.0)
    passed = [k for k in range(240) if throttle.is_due(1.0 + k / 240)]
    assert passed == list(range(0, 240, 12))


def test_a_throttle_starts_again_when_time_is_set_back() -> None:
    throttle = Throttle(1.0)
    assert throttle.is_due(1000.0)
    assert not throttle.is_due(1000.5)
    assert throttle.is_due(3.0)
    assert not throttle.is_due(3.5)


def test_a_clock_that_stands_still_is_noticed_after_its_patience() -> None:
    watched, steady = Hand(), Hand()
    watch = ClockWatch(watched, patience=0.25, steady=steady)
    for _ in range(10):
        watched.time += 0.1
        steady.time += 0.1
        assert watch.look() == ""
    steady.time += 0.2
    assert watch.look() == ""
    steady.time += 0.1
    assert "stands still" in watch.look()
    watched.time += 0.01
    assert watch.look() == watch.fault == ""


def test_a_clock_that_is_set_back_is_told_once_and_slewing_is_not() -> None:
    watched, steady, told = Hand(), Hand(), list[float]()
    watch = ClockWatch(watched, steady=steady, set_back=told.append)
    for step in (0.0, 0.05, -0.02, 0.05, -50.0, 0.05, 0.05):
        watched.time += step
        steady.time += 0.05
        assert watch.look() == ""
    assert told == pytest.approx([50.0])


def test_a_slow_tick_comes_all_the_same() -> None:
    hand = Hand()
    pacer = Pacer(10.0, 0.1, 1.0, steady=hand)
    pacer.run()
    ticks = 0
    for _ in range(500):
        hand.time += 0.02
        ticks += len(take(pacer))
    assert 8 <= ticks <= 12
