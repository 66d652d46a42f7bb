"""Faults while a simulated arm is being dressed: the gripper stops, and the force stays low."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from elbowroom.campaign.cast import Cast, CastParams, draw_setup
from elbowroom.core import Box, Estimate, PlanMode, Sample, Status, Truth
from elbowroom.planning import Planner, PlannerParams, make_planner

PARAMS = PlannerParams()
BEGIN, END, LAST = 1.2, 1.5, 2.0
STILL = Cast(CastParams(motion_kind="still", motion_duration=4.0))
Told = tuple[Sample, Estimate | None]


@cache
def planner() -> Planner:
    return make_planner("robust", PARAMS)


def look(sample: Sample, truth: Truth, shift: float = 0.0) -> Estimate:
    box = Box(truth.elbow + [shift, shift, 0.0], np.full(3, 0.08))
    return Estimate(sample.stamp, box, Status.UNCALIBRATED, box.centre)


FAULTS: dict[str, Callable[[Sample, Truth], Told]] = {
    "box frozen": lambda s, t: (s, replace(look(s, t), stamp=BEGIN)),
    "box jumping": lambda s, t: (s, look(s, t, 0.2 * (int(s.stamp * 240) % 2))),
    "box void": lambda s, t: (s, replace(look(s, t), status=Status.VOID)),
    "estimator killed": lambda s, t: (s, None),
    "wrench lost": lambda s, t: (replace(s, wrench=None), look(s, t)),
    "clock jumped back": lambda s, t: (replace(s, stamp=s.stamp - 1.0), look(s, t)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_stops_the_pull_and_passes(name: str) -> None:
    setup = draw_setup(3, 1, 0, STILL)
    scene, forces, modes = setup.scene, [], []
    with scene:
        state, sample = planner().start(scene.arm), scene.observe()
        while sample.stamp < LAST:
            truth = scene.truth()
            forces.append(float(np.linalg.norm(truth.force)))
            told: Told = (sample, look(sample, truth))
            if BEGIN <= sample.stamp < END:
                told = FAULTS[name](sample, truth)
            state, command, report = planner().step(state, *told)
            modes.append((sample.stamp, report.mode))
            if report.mode is PlanMode.STOPPED:
                assert not command.linear.any()
            sample = scene.step(command)
    during = {mode for stamp, mode in modes if BEGIN + 0.05 <= stamp < END}
    assert during == {PlanMode.STOPPED}
    assert modes[-1][1] in (PlanMode.FOLLOWING, PlanMode.SLOWED)
    assert max(forces) < PARAMS.force_limit
