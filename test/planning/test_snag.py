"""Snags: retreat, try again, give up."""

from __future__ import annotations

from elbowroom.core import PlanMode
from elbowroom.planning import PlannerParams
from elbowroom.planning.way.snag import Snag, watch

PARAMS = PlannerParams()
HIGH = PARAMS.snag_force + 1.0


def test_progress_under_force_is_no_snag() -> None:
    snag, mode = Snag(), PlanMode.FOLLOWING
    for k in range(100):
        snag, mode, _ = watch(snag, 0.02 * k, HIGH, 0.05 * k, PARAMS)
        assert mode is PlanMode.FOLLOWING


def test_a_stuck_cuff_without_force_is_no_snag() -> None:
    snag = Snag()
    for k in range(100):
        snag, mode, _ = watch(snag, 0.0, 1.0, 0.05 * k, PARAMS)
        assert mode is PlanMode.FOLLOWING


def test_a_snag_retreats_then_tries_again_then_waits() -> None:
    snag, place, modes = Snag(first=-0.1), 0.0, []
    for k in range(4000):
        snag, mode, reason = watch(snag, place, HIGH, 0.05 * k, PARAMS)
        place -= 0.005 if mode is PlanMode.RETREATING else 0.0
        place = 0.0 if mode is PlanMode.FOLLOWING else place
        assert (reason == "") == (mode is PlanMode.FOLLOWING)
        if not modes or modes[-1] is not mode:
            modes.append(mode)
    assert modes.count(PlanMode.RETREATING) == PARAMS.retreats
    assert modes[-1] is PlanMode.WAITING


def test_a_retreat_that_does_not_arrive_ends() -> None:
    snag, mode = Snag(first=-0.1), PlanMode.FOLLOWING
    now = 0.0
    while mode is not PlanMode.RETREATING:
        snag, mode, _ = watch(snag, 0.0, HIGH, now, PARAMS)
        now += 0.05
    for _ in range(60):
        snag, mode, _ = watch(snag, 0.0, HIGH / 2, now, PARAMS)
        now += 0.05
    assert mode is PlanMode.FOLLOWING


def test_a_retreat_ends_when_the_cuff_is_free() -> None:
    snag, mode, now = Snag(first=-0.1), PlanMode.FOLLOWING, 0.0
    while mode is not PlanMode.RETREATING:
        snag, mode, _ = watch(snag, 0.0, HIGH, now, PARAMS)
        now += 0.05
    snag, mode, _ = watch(snag, -0.01, HIGH / 2, now, PARAMS)
    assert mode is PlanMode.RETREATING
    snag, mode, _ = watch(snag, -0.015, 1.0, now + 0.05, PARAMS)
    assert mode is PlanMode.FOLLOWING


def test_the_cuff_does_not_go_back_off_the_hand() -> None:
    snag = Snag()
    for k in range(100):
        snag, mode, _ = watch(snag, 0.01 * (k > 0), HIGH, 0.05 * k, PARAMS)
        assert mode is PlanMode.FOLLOWING
