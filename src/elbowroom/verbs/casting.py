"""The options that say who is dressed and who estimates, shared by several verbs."""

from __future__ import annotations

from dataclasses import fields, replace

from elbowroom.campaign.cast import Cast, CastParams
from elbowroom.core import ParameterError, Params
from elbowroom.estimation import EstimatorParams
from elbowroom.motion import MotionParams
from elbowroom.sim.params import SimParams
from elbowroom.verbs.options import Options


def cast_groups() -> dict[str, type[Params]]:
    """Option groups for people, movement and simulator."""
    return {"cast": CastParams, "motion": MotionParams, "sim": SimParams}


def read_cast(options: Options, motion: str = "") -> Cast:
    """What the options say of the people.

    Args:
        options: of a verb with `cast_groups`.
        motion: file of recorded movement that overrides the group "cast", or empty.

    Raises:
        ParameterError: if recorded movement is named that would not be used.
    """
    people = options.of(CastParams)
    if motion:
        people = replace(people, motion="recordings", motion_file=motion)
    if people.motion == "generator" and (people.motion_file or people.motion_subjects):
        raise ParameterError(
            "cast.motion_file and cast.motion_subjects have no effect on the source generator: "
            "choose cast.motion recordings or mix"
        )
    return Cast(people, options.of(MotionParams), options.of(SimParams))


def pick_estimator(params: EstimatorParams, method: str) -> EstimatorParams:
    """The estimator's settings among the options of a verb.

    Args:
        params: of the verb.
        method: name of the estimator.

    Raises:
        ParameterError: if the method is unknown.
    """
    values = {f.name: getattr(params, f.name) for f in fields(EstimatorParams)}
    return EstimatorParams(**values | {"method": method})
