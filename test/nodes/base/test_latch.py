"""What the monitor says, aged and with its alarm kept, without ROS."""

from __future__ import annotations

import pytest

from elbowroom.monitoring.watching.verdict import Level
from elbowroom.nodes.base.latch import RESET, HealthLatch


class Steady:
    """Steady time, moved by hand."""

    def __init__(self) -> None:
        self.time = 50.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def latch(steady: Steady) -> HealthLatch:
    latch = HealthLatch(0.3, steady)
    latch.begin(10.0)
    return latch


def test_silence_is_not_ok(latch: HealthLatch, steady: Steady) -> None:
    assert latch.judge() == (Level.STALE, "no word of the monitor yet")
    latch.hear(Level.OK, "", 11.0)
    steady.time += 0.3
    assert latch.judge()[0] is Level.OK
    steady.time += 0.05
    assert latch.judge() == (Level.STALE, "no word of the monitor for 0.35 s")
    latch.hear(Level.OK, "", 11.4)
    assert latch.judge()[0] is Level.OK


def test_where_no_monitor_is_expected_silence_means_nothing(steady: Steady) -> None:
    latch = HealthLatch(0.0, steady)
    assert latch.judge() == (Level.OK, "")
    latch.hear(Level.WARN, "odd", 1.0)
    steady.time += 1000.0
    assert latch.judge() == (Level.WARN, "odd")


def test_neither_silence_nor_a_monitor_that_begins_anew_lifts_an_alarm(
    latch: HealthLatch, steady: Steady
) -> None:
    latch.hear(Level.ERROR, "other cloth", 11.0)
    steady.time += 5.0
    assert latch.judge() == (Level.ERROR, "other cloth")
    latch.hear(Level.STALE, "the monitor is not active", 11.0)
    latch.hear(Level.OK, "", 12.0)
    latch.rewind()
    assert latch.judge() == (Level.ERROR, "other cloth")


def test_a_reset_of_the_monitor_lifts_it(latch: HealthLatch) -> None:
    latch.hear(Level.ERROR, "other cloth", 11.0)
    latch.hear(Level.OK, f"{RESET} other cloth", 11.5)
    assert latch.judge()[0] is Level.OK
    latch.hear(Level.ERROR, "", 12.0)
    assert latch.judge() == (Level.ERROR, "the monitor gave no reason")


def test_the_next_dressing_lifts_it_even_if_the_monitor_is_late_to_notice(
    latch: HealthLatch,
) -> None:
    latch.hear(Level.ERROR, "other cloth", 11.0)
    latch.begin(20.0)
    latch.hear(Level.ERROR, "other cloth", 19.99)
    assert latch.judge()[0] is Level.ERROR
    latch.hear(Level.STALE, "no features yet", 20.0)
    assert latch.judge()[0] is Level.STALE
    latch.hear(Level.ERROR, "all cloth is other", 20.1)
    latch.hear(Level.OK, "", 20.2)
    assert latch.judge() == (Level.ERROR, "all cloth is other")
