"""What a planner remembers between two steps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from elbowroom.core.types import ArmMeasurement, Array, Estimate, PlanMode, Pose

NEVER = float("-inf")


@dataclass(frozen=True)
class Inputs:
    """The newest usable value of every source, with its stamp [s].

    Attributes:
        now: time of the step.
        force: low-passed cloth force [N], shape (3,).
        quick: hardly filtered cloth force, a little ahead of its time [N], shape (3,).
        lasting: low-passed excess of `quick` beyond yield_force [N], shape (3,).
        force_raw: newest cloth force [N], shape (3,).
        gripper, shoulder, wrist, sighting, estimate: newest, None before the first.
        previous: the estimate before the newest one.
        fault: what was wrong with the newest input, or empty.
    """

    now: float = NEVER
    force: Array = field(default_factory=lambda: np.zeros(3))
    quick: Array = field(default_factory=lambda: np.zeros(3))
    lasting: Array = field(default_factory=lambda: np.zeros(3))
    force_raw: Array = field(default_factory=lambda: np.zeros(3))
    force_stamp: float = NEVER
    gripper: Pose | None = None
    gripper_stamp: float = NEVER
    shoulder: Array | None = None
    shoulder_stamp: float = NEVER
    wrist: Array | None = None
    wrist_stamp: float = NEVER
    sighting: Array | None = None
    sighting_stamp: float = NEVER
    estimate: Estimate | None = None
    previous: Estimate | None = None
    fault: str = ""


@dataclass(frozen=True)
class Grip:
    """What the wrist has felt of late.

    Attributes:
        strained: when the force was last at slip_force [s].
        slack: since when it has been below slack_force [s], NEVER while it is not.
        lost: whether the cloth has slipped from the fingers; it does not come back by itself.
    """

    strained: float = NEVER
    slack: float = NEVER
    lost: bool = False


@dataclass(frozen=True)
class Proposal:
    """What a planner would do if the safety envelope let it.

    Attributes:
        velocity: reference of the gripper [m/s], shape (3,).
        path: planned positions of the cuff's centre [m], shape (n, 3).
        mode: FOLLOWING, SLOWED, WAITING, RETREATING or DONE.
        reason: why not FOLLOWING at full speed, or empty.
        drift: velocity of the arm at the cuff, which the gripper goes along with [m/s], shape (3,).
        along: direction of the way at the cuff, unit vector, shape (3,), or None.
        turn: angular velocity of the gripper [rad/s], shape (3,).
    """

    velocity: Array
    path: Array
    mode: PlanMode = PlanMode.FOLLOWING
    reason: str = ""
    speed_limit: float = 0.0
    progress: float = 0.0
    clearance: float = float("inf")
    solve_time: float = 0.0
    active_constraints: tuple[str, ...] = ()
    drift: Array = field(default_factory=lambda: np.zeros(3))
    along: Array | None = None
    turn: Array = field(default_factory=lambda: np.zeros(3))


@dataclass(frozen=True)
class PlanState:
    """A planner's whole memory; the planner object itself holds settings only.

    Attributes:
        arm: measured lengths of the person.
        inputs: newest usable inputs.
        reference: reference velocity of the last step [m/s], shape (3,).
        stop: reason of the stop in force, or empty.
        stop_until: the stop lasts at least to this time [s].
        forced: the hard limit was reached during this stop, whatever else has been wrong since.
        grip: what the wrist has felt of the cloth in the fingers.
        done: the cuff has arrived; the planner rests from then on.
        proposal: newest proposal, None before the first.
        memory: what the particular planner adds.
    """

    arm: ArmMeasurement
    inputs: Inputs = field(default_factory=Inputs)
    reference: Array = field(default_factory=lambda: np.zeros(3))
    stop: str = ""
    stop_until: float = NEVER
    forced: bool = False
    grip: Grip = field(default_factory=Grip)
    done: bool = False
    proposal: Proposal | None = None
    memory: object | None = None
