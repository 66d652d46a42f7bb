"""Take one sample in: keep what is usable, name what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from elbowroom.core import Estimate, Pose, Sample
from elbowroom.core.types import Array
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.safety.admittance import filter_force, find_excess
from elbowroom.planning.state import NEVER, Inputs


def observe(
    inputs: Inputs, sample: Sample, estimate: Estimate | None, now: float, params: PlannerParams
) -> Inputs:
    """The newest usable value of every source after a sample.

    A value that is not finite or of the wrong shape is left out and named in `fault`. A clock
    that runs backwards forgets every age, so each source must report anew.
    """
    if not np.isfinite(now) or not np.isfinite(sample.stamp):
        return replace(inputs, fault="the stamp is not finite")
    if now < inputs.now:
        return Inputs(now=now, wrist=inputs.wrist, fault="the clock went backwards")
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


def is_point(value: Array) -> bool:
    """Whether a value is three finite numbers."""
    array = np.asarray(value, dtype=float)
    return array.shape == (3,) and bool(np.all(np.isfinite(array)))


def _take_force(
    inputs: Inputs, force: Array, stamp: float, params: PlannerParams, faults: list[str]
) -> dict[str, Any]:
    if not is_point(force):
        faults.append("the wrench is not finite")
        return {}
    if stamp <= inputs.force_stamp:
        return {}
    force = np.asarray(force, dtype=float)
    if inputs.force_stamp == NEVER:
        return {"force": force, "quick": force, "force_raw": force, "force_stamp": stamp}
    interval = stamp - inputs.force_stamp
    ahead = force + params.yield_lead / interval * (force - inputs.force_raw)
    quick = filter_force(inputs.quick, ahead, interval, params.yield_cutoff)
    excess = find_excess(quick, params)
    return {
        "force": filter_force(inputs.force, force, interval, params.force_cutoff),
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
