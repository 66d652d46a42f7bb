"""The values that travel between simulator, estimator and planner.

Positions are in metres in one fixed world frame (z up); forces in newtons and torques in
newton metres in the same axes. Stamps are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from elbowroom.core.rotation import matrix_from_quaternion

Array = NDArray[np.float64]


class InputError(ValueError):
    """A measurement that cannot be used: not finite, wrong shape, wrong frame, wrong order."""


class Status(IntEnum):
    """What a published box promises; the values are those of elbowroom/ElbowBox."""

    PRIOR = 0
    """Every place the arm's lengths allow; nothing was learned from force."""
    GUARANTEED = 1
    """Contains the elbow throughout the dressing with probability >= 1 - delta."""
    VOID = 2
    """The assumptions no longer hold; the box is the kinematic prior."""
    UNCALIBRATED = 3
    """A model's own confidence; no coverage was ever measured for it."""


@dataclass(frozen=True)
class Wrench:
    """What the cloth does to the gripper, gravity and inertia of the hand removed.

    Attributes:
        force: [N], world axes, shape (3,).
        torque: [N m] about the sensor's origin, world axes, shape (3,).
    """

    force: Array
    torque: Array


@dataclass(frozen=True)
class Pose:
    """Position [m], shape (3,), and orientation (x, y, z, w), shape (4,), in the world frame."""

    position: Array
    orientation: Array = field(default_factory=lambda: np.array([0.0, 0.0, 0.0, 1.0]))


@dataclass(frozen=True)
class ArmMeasurement:
    """A person's segment lengths as measured before the dressing.

    Attributes:
        upper_arm: shoulder to elbow [m].
        forearm: elbow to wrist [m].
        upper_arm_error: standard deviation of `upper_arm` [m].
        forearm_error: standard deviation of `forearm` [m].
    """

    upper_arm: float
    forearm: float
    upper_arm_error: float = 0.005
    forearm_error: float = 0.005

    def __post_init__(self) -> None:
        for name in ("upper_arm", "forearm"):
            value = getattr(self, name)
            if not 0.1 <= value <= 0.6:
                raise InputError(f"{name} must lie in [0.1, 0.6] m, got {value}")


@dataclass(frozen=True)
class Sample:
    """Everything measured up to one stamp; None or a NaN-free array for each source.

    A source that did not report since the previous sample is None.

    Attributes:
        stamp: time of the wrench measurement [s].
        wrench: see `Wrench`.
        gripper: pose of the point where the cuff is held.
        shoulder: camera's shoulder position [m], shape (3,).
        sighting: camera's elbow position [m] while the elbow is not yet covered, shape (3,).
        wrist: camera's wrist position [m] when the hand is seen, shape (3,).
        progress: measured way of the cuff along the arm from the wrist [m], see
            `Truth.progress`; negative on the hand.
        effort: what the cloth does to the robot's joints, gravity and inertia of the robot
            removed [N m], base first, shape (7,).
    """

    stamp: float
    wrench: Wrench | None = None
    gripper: Pose | None = None
    shoulder: Array | None = None
    sighting: Array | None = None
    wrist: Array | None = None
    progress: float | None = None
    effort: Array | None = None


@dataclass(frozen=True)
class Truth:
    """What only the simulator knows; for evaluation, never for an estimator or a planner.

    Attributes:
        elbow, shoulder, wrist: joint centres [m], shape (3,).
        progress: arc length of the cuff along the arm, from the wrist towards the shoulder [m];
            negative on the hand.
        threaded: the arm's centre line pierces the cuff.
        passed: the cuff has gone past the elbow (and the arm is still threaded).
        flexion: elbow flexion [rad], 0 for a straight arm.
        force: true force of the cloth on the gripper [N], shape (3,).
    """

    elbow: Array
    shoulder: Array
    wrist: Array
    progress: float
    threaded: bool
    passed: bool
    flexion: float
    force: Array


@dataclass(frozen=True)
class Box:
    """Oriented box {centre + R(orientation) s : |s_i| <= size_i / 2}.

    Attributes:
        centre: [m], shape (3,).
        size: full side lengths [m], shape (3,).
        orientation: quaternion (x, y, z, w), shape (4,).
    """

    centre: Array
    size: Array
    orientation: Array = field(default_factory=lambda: np.array([0.0, 0.0, 0.0, 1.0]))

    @property
    def rotation(self) -> Array:
        """Rotation matrix whose columns are the box's axes, shape (3, 3)."""
        return matrix_from_quaternion(self.orientation)

    @property
    def volume(self) -> float:
        """Product of the sides [m^3]."""
        return float(np.prod(self.size))

    @property
    def edge(self) -> float:
        """Edge of the cube of the same volume [m]."""
        return float(np.cbrt(self.volume))

    @property
    def hull(self) -> tuple[Array, Array]:
        """Smallest axis-aligned box around this one: (lower, upper) corners [m]."""
        reach = np.abs(self.rotation) @ (self.size / 2)
        return self.centre - reach, self.centre + reach

    @property
    def corners(self) -> Array:
        """The eight corners [m], shape (8, 3)."""
        signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, 8).T
        return self.centre + (signs * self.size / 2) @ self.rotation.T

    def contains(self, point: Array) -> bool:
        """Whether a point [m], shape (3,), lies inside or on the boundary (1e-12 m slack)."""
        local = self.rotation.T @ (np.asarray(point) - self.centre)
        return bool(np.all(np.abs(local) <= self.size / 2 + 1e-12))

    def is_finite(self) -> bool:
        """Whether every number is finite and no side is negative."""
        numbers = np.concatenate([self.centre, self.size, self.orientation])
        return bool(np.all(np.isfinite(numbers)) and np.all(self.size >= 0))


@dataclass(frozen=True)
class Estimate:
    """A box with what it promises.

    Attributes:
        stamp: stamp of the newest measurement used [s].
        box: where the elbow is.
        status: what the box promises.
        point: best single guess of the elbow [m], shape (3,).
        delta: probability that the promise fails for a new person; 1 when nothing is promised.
        people: number of people calibrated on; 0 when nothing is promised.
        unit: what one calibration score stands for.
        rule: which quantile rule gave the box its scale.
        reason: plain words on why the status is not GUARANTEED or on what was left out, or empty.
        method: name of the estimator.
        version: version of the learned artefact.
        group: whom the promise is for, "all" or a group of trials.
    """

    stamp: float
    box: Box
    status: Status
    point: Array
    delta: float = 1.0
    people: int = 0
    unit: str = "person"
    rule: str = ""
    reason: str = ""
    method: str = ""
    version: str = ""
    group: str = ""


@dataclass(frozen=True)
class Command:
    """Gripper velocity to be followed until the next command.

    Attributes:
        linear: [m/s], world axes, shape (3,).
        angular: [rad/s], world axes, shape (3,).
    """

    linear: Array
    angular: Array = field(default_factory=lambda: np.zeros(3))


class PlanMode(IntEnum):
    """What the planner is doing; the values are those of elbowroom/PlanState."""

    IDLE = 0
    FOLLOWING = 1
    WAITING = 2
    SLOWED = 3
    RETREATING = 4
    STOPPED = 5
    DONE = 6


@dataclass(frozen=True)
class PlanReport:
    """What the planner decided and why.

    Attributes:
        stamp: stamp of the box used [s].
        mode: what the planner is doing.
        reason: plain words; never empty unless FOLLOWING.
        path: planned cuff positions [m], shape (n, 3).
        speed_limit: [m/s].
        progress: share of the way to the shoulder, 0..1.
        force: filtered force magnitude [N].
        clearance: least distance of the path from the box [m].
        solve_time: [s].
        active_constraints: names of the constraints that hold the plan back.
    """

    stamp: float
    mode: PlanMode
    reason: str
    path: Array
    speed_limit: float = 0.0
    progress: float = 0.0
    force: float = 0.0
    clearance: float = float("inf")
    solve_time: float = 0.0
    active_constraints: tuple[str, ...] = ()
