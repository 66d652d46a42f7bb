"""A room without physics: a straight arm that sways, a gripper that goes where it is told."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from elbowroom.core import (
    ArmMeasurement,
    Box,
    Command,
    Estimate,
    PlanMode,
    PlanReport,
    Pose,
    Sample,
    Status,
    Truth,
    Wrench,
)

RATE = 60.0


class SwayingArm:
    """The arm points along +x; its elbow sways in y with a known law."""

    arm = ArmMeasurement(0.30, 0.25)

    def __init__(self, sway=0.02):
        self.sway = sway
        self.closed = False
        self._tick = 0
        self._gripper = np.array([0.56, 0.0, 1.0])

    def observe(self):
        force = -4.0 * (self._gripper - self.elbow)
        seen = np.array([0.0, 0.0, 1.0]) if self._tick % 4 == 0 else None
        first = self.elbow if self._tick == 0 else None
        wrench = Wrench(force, np.zeros(3))
        return Sample(self.time, wrench, Pose(self._gripper.copy()), seen, first)

    def step(self, command: Command):
        self._gripper = self._gripper + command.linear / RATE
        self._tick += 1
        return self.observe()

    @property
    def time(self):
        return self._tick / RATE

    @property
    def elbow(self):
        return np.array([0.30, self.sway * np.sin(2.0 * self.time), 1.0])

    def truth(self):
        progress = 0.55 - self._gripper[0]
        return Truth(
            elbow=self.elbow,
            shoulder=np.array([0.0, 0.0, 1.0]),
            wrist=np.array([0.55, 0.0, 1.0]),
            progress=progress,
            threaded=True,
            passed=progress > 0.25,
            flexion=0.3,
            force=-4.0 * (self._gripper - self.elbow),
        )

    def close(self):
        self.closed = True


class TowardsShoulder:
    """Goes straight at the shoulder at 0.2 m/s."""

    mode = PlanMode.FOLLOWING

    def start(self, arm):
        return 0

    def step(self, state, sample, estimate):
        report = PlanReport(sample.stamp, self.mode, "", np.zeros((0, 3)), solve_time=1e-3 * state)
        moving = self.mode == PlanMode.FOLLOWING
        return state + 1, Command(np.array([-0.2 * moving, 0.0, 0.0])), report


class Sighted:
    """Keeps the first sighting; says GUARANTEED until `void_from`."""

    name = "sighted"

    def __init__(self, side=0.1, void_from=np.inf):
        self.side = side
        self.void_from = void_from

    def start(self, arm):
        return None

    def step(self, state, sample):
        state = sample.sighting if sample.sighting is not None else state
        void = sample.stamp >= self.void_from
        status = Status.VOID if void else Status.GUARANTEED
        return state, Estimate(sample.stamp, Box(state, np.full(3, self.side)), status, state, 0.05)


@pytest.fixture
def room():
    return SwayingArm


@pytest.fixture
def towards_shoulder():
    return TowardsShoulder


@pytest.fixture
def sighted():
    return Sighted


@pytest.fixture
def simulator(monkeypatch):
    """Errors and planners under the names that a campaign imports late."""

    class SimulationError(RuntimeError):
        pass

    class UnreachableError(SimulationError):
        pass

    sim, planning = ModuleType("elbowroom.sim"), ModuleType("elbowroom.planning")
    sim.SimulationError, sim.UnreachableError = SimulationError, UnreachableError
    planning.PlannerParams = SimpleNamespace
    planning.make_planner = lambda name, params: TowardsShoulder()
    monkeypatch.setitem(sys.modules, "elbowroom.sim", sim)
    monkeypatch.setitem(sys.modules, "elbowroom.planning", planning)
    return sim
