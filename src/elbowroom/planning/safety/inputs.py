"""Take one sample in: keep what is usable, name what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from elbowroom.core import Box, Estimate, Pose, Sample
from elbowroom.core.types import Array
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.safety.admittance import filter_force, find_excess
from elbowroom.planning.state import NEVER, Inputs
from elbowroom.planning.vectors import cap

AHEAD = 0.1
"""A sample further ahead of the clock would shut out all that follow [s]."""
FARTHEST = 1e4
"""Coordinates beyond are no places in a room [m]."""
MOST_FORCE = 1000.0
"""No sensor of a wrist measures more; numbers beyond are not forces [N]."""
FELT = 2.0
"""The filters are given this many times force_limit at most: one glitch must not fling the arm."""


def observe(
    inputs: Inputs, sample: Sample, estimate: Estimate | None, now: float, params: PlannerParams
) -> Inputs:
    """The newest usable value of every source after a sample.

    A value that is not finite or of the wrong shape is left out and named in `fault`, and so is a
    sample from the future. A clock that runs backwards forgets every age, so each source must
    report anew.
    """
    if not np.isfinite(now) or not np.isfinite(sample.stamp):
        return replace(inputs, fault="the stamp is not finite")
    if now < inputs.now:
        return Inputs(now=now, wrist=inputs.wrist, fault="the clock went backwards")
    if sample.stamp > now + AHEAD:
        return replace(inputs, now=now, fault="the sample is from the future")
    faults: list[str] = []
    changes: dict[str, Any] = {"now": now}
    if sample.wrench is not None:
        changes |= _take_force(inputs, sample.wrench.force, sample.stamp, params, faults)
    if sample.gripper is not None:
        changes |= _take_gripper(sample.gripper, sample.stamp, faults)
    for name in ("shoulder", "wrist", "sighting"):
        changes |= _take_point(name, getattr(sample, name), sample.stamp, faults)
    if estimate is not None:
        changes |= {"estimate": estimate, "previous": inputs.estimate}
    return replace(inputs, **changes, fault="; ".join(faults))


def is_point(value: Any) -> bool:
    """Whether a value is three finite numbers, none beyond `FARTHEST`."""
    return _is_vector(value) and bool(np.all(np.abs(value) < FARTHEST))


def is_box(box: Box) -> bool:
    """Whether a box is one: a point, sides that are not negative, an orientation."""
    if not is_point(box.centre) or not is_point(box.size) or not _is_turn(box.orientation):
        return False
    return bool(np.all(np.asarray(box.size) >= 0))


def _is_vector(value: Any) -> bool:
    # An array of None has the right shape as well.
    array = np.asarray(value)
    return array.shape == (3,) and array.dtype.kind in "iuf" and bool(np.all(np.isfinite(array)))


def _is_turn(quaternion: Any) -> bool:
    return np.shape(quaternion) == (4,) and 0.9 < float(np.linalg.norm(quaternion)) < 1.1


def _take_force(
    inputs: Inputs, force: Array, stamp: float, params: PlannerParams, faults: list[str]
) -> dict[str, Any]:
    if not _is_vector(force):
        faults.append("the wrench is not finite")
        return {}
    force = np.asarray(force, dtype=float)
    if np.abs(force).max() > MOST_FORCE:
        faults.append(f"the force is beyond {MOST_FORCE:g} N")
        return {}
    if stamp <= inputs.force_stamp:
        return {}
    most = FELT * params.force_limit
    felt = cap(force, most)
    if inputs.force_stamp == NEVER:
        return {"force": felt, "quick": felt, "force_raw": force, "force_stamp": stamp}
    interval = stamp - inputs.force_stamp
    ahead = cap(force + params.yield_lead / interval * (force - inputs.force_raw), most)
    quick = filter_force(inputs.quick, ahead, interval, params.yield_cutoff)
    excess = find_excess(quick, params)
    return {
        "force": filter_force(inputs.force, felt, interval, params.force_cutoff),
        "quick": quick,
        "lasting": filter_force(inputs.lasting, excess, interval, params.persist_cutoff),
        "force_raw": force,
        "force_stamp": stamp,
    }


def _take_gripper(gripper: Pose, stamp: float, faults: list[str]) -> dict[str, Any]:
    turn = np.asarray(gripper.orientation, dtype=float)
    usable = turn.shape == (4,) and np.all(np.isfinite(turn)) and turn @ turn > 1e-12
    if not is_point(gripper.position) or not usable:
        faults.append("the gripper pose is not finite")
        return {}
    return {"gripper": gripper, "gripper_stamp": stamp}


def _take_point(name: str, value: Array | None, stamp: float, faults: list[str]) -> dict[str, Any]:
    if value is None:
        return {}
    if not is_point(value):
        faults.append(f"the {name} is not finite")
        return {}
    return {name: np.asarray(value, dtype=float), f"{name}_stamp": stamp}
