"""The planner of the whole box: a corridor round the elbow, followed by a convex program."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from elbowroom.core import Box, Estimate, PlanMode, Pose, exp_so3, matrix_from_quaternion
from elbowroom.core.types import Array
from elbowroom.planning.admittance import cap
from elbowroom.planning.base import Planner
from elbowroom.planning.corridor import Corridor, describe_bend, half_width, lay_corridor, unit
from elbowroom.planning.cuff import Cuff, look_along
from elbowroom.planning.envelope import Health
from elbowroom.planning.pace import choose_speed, measure_width
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.program import Plan, Program, SolverError, Stage
from elbowroom.planning.state import NEVER, PlanState, Proposal


@dataclass(frozen=True)
class Memory:
    """What the robust planner remembers.

    Attributes:
        cuff: the ring in the gripper.
        since: time of the first step [s].
        forearm: unit vector from elbow to wrist, shape (3,), or zeros if unknown.
        position: arc length of the cuff along the corridor, counted from the elbow [m].
        plan: newest plan, with its time [s] and the speed it was made for.
        countdown: samples until the next plan.
        tangent: direction of the way at the cuff, shape (3,).
    """

    cuff: Cuff
    since: float
    forearm: Array
    position: float | None = None
    plan: Plan | None = None
    plan_time: float = NEVER
    countdown: int = 0
    tangent: Array | None = None
    base: Proposal | None = None
    best: float = NEVER
    best_time: float = NEVER
    retreat_to: float | None = None
    retreats: int = 0
    share: float = 0.0
    anchors: tuple[Array, Array, float] | None = None
    rates: tuple[Array, Array] | None = None
    first_axis: Array | None = None
    first_turn: Array | None = None
    roll: float = 0.0


class RobustPlanner(Planner):
    """Moves for every elbow in the box."""

    name = "robust"

    def __init__(self, params: PlannerParams | None = None) -> None:
        super().__init__(params)
        self._program = Program(self.params)

    def _propose(self, state: PlanState, health: Health) -> tuple[PlanState, Proposal]:
        memory = self._recall(state)
        inputs = state.inputs
        estimate, gripper = inputs.estimate, inputs.gripper
        assert estimate is not None and gripper is not None
        box = self._elbows(estimate)
        memory = self._look(memory, state, box)
        memory = self._track(memory, state, box)
        if inputs.now - memory.since < self.params.look_time:
            wait = Proposal(np.zeros(3), np.zeros((0, 3)), PlanMode.WAITING, "looking at the cuff")
            return replace(state, memory=memory), wait
        if memory.countdown <= 0 or memory.base is None:
            try:
                memory = self._plan(memory, state, estimate, box, health)
            except SolverError as error:
                still = Proposal(
                    np.zeros(3), np.zeros((0, 3)), PlanMode.STOPPED, f"no plan: {error}"
                )
                return replace(state, memory=memory), still
        memory = replace(memory, countdown=memory.countdown - 1)
        assert memory.base is not None
        return replace(state, memory=memory), self._aim(memory, gripper, inputs.now)

    def _elbows(self, estimate: Estimate) -> Box:
        return estimate.box

    def _recall(self, state: PlanState) -> Memory:
        if isinstance(state.memory, Memory):
            return state.memory
        offset = np.array(self.params.cuff_offset)
        return Memory(Cuff(offset), state.inputs.now, np.zeros(3))

    def _look(self, memory: Memory, state: PlanState, box: Box) -> Memory:
        inputs = state.inputs
        assert inputs.gripper is not None
        elbow, cuff = box.centre, memory.cuff
        if inputs.now - memory.since < self.params.look_time or cuff.looks == 0:
            cuff = look_along(cuff, inputs.gripper, elbow)
            memory = replace(
                memory,
                first_axis=cuff.direction(inputs.gripper),
                first_turn=matrix_from_quaternion(inputs.gripper.orientation),
            )
        centre = cuff.centre(inputs.gripper)
        return replace(memory, cuff=cuff, forearm=_turn_forearm(memory, state, elbow, centre))

    def _track(self, memory: Memory, state: PlanState, box: Box) -> Memory:
        inputs = state.inputs
        assert inputs.shoulder is not None
        now = (box.centre, inputs.shoulder, inputs.now)
        if memory.anchors is None or memory.rates is None:
            return replace(memory, anchors=now, rates=(np.zeros(3), np.zeros(3)))
        dt = inputs.now - memory.anchors[2]
        if dt <= 0:
            return memory
        a = 1.0 - np.exp(-2 * np.pi * self.params.follow_cutoff * dt)
        rates = tuple(
            r + a * (cap((new - old) / dt, 3.0) - r)
            for r, new, old in zip(memory.rates, now[:2], memory.anchors[:2])
        )
        return replace(memory, anchors=now, rates=rates)

    def _plan(
        self, memory: Memory, state: PlanState, estimate: Estimate, box: Box, health: Health
    ) -> Memory:
        params, inputs = self.params, state.inputs
        assert inputs.gripper is not None and inputs.shoulder is not None
        elbow = box.centre
        wrist = elbow + state.arm.forearm * memory.forearm
        bend = describe_bend(wrist, elbow, inputs.shoulder)
        corner = np.sin(bend.flexion / 2)
        half = half_width(box, bend.outward)
        outside = params.offset * corner * np.sqrt(2) + params.box_share * half * min(
            1.0, 2 * corner
        )
        corridor = lay_corridor(
            wrist, elbow, inputs.shoulder, min(outside, params.offset_limit), params.rounding
        )
        cuff = memory.cuff.centre(inputs.gripper)
        around = None if memory.position is None else corridor.elbow_length + memory.position
        here = corridor.locate(cuff, around)
        width = measure_width(box, unit(inputs.shoulder - wrist))
        speed, reason = choose_speed(estimate, width, health, params)
        memory, mode, why, speed = self._snag(memory, state, corridor, here, speed)
        stage = _stage(corridor, box, here, cuff, state.reference, speed, mode, params)
        plan = self._program.solve(stage)
        rest = corridor.lengths[-1] - here
        mode = PlanMode.SLOWED if mode == PlanMode.FOLLOWING and reason else mode
        base = Proposal(
            np.zeros(3),
            plan.points,
            mode,
            why or reason,
            speed,
            float(np.clip(here / corridor.lengths[-1], 0, 1)),
            _clearance(plan.points, corridor, box),
            plan.solve_time,
            plan.active,
        )
        if rest <= params.done_distance:
            base = replace(base, mode=PlanMode.DONE, reason="the cuff is at the shoulder")
        _, _, tangents, shares = corridor.sample(np.array([here + 0.01, here]))
        tangent = tangents[0]
        memory = self._roll(memory, corridor, here)
        return replace(
            memory,
            position=here - corridor.elbow_length,
            plan=plan,
            plan_time=inputs.now,
            countdown=params.plan_every,
            tangent=tangent,
            share=float(shares[1]),
            base=base,
        )

    def _roll(self, memory: Memory, corridor: Corridor, here: float) -> Memory:
        params = self.params
        if memory.first_turn is None or memory.first_axis is None:
            return memory
        before = corridor.elbow_length - here
        if before < 0.0 or params.roll_limit == 0.0:
            return memory
        axis = -corridor.bend.to_wrist
        turn = exp_so3(_rotation_vector(memory.first_axis, axis)) @ memory.first_turn
        grip = -turn @ np.array(params.cuff_offset)
        inside = -corridor.bend.outward
        a, b = (unit(v - (v @ axis) * axis) for v in (grip, inside))
        angle = float(np.arctan2(np.cross(b, a) @ axis, a @ b))
        corner = min(1.0, 2 * np.sin(corridor.bend.flexion / 2))
        wanted = np.clip(params.roll_clear - abs(angle), 0.0, params.roll_limit) * corner
        ready = np.clip((0.30 - before) / 0.15, 0.0, 1.0)
        goal = float(np.copysign(wanted * ready, angle))
        return replace(memory, roll=memory.roll + 0.3 * (goal - memory.roll))

    def _snag(
        self, memory: Memory, state: PlanState, corridor: Corridor, here: float, speed: float
    ) -> tuple[Memory, PlanMode, str, float]:
        params, now = self.params, state.inputs.now
        force = float(np.linalg.norm(state.inputs.force))
        position = here - corridor.elbow_length
        if memory.retreat_to is not None:
            back = position <= memory.retreat_to or now - memory.best_time > 1.5
            if not back:
                return memory, PlanMode.RETREATING, "the cuff snagged", params.retreat_speed
            memory = replace(memory, retreat_to=None, best=position, best_time=now)
        if position > memory.best + params.snag_progress or force < params.snag_force:
            return (
                replace(memory, best=max(position, memory.best), best_time=now),
                PlanMode.FOLLOWING,
                "",
                speed,
            )
        if now - memory.best_time < params.snag_time:
            return memory, PlanMode.FOLLOWING, "", speed
        if memory.retreats >= params.retreats:
            return memory, PlanMode.WAITING, "the cuff snagged too often", params.speed_slow
        memory = replace(
            memory,
            retreat_to=position - params.retreat,
            retreats=memory.retreats + 1,
            best_time=now,
        )
        return memory, PlanMode.RETREATING, "the cuff snagged", params.retreat_speed

    def _aim(self, memory: Memory, gripper: Pose, now: float) -> Proposal:
        params, base, plan = self.params, memory.base, memory.plan
        assert base is not None and plan is not None and memory.tangent is not None
        if base.mode in (PlanMode.DONE, PlanMode.WAITING):
            return base
        at = int(np.clip((now - memory.plan_time) / params.stage_time, 0, params.stages - 1))
        velocity = (plan.points[at + 1] - plan.points[at]) / params.stage_time
        turn = np.zeros(3)
        if memory.first_turn is not None and memory.first_axis is not None:
            way = params.turn_share * _rotation_vector(memory.first_axis, memory.tangent)
            goal = exp_so3(way) @ exp_so3(memory.roll * memory.first_axis) @ memory.first_turn
            error = _matrix_vector(goal @ matrix_from_quaternion(gripper.orientation).T)
            turn = cap(params.turn_gain * error, params.turn_speed)
        lever = gripper.position - memory.cuff.centre(gripper)
        drift = np.zeros(3)
        if memory.rates is not None:
            passed = memory.position is not None and memory.position > 0
            drift = memory.share * memory.rates[0] + (
                (1 - memory.share) * memory.rates[1] if passed else 0.0
            )
            drift = cap(params.follow_share * drift, params.follow_speed)
        return replace(base, velocity=velocity + np.cross(turn, lever), turn=turn, drift=drift)


class PointPlanner(RobustPlanner):
    """Takes the best single guess for the truth."""

    name = "point"

    def _elbows(self, estimate: Estimate) -> Box:
        return Box(estimate.point, np.zeros(3))


def _turn_forearm(memory: Memory, state: PlanState, elbow: Array, cuff: Array) -> Array:
    inputs = state.inputs
    seen = inputs.wrist is not None and inputs.now - inputs.wrist_stamp < 0.1
    if seen:
        assert inputs.wrist is not None
        towards = unit(inputs.wrist - elbow)
    elif (memory.position is None or memory.position < 0) and np.linalg.norm(cuff - elbow) > 0.12:
        towards = unit(cuff - elbow)
    else:
        return memory.forearm
    if not np.any(memory.forearm):
        return towards
    return unit(memory.forearm + 0.04 * (towards - memory.forearm))


def _stage(
    corridor: Corridor,
    box: Box,
    here: float,
    cuff: Array,
    velocity: Array,
    speed: float,
    mode: PlanMode,
    params: PlannerParams,
) -> Stage:
    sign = -1.0 if mode == PlanMode.RETREATING else 1.0
    steps = sign * speed * params.stage_time * np.arange(1, params.stages + 1)
    at = np.clip(here + steps, 0.0, corridor.lengths[-1])
    wanted, axis, tangent, share = corridor.sample(at)
    outward = corridor.bend.outward
    normal = outward - (tangent @ outward)[:, None] * tangent
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    corner = min(1.0, 2 * np.sin(corridor.bend.flexion / 2))
    near = np.exp(-(((at - corridor.elbow_length) / params.rounding) ** 2)) * corner
    half = share * np.array([half_width(box, n) for n in normal])
    level = np.sum(normal * axis, axis=1)
    inside = level - params.slip + np.minimum(near * params.box_share * half, params.offset_limit)
    give = np.full(params.stages, params.give)
    return Stage(
        cuff,
        velocity,
        wanted,
        axis,
        normal,
        inside - (1 - near),
        level + params.offset_limit + 0.02,
        give,
        speed,
    )


def _matrix_vector(rotation: Array) -> Array:
    skew = np.array(
        [
            rotation[2, 1] - rotation[1, 2],
            rotation[0, 2] - rotation[2, 0],
            rotation[1, 0] - rotation[0, 1],
        ]
    )
    sine = float(np.linalg.norm(skew)) / 2
    angle = float(np.arctan2(sine, (np.trace(rotation) - 1) / 2))
    return skew / 2 if sine < 1e-9 else skew / (2 * sine) * angle


def _clearance(points: Array, corridor: Corridor, box: Box) -> float:
    local = (points - box.centre) @ box.rotation
    outside = np.maximum(np.abs(local) - box.size / 2, 0.0)
    return float(np.min(np.linalg.norm(outside, axis=1)))


def _rotation_vector(start: Array, end: Array) -> Array:
    axis = np.cross(start, end)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        return np.zeros(3)
    return axis / sine * float(np.arctan2(sine, start @ end))
