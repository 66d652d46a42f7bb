"""From a box to what the program is asked: corridor, speed, clearances, horizon."""

from __future__ import annotations

import numpy as np

from elbowroom.core import Box
from elbowroom.core.types import Array
from elbowroom.planning.optimiser.program import Stage
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.vectors import length, unit
from elbowroom.planning.way.corridor import Corridor, describe_bend, half_width, lay_corridor

RIGHT_ANGLE = np.sqrt(2.0)


def choose_corridor(wrist: Array, shoulder: Array, box: Box, params: PlannerParams) -> Corridor:
    """The corridor for every elbow in a box: the more the box reaches outside, the wider.

    The way passes the box's centre on the outside at
    min(offset sqrt(2) sin(phi / 2) + box_share h b, offset_limit), where h is the box's half
    width towards the outside and b = min(1, 2 sin(phi / 2)): a straight arm has no outside.

    Args:
        wrist: [m], shape (3,).
        shoulder: [m], shape (3,).
        box: of the elbow.
        params: offset, offset_limit, box_share, rounding.
    """
    bend = describe_bend(wrist, box.centre, shoulder)
    corner = np.sin(bend.flexion / 2)
    spread = params.box_share * half_width(box, bend.outward) * min(1.0, 2 * corner)
    outside = min(params.offset * RIGHT_ANGLE * corner + spread, params.offset_limit)
    return lay_corridor(wrist, box.centre, shoulder, outside, params.rounding)


def ask(
    corridor: Corridor,
    box: Box,
    here: float,
    cuff: Array,
    velocity: Array,
    speed: float,
    params: PlannerParams,
) -> Stage:
    """What the program is asked at one plan.

    A cuff beside the way is led back to it by no more than speed_across, so that the pull along the
    way goes on meanwhile: a box that is some centimetres wrong must not cost speed.

    Args:
        corridor: the way.
        box: of the elbow.
        here: arc length of the cuff [m].
        cuff: centre of the ring [m], shape (3,).
        velocity: reference velocity [m/s], shape (3,).
        speed: along the way [m/s]; negative for a retreat.
        params: horizon and clearances.
    """
    steps = speed * params.stage_time * np.arange(1, params.stages + 1)
    at = np.clip(here + steps, 0.0, corridor.lengths[-1])
    wanted, axis, tangent, share = corridor.sample(at)
    normal = _point_outward(corridor.bend.outward, tangent)
    level = np.sum(normal * axis, axis=1)
    near = np.exp(-(((at - corridor.elbow_length) / params.rounding) ** 2))
    near *= min(1.0, 2 * np.sin(corridor.bend.flexion / 2))
    half = share * np.array([half_width(box, n) for n in normal])
    spread = np.minimum(near * params.box_share * half, params.offset_limit)
    return Stage(
        start=cuff,
        velocity=velocity,
        wanted=wanted + _lead_back(corridor, here, cuff, params),
        axis=axis,
        normal=normal,
        # Away from the elbow the inside does not matter: the bound moves a metre off.
        inside=level + spread - params.slip - (1.0 - near),
        outside=level + params.offset_limit + params.slip,
        give=np.full(params.stages, params.give),
        speed=abs(speed),
    )


def _lead_back(corridor: Corridor, here: float, cuff: Array, params: PlannerParams) -> Array:
    """What is left of the cuff's distance from the way at every stage [m], shape (N, 3)."""
    point, _, tangent, _ = corridor.sample(np.array([here]))
    beside = cuff - point[0]
    beside = beside - (beside @ tangent[0]) * tangent[0]
    walked = params.speed_across * params.stage_time * np.arange(1, params.stages + 1)
    left = np.maximum(length(beside) - walked, 0.0)
    return left[:, None] * unit(beside)


def measure_clearance(points: Array, box: Box) -> float:
    """Least distance [m] of planned points, shape (n, 3), from the box; 0 inside it."""
    local = (points - box.centre) @ box.rotation
    outside = np.maximum(np.abs(local) - box.size / 2, 0.0)
    return float(np.min(np.linalg.norm(outside, axis=1)))


def _point_outward(outward: Array, tangent: Array) -> Array:
    normal = outward - (tangent @ outward)[:, None] * tangent
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6))
