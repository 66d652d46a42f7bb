"""The step every planner shares: observe, judge, propose, give way, report."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np

from elbowroom.core import ArmMeasurement, Command, Estimate, PlanMode, PlanReport, Sample
from elbowroom.core.types import Array
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.safety.admittance import give_way, ramp, slow_down
from elbowroom.planning.safety.envelope import (
    FORCE_STOP,
    GRIP_STOP,
    Health,
    find_box_fault,
    find_fault,
    tell_resume,
)
from elbowroom.planning.safety.grip import watch_grip
from elbowroom.planning.safety.inputs import observe
from elbowroom.planning.state import NEVER, Inputs, PlanState, Proposal
from elbowroom.planning.vectors import cap, length

Answer = tuple[PlanState, Command, PlanReport]


class Planner(ABC):
    """A pure step over samples; the object holds settings, the state everything that changes."""

    name = "planner"
    needs_box = True

    def __init__(self, params: PlannerParams | None = None) -> None:
        self.params = params or PlannerParams()

    def start(self, arm: ArmMeasurement) -> PlanState:
        """State before the first sample of a person with these measured lengths."""
        return PlanState(arm=arm)

    def step(
        self,
        state: PlanState,
        sample: Sample,
        estimate: Estimate | None = None,
        *,
        now: float | None = None,
        health: Health = Health.OK,
        fault: str = "",
    ) -> Answer:
        """Take one sample in and say how the gripper shall move until the next.

        While nothing is wrong, v = s v_ref + u + g: the reference slowed by force, the arm's own
        velocity, and giving way (see `admittance`). After a force stop only the giving way is
        left; in every other stop v = 0.

        Args:
            state: what `start` or the last step returned.
            sample: newest measurements; bad ones are left out and stop the gripper.
            estimate: newest box, or None where none came since the last step.
            now: time by which ages are judged [s]; the sample's stamp where it is None.
            health: what the monitor says of the inputs.
            fault: what the caller knows to be wrong with the sample; it stops the gripper.

        Returns:
            New state, gripper velocity and what was decided. Bad input never raises.
        """
        time = sample.stamp if now is None else now
        before = state.inputs.now
        inputs = observe(state.inputs, sample, estimate, time, self.params)
        if inputs.now < before:
            # What is remembered has stamps of the old clock.
            state = replace(state, memory=None, proposal=None)
        state = self._judge(replace(state, inputs=inputs), health, fault)
        interval = max(inputs.now - before, 0.0) if before != NEVER else 0.0
        if not state.stop and not state.done:
            state, proposal = self._propose(state, health)
            state = self._note(replace(state, proposal=proposal))
        return self._halt(state) if state.stop else self._move(state, interval)

    @abstractmethod
    def _propose(self, state: PlanState, health: Health) -> tuple[PlanState, Proposal]:
        """What to do if nothing is wrong."""

    def _judge(self, state: PlanState, health: Health, fault: str) -> PlanState:
        params, inputs = self.params, state.inputs
        force = length(inputs.force)
        peak = max(force, length(inputs.force_raw))
        reason = fault or find_fault(inputs, params, health)
        if not reason and self.needs_box:
            reason = find_box_fault(inputs, params, state.arm.upper_arm)
        grip = watch_grip(state.grip, length(inputs.force_raw), inputs.force_stamp, params)
        if not reason and grip.lost and not state.done:
            reason = GRIP_STOP
        reached = peak >= params.force_limit
        if not reason and (reached or (state.forced and force > params.force_resume)):
            reason = FORCE_STOP
        return self._stop(replace(state, grip=grip, forced=state.forced or reached), reason)

    def _note(self, state: PlanState) -> PlanState:
        assert state.proposal is not None, "proposed just before"
        if state.proposal.mode == PlanMode.DONE:
            return replace(state, done=True)
        failed = state.proposal.mode == PlanMode.STOPPED
        return self._stop(state, state.proposal.reason) if failed else state

    def _stop(self, state: PlanState, reason: str) -> PlanState:
        now = state.inputs.now
        if reason:
            return replace(state, stop=reason, stop_until=now + self.params.resume_hold)
        return state if now < state.stop_until else replace(state, stop="", forced=False)

    def _halt(self, state: PlanState) -> Answer:
        inputs = state.inputs
        yielding = state.stop == FORCE_STOP
        velocity = self._let_go(inputs) if yielding else np.zeros(3)
        last = state.proposal or Proposal(np.zeros(3), np.zeros((0, 3)))
        reason = f"{state.stop}; {tell_resume(state.stop, self.params)}"
        frozen = replace(last, mode=PlanMode.STOPPED, reason=reason, speed_limit=0.0)
        state = replace(state, reference=np.zeros(3))
        return state, Command(velocity), _report(inputs, frozen)

    def _move(self, state: PlanState, interval: float) -> Answer:
        params, inputs, proposal = self.params, state.inputs, state.proposal
        assert proposal is not None, "proposed before"
        if state.done:
            return self._rest(state, proposal)
        reference = ramp(state.reference, proposal.velocity, interval, params.acceleration)
        share = slow_down(inputs.force, reference, params)
        yielding = give_way(inputs.force, inputs.quick, inputs.lasting, params, proposal.along)
        velocity = cap(share * reference + proposal.drift + yielding, params.yield_speed)
        if share < 1.0 and proposal.mode == PlanMode.FOLLOWING:
            reason = f"the force is above {params.force_slow:g} N"
            proposal = replace(proposal, mode=PlanMode.SLOWED, reason=reason)
        proposal = replace(proposal, speed_limit=share * proposal.speed_limit)
        command = Command(velocity, share * proposal.turn)
        return replace(state, reference=reference), command, _report(inputs, proposal)

    def _rest(self, state: PlanState, proposal: Proposal) -> Answer:
        inputs = state.inputs
        pulled = length(inputs.force) > self.params.force_resume
        velocity = self._let_go(inputs) if pulled else np.zeros(3)
        return replace(state, reference=np.zeros(3)), Command(velocity), _report(inputs, proposal)

    def _let_go(self, inputs: Inputs) -> Array:
        nowhere = np.zeros(3)
        return give_way(inputs.force, inputs.quick, inputs.lasting, self.params, nowhere)


def _report(inputs: Inputs, proposal: Proposal) -> PlanReport:
    return PlanReport(
        stamp=inputs.estimate.stamp if inputs.estimate else inputs.now,
        mode=proposal.mode,
        reason=proposal.reason,
        path=proposal.path,
        speed_limit=proposal.speed_limit,
        progress=proposal.progress,
        force=length(inputs.force),
        clearance=proposal.clearance,
        solve_time=proposal.solve_time,
        active_constraints=proposal.active_constraints,
    )
