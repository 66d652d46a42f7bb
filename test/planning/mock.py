"""A world without physics: the gripper does what it is told, the arm stays where it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import (
    ArmMeasurement,
    Box,
    Command,
    Estimate,
    PlanReport,
    Pose,
    Sample,
    Status,
    Wrench,
    exp_so3,
    matrix_from_quaternion,
    quaternion_from_matrix,
)
from elbowroom.planning import Planner, PlannerParams, PlanState

Array = NDArray[np.float64]
RATE = 240.0
QUICK = PlannerParams(look_time=0.05, plan_every=24)


@dataclass
class World:
    """A still arm; the cuff starts on the hand, held from above."""

    shoulder: Array = field(default_factory=lambda: np.array([0.0, 0.0, 1.0]))
    elbow: Array = field(default_factory=lambda: np.array([0.05, -0.05, 0.72]))
    wrist: Array = field(default_factory=lambda: np.array([0.28, -0.05, 0.80]))
    offset: float = 0.065
    time: float = 0.0
    force: Array = field(default_factory=lambda: np.zeros(3))

    def __post_init__(self) -> None:
        hand = (self.wrist - self.elbow) / np.linalg.norm(self.wrist - self.elbow)
        up = np.array([0.0, 0.0, 1.0]) - hand[2] * hand
        down = -up / np.linalg.norm(up)
        turn = np.stack([hand, np.cross(down, hand), down], axis=1)
        centre = self.wrist + 0.05 * hand
        self.gripper = Pose(centre - self.offset * down, quaternion_from_matrix(turn))

    @property
    def arm(self) -> ArmMeasurement:
        return ArmMeasurement(
            float(np.linalg.norm(self.elbow - self.shoulder)),
            float(np.linalg.norm(self.wrist - self.elbow)),
        )

    @property
    def cuff(self) -> Array:
        turn = matrix_from_quaternion(self.gripper.orientation)
        return self.gripper.position + self.offset * turn[:, 2]

    def sample(self) -> Sample:
        return Sample(self.time, Wrench(self.force, np.zeros(3)), self.gripper, self.shoulder)

    def box(self, side: float = 0.1, shift: Array | None = None, **changes: Any) -> Estimate:
        centre = self.elbow + (np.zeros(3) if shift is None else shift)
        box = Box(centre, np.full(3, side))
        return replace(Estimate(self.time, box, Status.GUARANTEED, centre), **changes)

    def move(self, command: Command) -> None:
        turn = matrix_from_quaternion(self.gripper.orientation)
        turn = exp_so3(command.angular / RATE) @ turn
        place = self.gripper.position + command.linear / RATE
        self.gripper = Pose(place, quaternion_from_matrix(turn))
        self.time += 1.0 / RATE


@dataclass
class Drive:
    """A planner in a world."""

    planner: Planner
    world: World
    side: float = 0.1
    state: PlanState = field(init=False)

    def __post_init__(self) -> None:
        self.state = self.planner.start(self.world.arm)

    def step(self, *args: Any, **options: Any) -> tuple[Command, PlanReport]:
        """One step; a sample and an estimate may be given instead of the world's."""
        sample = args[0] if args else self.world.sample()
        estimate = args[1] if len(args) > 1 else self.world.box(self.side)
        self.state, command, report = self.planner.step(self.state, sample, estimate, **options)
        self.world.move(command)
        return command, report

    def run(self, duration: float) -> list[tuple[Array, PlanReport]]:
        """Where the cuff was, and what was reported, at every step."""
        rows = []
        for _ in range(round(duration * RATE)):
            place = self.world.cuff
            _, report = self.step()
            rows.append((place, report))
        return rows
