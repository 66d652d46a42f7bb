"""Planners at work in a world without physics."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from elbowroom.core import PlanMode, Status
from elbowroom.planning import Planner, make_planner
from planning.mock import QUICK, Drive, World

BENT = World(wrist=np.array([0.25, -0.05, 0.88]))


@cache
def planner(name: str) -> Planner:
    return make_planner(name, QUICK)


def dress(name: str, side: float = 0.1, world: World | None = None) -> tuple[Drive, list]:
    drive = Drive(planner(name), world or World(), side)
    rows = []
    for _ in range(120):
        rows += drive.run(0.1)
        if rows[-1][1].mode is PlanMode.DONE:
            break
    return drive, rows


@cache
def dressed(name: str, side: float) -> tuple[World, list]:
    """A dressing that several tests look at and none changes."""
    drive, rows = dress(name, side)
    return drive.world, rows


@pytest.mark.parametrize("name", ["straight", "point", "robust"])
def test_the_cuff_arrives_at_the_shoulder_and_rests(name: str) -> None:
    drive, rows = dress(name)
    assert rows[-1][1].mode is PlanMode.DONE
    assert np.linalg.norm(drive.world.cuff - drive.world.shoulder) < 0.1
    place = drive.world.cuff
    assert drive.run(0.5)[-1][1].mode is PlanMode.DONE
    np.testing.assert_allclose(drive.world.cuff, place, atol=1e-12)


def test_the_way_goes_round_the_elbow_and_the_straight_line_does_not() -> None:
    passes = {}
    for name in ("straight", "robust"):
        drive, rows = dress(name, 0.02, replace(BENT))
        elbow = drive.world.elbow
        passes[name] = min(np.linalg.norm(place - elbow) for place, _ in rows)
    assert passes["robust"] < 0.035
    assert passes["straight"] > 0.05


def test_the_cuff_stays_near_the_arm() -> None:
    w, rows = dressed("robust", 0.02)
    for place, _ in rows:
        assert min(_distance(place, w.wrist, w.elbow), _distance(place, w.elbow, w.shoulder)) < 0.06


def test_speed_limit_and_acceleration_hold_in_the_cuffs_way() -> None:
    _, rows = dressed("robust", 0.02)
    places = np.array([place for place, _ in rows])
    speed = np.linalg.norm(np.diff(places, axis=0), axis=1) * 240
    assert speed.max() < QUICK.speed * 1.1


def test_a_wide_box_is_slower_and_a_prior_slowest() -> None:
    _, narrow = dressed("robust", 0.02)
    _, wide = dress("robust", 0.25)
    assert len(narrow) < len(wide)
    drive = Drive(planner("robust"), World())
    drive.run(0.2)
    for _ in range(120):
        _, report = drive.step(drive.world.sample(), drive.world.box(status=Status.PRIOR))
    assert report.mode is PlanMode.SLOWED
    assert "prior" in report.reason
    assert report.speed_limit == QUICK.speed_slow


def test_point_ignores_the_size_of_the_box() -> None:
    places = []
    for side in (0.01, 0.2):
        drive = Drive(planner("point"), World(), side)
        drive.run(1.0)
        places.append(drive.world.cuff)
    np.testing.assert_array_equal(places[0], places[1])


def test_a_step_is_pure() -> None:
    drive = Drive(planner("robust"), World())
    drive.run(0.4)
    sample, box = drive.world.sample(), drive.world.box()
    first = drive.planner.step(drive.state, sample, box)
    again = drive.planner.step(drive.state, sample, box)
    np.testing.assert_array_equal(first[1].linear, again[1].linear)
    np.testing.assert_array_equal(first[2].path, again[2].path)


def test_a_snag_makes_the_cuff_go_back() -> None:
    drive = Drive(planner("robust"), World())
    drive.run(1.8)
    toward = drive.world.elbow - drive.world.cuff
    drive.world.force = -(QUICK.snag_force + 2.0) * toward / np.linalg.norm(toward)
    modes = {report.mode for _, report in drive.run(3.0)}
    assert PlanMode.RETREATING in modes


def test_reports_say_what_a_reader_needs() -> None:
    drive = Drive(planner("robust"), World())
    assert drive.run(0.02)[-1][1].mode is PlanMode.WAITING
    report = drive.run(1.0)[-1][1]
    assert report.path.shape == (QUICK.stages + 1, 3)
    assert 0.0 < report.progress < 1.0
    assert 0.0 < report.speed_limit <= QUICK.speed
    assert report.solve_time > 0.0
    assert report.clearance >= 0.0


def test_a_prior_without_any_sighting_waits_and_with_one_goes_slowly() -> None:
    world = World()
    around = replace(world.box(0.7, status=Status.PRIOR), point=world.shoulder)
    drive = Drive(planner("robust"), world)

    def step(sighting: np.ndarray | None) -> tuple:
        prior = replace(around, stamp=world.time)
        return drive.step(replace(world.sample(), sighting=sighting), prior)

    for _ in range(60):
        command, report = step(None)
        assert report.mode is PlanMode.WAITING
        assert not command.linear.any()
    start = world.cuff
    for _ in range(240):
        _, report = step(world.elbow)
    assert report.mode is PlanMode.SLOWED
    way = world.cuff - start
    assert 0.5 * QUICK.speed_slow < np.linalg.norm(way) < 1.1 * QUICK.speed_slow


def _distance(point: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    share = np.clip((point - a) @ (b - a) / ((b - a) @ (b - a)), -1.0, 1.0)
    return float(np.linalg.norm(point - a - share * (b - a)))
