"""The convex program, held against what it promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import Box
from elbowroom.planning import PlannerParams
from elbowroom.planning.optimiser.cone import SolverError
from elbowroom.planning.optimiser.program import Program, Stage
from elbowroom.planning.way.route import ask, choose_corridor

PARAMS = PlannerParams()
SHOULDER = np.array([0.0, 0.0, 1.0])
ELBOW = np.array([0.05, -0.05, 0.72])
WRIST = np.array([0.28, -0.05, 0.80])
BOX = Box(ELBOW, np.full(3, 0.1))


@pytest.fixture(scope="module")
def program() -> Program:
    return Program(PARAMS)


def make_stage(before: float = 0.1, speed: float = 0.14) -> Stage:
    corridor = choose_corridor(WRIST, SHOULDER, BOX, PARAMS)
    here = corridor.elbow_length - before
    cuff = corridor.sample(np.array([here]))[0][0]
    return ask(corridor, BOX, here, cuff, np.zeros(3), speed, PARAMS)


def test_speed_and_acceleration_are_kept(program: Program) -> None:
    points = program.solve(make_stage()).points
    h = PARAMS.stage_time
    stride = np.diff(points, axis=0)
    assert np.all(np.linalg.norm(stride, axis=1) <= 0.14 * h + 1e-5)
    change = np.diff(np.concatenate([np.zeros((1, 3)), stride]), axis=0)
    assert np.all(np.linalg.norm(change, axis=1) <= PARAMS.acceleration * h * h + 1e-5)


@pytest.mark.parametrize("before", [0.2, 0.1, 0.05, 0.0, -0.05])
def test_the_plan_stays_outside_for_every_elbow(program: Program, before: float) -> None:
    stage = make_stage(before)
    points = program.solve(stage).points[1:]
    across = np.sum(stage.normal * points, axis=1)
    assert np.all(across >= stage.inside - 2e-3)


def test_a_cuff_without_company_of_constraints_follows_the_way(program: Program) -> None:
    stage = make_stage(0.25)
    plan = program.solve(stage)
    assert np.max(np.linalg.norm(plan.points[1:] - stage.wanted, axis=1)) < 0.03
    assert "speed" in plan.active


def test_a_fast_cuff_may_brake(program: Program) -> None:
    stage = replace(make_stage(speed=0.05), velocity=np.array([-0.4, 0.0, 0.0]))
    strides = np.linalg.norm(np.diff(program.solve(stage).points, axis=0), axis=1)
    assert strides[-1] <= 0.05 * PARAMS.stage_time + 1e-5


def test_a_cuff_outside_the_workspace_comes_back(program: Program) -> None:
    low = np.array(PARAMS.workspace_low)
    stage = make_stage()
    lost = replace(stage, start=np.array([0.2, 0.0, low[2] - 0.05]))
    points = program.solve(lost).points
    assert points[-1, 2] > points[0, 2]


def test_reach_is_kept_and_named() -> None:
    short = PlannerParams(robot_reach=0.3, robot_base=(0.45, -0.05, 0.80))
    stage = make_stage(0.15, 0.3)
    plan = Program(short).solve(stage)
    distance = np.linalg.norm(plan.points - np.array(short.robot_base), axis=1)
    assert np.all(distance <= max(0.3, distance[0] + 0.002) + 1e-5)


def test_numbers_that_are_not_finite_are_refused(program: Program) -> None:
    with pytest.raises(SolverError):
        program.solve(replace(make_stage(), start=np.full(3, np.nan)))
    assert program.solve(make_stage()).points.shape == (PARAMS.stages + 1, 3)


def test_a_cuff_beside_the_way_still_goes_along_it(program: Program) -> None:
    corridor = choose_corridor(WRIST, SHOULDER, BOX, PARAMS)
    here = corridor.elbow_length - 0.25
    point, _, tangent, _ = corridor.sample(np.array([here]))
    aside = np.cross(tangent[0], corridor.bend.outward)
    stage = ask(corridor, BOX, here, point[0] + 0.04 * aside, 0.14 * tangent[0], 0.14, PARAMS)
    stride = np.diff(program.solve(stage).points, axis=0) / PARAMS.stage_time
    assert np.all(stride[:5] @ tangent[0] > 0.12)
    assert np.all(stride[:5] @ aside < 0.0)
