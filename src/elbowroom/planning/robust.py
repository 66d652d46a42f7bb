"""The planner of the whole box: a corridor round the elbow, followed by a convex program."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from elbowroom.core import Box, Estimate, PlanMode, Pose, Status
from elbowroom.core.types import Array
from elbowroom.planning.base import Planner
from elbowroom.planning.optimiser.cone import SolverError
from elbowroom.planning.optimiser.program import Plan, Program
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.safety.envelope import Health
from elbowroom.planning.state import Inputs, PlanState, Proposal
from elbowroom.planning.vectors import cap, cross, length, unit
from elbowroom.planning.way.belief import ArmBelief, believe, drift_of, forget_motion, revise
from elbowroom.planning.way.corridor import Corridor
from elbowroom.planning.way.cuff import Cuff, look_along
from elbowroom.planning.way.pace import choose_speed, measure_width
from elbowroom.planning.way.route import ask, choose_corridor, measure_clearance
from elbowroom.planning.way.snag import Snag, watch
from elbowroom.planning.way.turning import Turning, aim_turn, hold_as, roll_away

GAP = 0.1
"""Inputs that were away for longer tell no velocity [s]."""
UNKNOWN_SIDE = 0.1
"""Side of the box that stands for a PRIOR about the elbow's last known place [m]."""
LOOK_AHEAD = 0.01
"""The cuff is turned for the place this far ahead of it [m]."""


@dataclass(frozen=True)
class Route:
    """The plan in force.

    Attributes:
        plan: what the program answered.
        stamp: when [s].
        proposal: what is reported of it; its velocity is filled in at every step.
        place: arc length of the cuff, counted from the elbow [m].
        share: how much of the elbow's motion the cuff's place makes, 0..1.
        tangent: direction of the way at the cuff, shape (3,).
    """

    plan: Plan
    stamp: float
    proposal: Proposal
    place: float
    share: float
    tangent: Array


@dataclass(frozen=True)
class Memory:
    """What the robust planner adds to the state.

    Attributes:
        since: time of the first step [s].
        cuff: the ring in the gripper.
        arm: what is believed of the arm.
        turning: how the gripper turns.
        snag: progress, watched.
        route: the plan in force, None before the first.
        countdown: samples until the next plan.
    """

    since: float
    cuff: Cuff
    arm: ArmBelief
    turning: Turning
    snag: Snag = field(default_factory=Snag)
    route: Route | None = None
    countdown: int = 0


class RobustPlanner(Planner):
    """Moves for every elbow in the box."""

    name = "robust"

    def __init__(self, params: PlannerParams | None = None) -> None:
        super().__init__(params)
        self._program = Program(self.params)

    def _elbows(self, estimate: Estimate) -> Box:
        return estimate.box

    def _choose_box(self, state: PlanState) -> Box | None:
        """The box to plan on; for a PRIOR, the elbow where it was last known, if it ever was."""
        inputs, memory = state.inputs, state.memory
        assert inputs.estimate is not None, "the envelope checks it"
        assert inputs.shoulder is not None, "the envelope checks it"
        if inputs.estimate.status != Status.PRIOR:
            return self._elbows(inputs.estimate)
        if isinstance(memory, Memory):
            known = memory.arm.elbow + inputs.shoulder - memory.arm.shoulder
        elif inputs.sighting is not None:
            known = inputs.sighting
        else:
            return None
        return Box(known, np.full(3, UNKNOWN_SIDE))

    def _propose(self, state: PlanState, health: Health) -> tuple[PlanState, Proposal]:
        inputs = state.inputs
        assert inputs.gripper is not None, "the envelope checks it"
        box = self._choose_box(state)
        if box is None:
            return state, _wait("the box is the prior and the elbow was never seen")
        memory = self._remember(state, box, inputs.gripper)
        if inputs.now - memory.since < self.params.look_time:
            along = memory.cuff.direction(inputs.gripper)
            looking = replace(_wait("looking at the cuff"), along=along)
            return replace(state, memory=memory), looking
        if self._is_due(memory, inputs.now):
            try:
                memory = self._plan(memory, state, box, health)
            except SolverError as error:
                still = Proposal(np.zeros(3), np.zeros((0, 3)), PlanMode.STOPPED, str(error))
                return replace(state, memory=replace(memory, route=None)), still
        memory = replace(memory, countdown=memory.countdown - 1)
        return replace(state, memory=memory), self._aim(memory, inputs.gripper, inputs.now)

    def _is_due(self, memory: Memory, now: float) -> bool:
        route = memory.route
        return route is None or memory.countdown <= 0 or now - route.stamp >= self.params.plan_age

    def _remember(self, state: PlanState, box: Box, gripper: Pose) -> Memory:
        inputs, params, memory = state.inputs, self.params, state.memory
        if not isinstance(memory, Memory):
            memory = _begin(inputs, box, gripper, params)
        if inputs.now - memory.since < params.look_time:
            cuff = look_along(memory.cuff, gripper, box.centre)
            turning = hold_as(gripper, cuff.direction(gripper))
            memory = replace(memory, cuff=cuff, turning=turning)
        if inputs.now - memory.arm.stamp > GAP:
            return replace(memory, arm=forget_motion(memory.arm, inputs, box.centre))
        before = memory.route is None or memory.route.place < 0.0
        place = self._find_ring(memory.cuff, inputs)
        return replace(memory, arm=revise(memory.arm, inputs, box.centre, place, before, params))

    def _find_ring(self, cuff: Cuff, inputs: Inputs) -> Array:
        """Centre of the ring [m], shape (3,): the cloth stretches by the force on it."""
        assert inputs.gripper is not None, "the envelope checks it"
        trail = cap(inputs.force / self.params.ring_stiffness, self.params.ring_trail)
        return cuff.centre(inputs.gripper) + trail

    def _plan(self, memory: Memory, state: PlanState, box: Box, health: Health) -> Memory:
        params, inputs = self.params, state.inputs
        assert inputs.gripper is not None, "the envelope checks it"
        assert inputs.shoulder is not None, "the envelope checks it"
        wrist = box.centre + state.arm.forearm * memory.arm.forearm
        corridor = choose_corridor(wrist, inputs.shoulder, box, params)
        cuff = self._find_ring(memory.cuff, inputs)
        around = None if memory.route is None else corridor.elbow_length + memory.route.place
        here = corridor.locate(cuff, around)
        place = here - corridor.elbow_length
        force = length(inputs.force)
        snag, mode, why = watch(memory.snag, place, force, inputs.now, params)
        speed, slow = self._choose_speed(inputs, box, wrist, health, mode)
        stage = ask(corridor, box, here, cuff, state.reference, speed, params)
        plan = self._program.solve(stage)
        proposal = Proposal(
            velocity=np.zeros(3),
            path=plan.points,
            mode=PlanMode.SLOWED if slow and mode == PlanMode.FOLLOWING else mode,
            reason=why or slow,
            speed_limit=abs(speed),
            progress=float(np.clip(here / corridor.lengths[-1], 0.0, 1.0)),
            clearance=measure_clearance(plan.points, box),
            solve_time=plan.solve_time,
            active_constraints=plan.active,
        )
        if corridor.lengths[-1] - here <= params.done_distance:
            done = "the cuff is at the shoulder"
            proposal = replace(proposal, mode=PlanMode.DONE, reason=done)
        route = _lay_route(plan, inputs.now, proposal, corridor, here)
        turning = roll_away(memory.turning, corridor.bend, -place, params)
        return replace(memory, snag=snag, turning=turning, route=route, countdown=params.plan_every)

    def _choose_speed(
        self, inputs: Inputs, box: Box, wrist: Array, health: Health, mode: PlanMode
    ) -> tuple[float, str]:
        assert inputs.estimate is not None, "the envelope checks it"
        assert inputs.shoulder is not None, "the envelope checks it"
        if mode == PlanMode.RETREATING:
            return -self.params.retreat_speed, ""
        width = measure_width(box, unit(inputs.shoulder - wrist))
        return choose_speed(inputs.estimate, width, health, self.params)

    def _aim(self, memory: Memory, gripper: Pose, now: float) -> Proposal:
        params, route = self.params, memory.route
        assert route is not None, "planned just before"
        drift = drift_of(memory.arm, route.share, route.place > 0.0, params)
        if route.proposal.mode in (PlanMode.DONE, PlanMode.WAITING):
            return replace(route.proposal, drift=drift)
        step = int(np.clip((now - route.stamp) / params.stage_time, 0, params.stages - 1))
        velocity = (route.plan.points[step + 1] - route.plan.points[step]) / params.stage_time
        ahead = (velocity @ route.tangent) * route.tangent
        velocity = ahead + cap(velocity - ahead, params.speed_across)
        turn = aim_turn(memory.turning, gripper, route.tangent, params)
        lever = gripper.position - memory.cuff.centre(gripper)
        velocity = velocity + cross(turn, lever)
        return replace(
            route.proposal, velocity=velocity, drift=drift, along=route.tangent, turn=turn
        )


class PointPlanner(RobustPlanner):
    """Takes the best single guess for the truth."""

    name = "point"

    def _elbows(self, estimate: Estimate) -> Box:
        return Box(np.asarray(estimate.point, dtype=float), np.zeros(3))


def _wait(reason: str) -> Proposal:
    return Proposal(np.zeros(3), np.zeros((0, 3)), PlanMode.WAITING, reason)


def _begin(inputs: Inputs, box: Box, gripper: Pose, params: PlannerParams) -> Memory:
    cuff = look_along(Cuff(np.array(params.cuff_offset)), gripper, box.centre)
    arm = believe(inputs, box.centre, cuff.centre(gripper))
    return Memory(inputs.now, cuff, arm, hold_as(gripper, cuff.direction(gripper)))


def _lay_route(
    plan: Plan, now: float, proposal: Proposal, corridor: Corridor, here: float
) -> Route:
    _, _, tangent, share = corridor.sample(np.array([here + LOOK_AHEAD, here]))
    place = here - corridor.elbow_length
    return Route(plan, now, proposal, place, float(share[1]), tangent[0])
