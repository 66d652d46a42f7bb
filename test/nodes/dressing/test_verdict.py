"""For how long the monitor's word counts."""

from __future__ import annotations

import pytest

from elbowroom.msg import InputHealth
from elbowroom.nodes.dressing import verdict
from elbowroom.nodes.dressing.verdict import ERROR, OK, STALE, WARN, Verdict


def heard(*words: int) -> Verdict:
    found = Verdict(1.0)
    for k, level in enumerate(words):
        found.hear(level, f"word {k}", 0.1 * k)
    return found


def test_the_levels_are_those_of_the_message() -> None:
    for name in ("OK", "WARN", "ERROR", "STALE"):
        assert getattr(verdict, name) == getattr(InputHealth, name)


def test_without_a_monitor_all_is_well() -> None:
    assert heard().level(1e9) == OK
    assert not heard().is_known


@pytest.mark.parametrize("level", [OK, WARN, STALE])
def test_an_old_word_is_stale(level: int) -> None:
    assert heard(level).level(0.9) == level
    assert heard(level).level(1.1) == STALE


def test_an_error_stays_though_the_monitor_falls_silent_or_cannot_tell() -> None:
    for found in (heard(ERROR), heard(ERROR, STALE)):
        assert found.level(1e9) == ERROR
        assert found.void_reason == "the inputs have changed: word 0"


@pytest.mark.parametrize("level", [OK, WARN])
def test_an_error_is_taken_back_by_who_can_tell(level: int) -> None:
    found = heard(ERROR, level)
    assert found.level(0.2) == level
    assert found.void_reason == ""
