"""Estimator and planner kept running, without ROS."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from elbowroom.core import (
    Box,
    Command,
    Estimate,
    PlanMode,
    PlanReport,
    Pose,
    Sample,
    Status,
)
from elbowroom.estimation import EstimatorParams, shared_estimator
from elbowroom.estimation.layers.tap import TapParams, make_tap
from elbowroom.estimation.prior import KinematicPrior
from elbowroom.nodes.dressing import warmup
from elbowroom.nodes.dressing.driver import Driver
from elbowroom.nodes.dressing.tracker import Tracker
from elbowroom.planning import Health, make_planner
from nodes.harness import ARM, GRIPPER, SHOULDER, HoldEstimator

STILL = np.zeros(3)


class Moody(HoldEstimator):
    """Raises, or gives a box that is none, when told to."""

    mood = ""

    def step(self, state: list[Sample], sample: Sample) -> tuple[list[Sample], Estimate]:
        state, estimate = super().step(state, sample)
        if self.mood == "raise":
            raise RuntimeError("out of sorts")
        if self.mood == "nan":
            return state, Estimate(
                sample.stamp, Box(STILL, np.full(3, np.nan)), Status.PRIOR, STILL
            )
        return state, estimate


def make_tracker(mood: str = "") -> Tracker:
    estimator = Moody()
    tracker = Tracker(estimator, KinematicPrior())
    tracker.meet(ARM)
    estimator.mood = mood
    return tracker


def look(tracker: Tracker, stamp: float = 1.0, fault: str = "") -> Estimate:
    estimate = tracker.step(Sample(stamp, shoulder=SHOULDER), fault)
    assert estimate is not None
    return estimate


def test_a_good_step_is_handed_on() -> None:
    assert look(make_tracker()).status is Status.GUARANTEED


@pytest.mark.parametrize(
    ("mood", "reason"), [("raise", "the estimator failed"), ("nan", "not finite")]
)
def test_whatever_the_estimator_does_the_box_is_finite_and_labelled(
    mood: str, reason: str, capfd: Any
) -> None:
    estimate = look(make_tracker(mood))
    assert estimate.status is Status.VOID
    assert reason in estimate.reason
    assert estimate.box.is_finite()
    assert ("out of sorts" in capfd.readouterr().err) == (mood == "raise")


def test_an_estimator_that_failed_starts_anew(capfd: Any) -> None:
    tracker = make_tracker()
    look(tracker, 1.0)
    tracker._estimator.mood = "raise"
    look(tracker, 1.1)
    tracker._estimator.mood = ""
    assert look(tracker, 1.2).status is Status.GUARANTEED
    assert [s.stamp for s in tracker._state] == [1.2]


def test_a_new_dressing_forgets_the_old_one() -> None:
    tracker = make_tracker()
    look(tracker)
    tracker.meet(ARM)
    assert tracker._state == []
    assert tracker.newest is None


def test_the_void_box_grows_while_the_shoulder_is_not_seen() -> None:
    tracker = make_tracker()
    look(tracker, 1.0)
    sides = [tracker.void(stamp, "lost").box.size[0] for stamp in (1.0, 1.2, 1.4)]
    assert sides[0] < sides[1] < sides[2]


@pytest.mark.parametrize("far", [(9.0, 0.0, 1.0), (np.nan, 0.0, 1.0)])
def test_the_void_box_is_not_about_a_shoulder_out_of_reach(far: tuple[float, ...]) -> None:
    tracker = make_tracker()
    look(tracker, 1.0)
    sample = Sample(1.1, gripper=Pose(GRIPPER), shoulder=np.array(far))
    estimate = tracker.step(sample, "no wrench")
    assert estimate is not None
    np.testing.assert_allclose(estimate.box.centre, SHOULDER)
    assert estimate.box.size[0] > tracker.void(1.0, "").box.size[0]


def test_warming_up_leaves_no_trace() -> None:
    tracker = make_tracker()
    tracker.warm_up()
    assert tracker._state == []
    assert tracker.newest is None
    assert not tracker.step_times


def test_warming_up_reads_the_layers_too_and_leaves_no_trace() -> None:
    """Whatever compiles at its first use has been used when the first measurement comes."""
    estimator = shared_estimator(EstimatorParams())
    tap = make_tap(estimator, TapParams())
    assert tap is not None
    read: list[float] = []
    kept = tap.read
    tap.read = lambda state, stamp: (read.append(stamp), kept(state, stamp))[1]  # type: ignore[method-assign]
    tracker = Tracker(estimator, KinematicPrior(), tap)
    tracker.warm_up()
    assert len(read) == 60
    assert tracker.reading is None
    assert tracker._state is None


class Planner:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.fail = False

    def start(self, arm: Any) -> int:
        return 0

    def step(
        self, state: int, sample: Sample, estimate: Any, **others: Any
    ) -> tuple[int, Command, PlanReport]:
        if self.fail:
            raise RuntimeError("no way")
        self.asked.append({"estimate": estimate, **others})
        mode = PlanMode.STOPPED if sample.wrench is None else PlanMode.FOLLOWING
        report = PlanReport(sample.stamp, mode, "because", np.zeros((0, 3)))
        return state + 1, Command(np.ones(3)), report


def make_driver() -> tuple[Driver, Planner]:
    planner = Planner()
    driver = Driver(planner)
    driver.meet(ARM)
    return driver, planner


def test_a_box_is_given_to_one_step_only() -> None:
    driver, planner = make_driver()
    box = next(warmup.rehearse(1))[1]
    driver.tell(box)
    for stamp in (1.0, 1.1):
        driver.step(Sample(stamp), stamp, 0, "")
    assert [asked["estimate"] for asked in planner.asked] == [box, None]


@pytest.mark.parametrize(("level", "health"), [(0, 0), (1, 1), (2, 2), (3, 1)])
def test_the_monitors_level_is_handed_on(level: int, health: int) -> None:
    driver, planner = make_driver()
    driver.step(Sample(1.0), 1.0, level, "")
    assert planner.asked[0]["health"] is Health(health)


def test_the_fault_of_a_sample_is_handed_on() -> None:
    driver, planner = make_driver()
    driver.step(Sample(1.0), 1.0, 0, "frame")
    assert planner.asked[0]["fault"] == "frame"


def test_a_planner_that_fails_stands_still(capfd: Any) -> None:
    driver, planner = make_driver()
    planner.fail = True
    decision = driver.step(Sample(1.0), 1.0, 0, "")
    assert decision.report.mode is PlanMode.STOPPED
    assert "the planner failed" in decision.report.reason
    assert not decision.command.linear.any()
    health = driver.health({"refused wrench": 2})
    assert health.level == 2
    assert health.values["refused wrench"] == 2
    assert "no way" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["straight", "point"])
def test_real_planners_move_in_the_rehearsal(name: str) -> None:
    driver = Driver(make_planner(name))
    driver.warm_up()
    driver.meet(warmup.ARM)
    for sample, estimate in warmup.rehearse(120):
        driver.tell(estimate)
        decision = driver.step(sample, sample.stamp, 0, "")
    assert np.linalg.norm(decision.command.linear) > 0.01
