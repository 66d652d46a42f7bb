"""Every reason to stop, how fast it stops, and when it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from elbowroom.core import Box, Estimate, PlanMode, Pose, Sample, Status, Wrench
from elbowroom.planning import Health, Planner, make_planner
from planning.mock import QUICK, RATE, Drive, World


@cache
def planner() -> Planner:
    return make_planner("robust", QUICK)


@pytest.fixture
def moving() -> Drive:
    drive = Drive(planner(), World())
    drive.run(0.5)
    command, report = drive.step()
    assert report.mode is PlanMode.FOLLOWING
    assert np.linalg.norm(command.linear) > 0.05
    return drive


Spoil = Callable[[World], tuple[Sample, Estimate | None]]


def spoil_box(**changes: object) -> Spoil:
    return lambda world: (world.sample(), replace(world.box(), **changes))


def spoil_sample(**changes: object) -> Spoil:
    return lambda world: (replace(world.sample(), **changes), world.box())


NAN = np.array([np.nan, 0.0, 0.0])
INSTANT: dict[str, tuple[Spoil, str]] = {
    "void": (spoil_box(status=Status.VOID, reason="drift"), "VOID: drift"),
    "centre": (spoil_box(box=Box(NAN, np.full(3, 0.1))), "not finite"),
    "size": (spoil_box(box=Box(np.zeros(3), np.array([0.1, np.inf, 0.1]))), "not finite"),
    "negative": (spoil_box(box=Box(World().elbow, np.array([0.1, -0.1, 0.1]))), "not finite"),
    "point": (spoil_box(point=NAN), "not finite"),
    "stamp": (spoil_box(stamp=float("nan")), "old"),
    "future": (spoil_box(stamp=99.0), "old"),
    "impossible": (spoil_box(box=Box(World().shoulder, np.full(3, 0.05))), "impossible"),
    "far": (spoil_box(box=Box(np.array([2.0, 0, 1]), np.full(3, 0.05))), "impossible"),
    "jump": (spoil_box(box=Box(World().elbow + [0.15, 0.2, 0.1], np.full(3, 0.05))), "jumped"),
    "shrunk": (spoil_box(box=Box(World().elbow, np.array([0.1, 1e-6, 0.1]))), "shrunk"),
    "wrench": (spoil_sample(wrench=Wrench(NAN, np.zeros(3))), "wrench"),
    "gripper": (spoil_sample(gripper=Pose(NAN)), "gripper"),
    "shoulder": (spoil_sample(shoulder=NAN), "shoulder"),
    "no box": (spoil_box(box=Box(None, None)), "not finite"),  # type: ignore[arg-type]
    "flat": (spoil_box(box=Box(World().elbow, np.array([0.1, 0.1]))), "not finite"),
    "no turn": (spoil_box(box=Box(World().elbow, np.full(3, 0.1), np.zeros(4))), "not finite"),
    "immense": (spoil_box(box=Box(np.full(3, 1e200), np.full(3, 0.1))), "not finite"),
    "force": (spoil_sample(wrench=Wrench(np.full(3, 1e200), np.zeros(3))), "beyond 1000 N"),
    "backwards": (spoil_sample(stamp=0.1), "backwards"),
}


@pytest.mark.parametrize("name", INSTANT)
def test_a_bad_input_stops_at_once_and_is_named(moving: Drive, name: str) -> None:
    spoil, word = INSTANT[name]
    command, report = moving.step(*spoil(moving.world))
    assert report.mode is PlanMode.STOPPED
    assert word in report.reason
    assert f"goes on {QUICK.resume_hold:g} s after" in report.reason
    assert not command.linear.any()
    assert not command.angular.any()


@pytest.mark.parametrize("name", [n for n in INSTANT if n != "backwards"])
def test_it_goes_on_when_the_cause_has_been_gone_for_a_while(moving: Drive, name: str) -> None:
    moving.step(*INSTANT[name][0](moving.world))
    modes = [report.mode for _, report in moving.run(0.3)]
    held = int(QUICK.resume_hold * RATE)
    # The step after a jump is the jump back, so one more counts as bad.
    assert set(modes[: held - 2]) == {PlanMode.STOPPED}
    assert modes[held + 3] is PlanMode.FOLLOWING


SILENT: dict[str, Callable[[World], tuple[Sample, Estimate | None]]] = {
    "box": lambda w: (w.sample(), None),
    "wrench": lambda w: (replace(w.sample(), wrench=None), w.box()),
    "gripper": lambda w: (replace(w.sample(), gripper=None), w.box()),
}


@pytest.mark.parametrize("source", SILENT)
def test_a_silent_source_stops_within_50_ms(moving: Drive, source: str) -> None:
    begin = moving.world.time
    while True:
        command, report = moving.step(*SILENT[source](moving.world))
        waited = moving.world.time - begin
        if report.mode is PlanMode.STOPPED:
            break
        assert waited < 0.05
    assert source in report.reason
    assert not command.linear.any()


def test_ages_are_judged_by_now(moving: Drive) -> None:
    _, report = moving.step(moving.world.sample(), moving.world.box(), now=moving.world.time + 0.2)
    assert report.mode is PlanMode.STOPPED
    assert "0.04 s" in report.reason


def test_without_any_box_it_never_starts() -> None:
    world = World()
    drive = Drive(planner(), world)
    for _ in range(60):
        command, report = drive.step(world.sample(), None)
        assert report.mode is PlanMode.STOPPED
        assert "no box" in report.reason
        assert not command.linear.any()


def test_an_error_of_the_monitor_stops_and_a_warning_slows(moving: Drive) -> None:
    for _ in range(60):
        _, report = moving.step(moving.world.sample(), moving.world.box(), health=Health.WARN)
    assert report.mode is PlanMode.SLOWED
    assert report.speed_limit == QUICK.speed_slow
    _, report = moving.step(moving.world.sample(), moving.world.box(), health=Health.ERROR)
    assert report.mode is PlanMode.STOPPED
    assert "monitor" in report.reason


def test_an_uncalibrated_box_needs_leave() -> None:
    strict = Drive(make_planner("robust", replace(QUICK, accept_uncalibrated=False)), World())
    estimate = strict.world.box(status=Status.UNCALIBRATED)
    _, report = strict.step(strict.world.sample(), estimate)
    assert report.mode is PlanMode.STOPPED
    assert "UNCALIBRATED" in report.reason


def test_the_hard_limit_stops_gives_way_and_waits_for_the_force_to_fall(moving: Drive) -> None:
    moving.world.force = np.array([20.0, 0.0, 0.0])
    command, report = moving.step()
    assert report.mode is PlanMode.STOPPED
    assert "limit" in report.reason
    assert f"fallen below {QUICK.force_resume:g} N" in report.reason
    moving.run(0.2)
    command, _ = moving.step()
    assert command.linear[0] > 0.1
    moving.world.force = np.array([QUICK.force_resume + 1.0, 0.0, 0.0])
    assert moving.run(0.5)[-1][1].mode is PlanMode.STOPPED
    moving.world.force = np.zeros(3)
    assert moving.run(0.5)[-1][1].mode is PlanMode.FOLLOWING


def test_another_fault_does_not_end_the_wait_for_the_force_to_fall(moving: Drive) -> None:
    moving.world.force = np.array([20.0, 0.0, 0.0])
    moving.run(0.1)
    moving.world.force = np.array([QUICK.force_resume + 3.0, 0.0, 0.0])
    moving.run(0.1)
    _, report = moving.step(replace(moving.world.sample(), shoulder=NAN))
    assert "shoulder" in report.reason
    assert {r.mode for _, r in moving.run(1.0)} == {PlanMode.STOPPED}
    moving.world.force = np.zeros(3)
    assert moving.run(0.5)[-1][1].mode is PlanMode.FOLLOWING


@pytest.mark.parametrize("size", [20.0, 100.0, 190.0])
def test_one_glitch_of_the_sensor_does_not_fling_the_gripper(moving: Drive, size: float) -> None:
    glitch = replace(moving.world.sample(), wrench=Wrench(np.array([0, 0, size]), np.zeros(3)))
    before = moving.world.gripper.position[2]
    _, report = moving.step(glitch)
    assert "limit" in report.reason
    moving.run(QUICK.resume_hold - 0.02)
    assert abs(moving.world.gripper.position[2] - before) < 0.005


def test_what_the_caller_knows_to_be_wrong_stops_at_once(moving: Drive) -> None:
    sample = replace(moving.world.sample(), wrench=None)
    command, report = moving.step(sample, fault="the force sensor is saturated")
    assert report.mode is PlanMode.STOPPED
    assert "saturated" in report.reason
    assert not command.linear.any()


def test_a_sample_from_the_future_stops_and_shuts_nothing_out(moving: Drive) -> None:
    now = moving.world.time
    _, report = moving.step(replace(moving.world.sample(), stamp=now + 100.0), now=now)
    assert "future" in report.reason
    assert moving.run(0.5)[-1][1].mode is PlanMode.FOLLOWING
    moving.world.force = np.array([20.0, 0.0, 0.0])
    _, report = moving.step()
    assert "limit" in report.reason


def test_after_a_clock_that_goes_back_it_looks_anew_and_goes_on(moving: Drive) -> None:
    moving.world.time -= 0.4
    reasons = [report.reason for _, report in moving.run(0.5)]
    assert "backwards" in reasons[0]
    assert moving.step()[1].mode is PlanMode.FOLLOWING


def test_force_slows_before_it_stops(moving: Drive) -> None:
    free, _ = moving.step()
    moving.world.force = -8.0 * free.linear / np.linalg.norm(free.linear)
    rows = moving.run(0.2)
    assert rows[-1][1].mode is PlanMode.SLOWED
    assert "force" in rows[-1][1].reason
    assert rows[-1][1].speed_limit < QUICK.speed


def test_a_failing_solver_stops(moving: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    from elbowroom.planning.optimiser.cone import SolverError
    from elbowroom.planning.optimiser.program import Program

    def fail(self: Program, stage: object) -> None:
        raise SolverError("the plan is infeasible")

    monkeypatch.setattr(Program, "solve", fail)
    reports = [report for _, report in moving.run(0.1)]
    assert reports[-1].mode is PlanMode.STOPPED
    assert "infeasible" in reports[-1].reason


def test_a_force_that_is_suddenly_gone_means_that_the_cloth_has_slipped(moving: Drive) -> None:
    moving.world.force = np.array([10.0, 0.0, 0.0])
    moving.run(0.1)
    moving.world.force = np.array([0.2, 0.0, 0.0])
    modes = [report.mode for _, report in moving.run(QUICK.slack_time - 0.02)]
    assert modes[-1] is not PlanMode.STOPPED
    moving.run(0.1)
    # It does not come back by itself, whatever the wrist feels.
    moving.world.force = np.array([2.0, 0.0, 0.0])
    _, report = moving.run(1.0)[-1]
    assert report.mode is PlanMode.STOPPED
    assert "slipped" in report.reason
    assert "started anew" in report.reason


def test_a_slack_wrist_without_a_strain_is_nothing_special(moving: Drive) -> None:
    moving.world.force = np.array([0.2, 0.0, 0.0])
    assert moving.run(1.0)[-1][1].mode is PlanMode.FOLLOWING


def test_a_strain_by_an_old_clock_tells_nothing(moving: Drive) -> None:
    moving.world.force = np.array([10.0, 0.0, 0.0])
    moving.run(0.1)
    moving.world.force = np.array([0.2, 0.0, 0.0])
    moving.world.time = 0.0
    rows = moving.run(QUICK.slack_time + 0.4)
    assert rows[-1][1].mode is PlanMode.FOLLOWING
