"""What a planner believes of the arm between two boxes: the forearm, and how fast all moves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from elbowroom.core.types import Array
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.state import Inputs
from elbowroom.planning.vectors import cap, length, unit

FRESH_WRIST = 0.1
"""A wrist seen within this time tells the forearm's direction [s]."""
SURE_DISTANCE = 0.12
"""A cuff at least this far before the elbow tells it as well [m]."""
FOREARM_RATE = 0.04
"""Share of a new direction taken in with a sample."""


@dataclass(frozen=True)
class ArmBelief:
    """The arm as far as it is known.

    Attributes:
        elbow: centre of the box [m], shape (3,).
        shoulder: as seen [m], shape (3,).
        stamp: of both [s].
        forearm: unit vector from elbow to wrist, shape (3,).
        elbow_rate: low-passed velocity [m/s], shape (3,).
        shoulder_rate: low-passed velocity [m/s], shape (3,).
    """

    elbow: Array
    shoulder: Array
    stamp: float
    forearm: Array
    elbow_rate: Array = field(default_factory=lambda: np.zeros(3))
    shoulder_rate: Array = field(default_factory=lambda: np.zeros(3))


def believe(inputs: Inputs, elbow: Array, cuff: Array) -> ArmBelief:
    """The first belief: the cuff is on the hand, so the forearm points from elbow to cuff."""
    assert inputs.shoulder is not None, "the envelope checks it"
    return ArmBelief(elbow, inputs.shoulder, inputs.now, unit(cuff - elbow))


def revise(
    belief: ArmBelief,
    inputs: Inputs,
    elbow: Array,
    cuff: Array,
    before_elbow: bool,
    params: PlannerParams,
) -> ArmBelief:
    """The belief after a sample.

    The forearm's direction is that to the wrist where it was just seen, else that to the cuff
    while this is clearly on the forearm, else unchanged.

    Args:
        belief: before.
        inputs: newest, with a shoulder.
        elbow: centre of the box [m], shape (3,).
        cuff: centre of the ring [m], shape (3,).
        before_elbow: whether the cuff is not yet past the elbow.
        params: follow_cutoff.
    """
    interval = inputs.now - belief.stamp
    if interval <= 0.0:
        return belief
    assert inputs.shoulder is not None, "the envelope checks it"
    share = 1.0 - math.exp(-2 * math.pi * params.follow_cutoff * interval)
    return ArmBelief(
        elbow,
        inputs.shoulder,
        inputs.now,
        _turn_forearm(belief.forearm, inputs, elbow, cuff, before_elbow),
        _smooth(belief.elbow_rate, (elbow - belief.elbow) / interval, share, params),
        _smooth(
            belief.shoulder_rate, (inputs.shoulder - belief.shoulder) / interval, share, params
        ),
    )


def drift_of(belief: ArmBelief, share: float, passed: bool, params: PlannerParams) -> Array:
    """Velocity of the arm at the cuff [m/s], shape (3,), as far as the gripper goes along.

    A point at the share z of the way to the elbow moves with z e' + (1 - z) s' on the upper arm;
    on the forearm the wrist's part is unknown and left out.

    Args:
        belief: of the arm.
        share: z, 0..1.
        passed: whether the cuff is on the upper arm.
        params: follow_share and follow_speed.
    """
    drift = share * belief.elbow_rate
    if passed:
        drift = drift + (1.0 - share) * belief.shoulder_rate
    return cap(params.follow_share * drift, params.follow_speed)


def forget_motion(belief: ArmBelief, inputs: Inputs, elbow: Array) -> ArmBelief:
    """The belief after a gap in the inputs: a jump over the gap is no velocity."""
    assert inputs.shoulder is not None, "the envelope checks it"
    still = np.zeros(3)
    return replace(
        belief,
        elbow=elbow,
        shoulder=inputs.shoulder,
        stamp=inputs.now,
        elbow_rate=still,
        shoulder_rate=still,
    )


def _turn_forearm(
    forearm: Array, inputs: Inputs, elbow: Array, cuff: Array, before_elbow: bool
) -> Array:
    if inputs.wrist is not None and inputs.now - inputs.wrist_stamp < FRESH_WRIST:
        towards = unit(inputs.wrist - elbow)
    elif before_elbow and length(cuff - elbow) > SURE_DISTANCE:
        towards = unit(cuff - elbow)
    else:
        return forearm
    return unit(forearm + FOREARM_RATE * (towards - forearm))


def _smooth(rate: Array, new: Array, share: float, params: PlannerParams) -> Array:
    return rate + share * (cap(new, params.elbow_speed) - rate)
