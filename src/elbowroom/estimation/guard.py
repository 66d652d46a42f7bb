"""What every estimator asks of a sample before it is used.

Nothing is repaired or guessed over: a bad sample is left out and the reason said. Time must go
on; where it does not, the estimator has to begin anew, because a filter that goes on with a wrong
clock publishes a wrong box.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import JOINTS, Params, Pose, Sample, Wrench, param

Array = NDArray[np.float64]

_SHOULDER_NOISE = 0.08
"""By which two views of a shoulder at rest may differ [m]."""


@dataclass(frozen=True)
class GuardSettings(Params):
    """Limits of what is taken for a measurement."""

    longest_gap: float = param(
        0.1, "Time without a usable sample that counts as a dropout", unit="s", low=0.0, high=10.0
    )
    restart_gap: float = param(
        2.0, "Time without a usable sample after which all is forgotten", unit="s", low=0.1
    )
    late_limit: float = param(
        1.0, "How far a stamp may lie back and still be a late sample", unit="s", low=0.0
    )
    late_samples: int = param(
        12, "Late samples in a row after which the clock is taken to have gone back", low=1
    )
    force_limit: float = param(
        199.0, "Force on one axis that counts as saturated", unit="N", low=1.0
    )
    torque_limit: float = param(
        9.9, "Torque on one axis that counts as saturated", unit="N m", low=0.1
    )
    reach_limit: float = param(
        1.5, "Distance from the gripper beyond which a seen point is refused", unit="m", low=0.1
    )
    shoulder_speed_limit: float = param(
        1.0, "Speed beyond which a seen shoulder is refused", unit="m/s", low=0.1
    )
    gripper_speed_limit: float = param(
        5.0, "Speed beyond which a gripper pose is refused", unit="m/s", low=0.1
    )
    progress_limit: float = param(
        1.2, "Way of the cuff along the arm beyond which it is refused", unit="m", low=0.1
    )
    effort_limit: float = param(
        90.0, "External torque of a joint beyond which all are refused", unit="N m", low=0.1
    )


@dataclass(frozen=True)
class GuardState:
    """What the guard remembers.

    Attributes:
        stamp: newest credible stamp [s]; -inf before the first.
        used: stamp of the newest usable sample [s]; -inf before the first.
        gap: time from the usable sample before it to that one [s].
        epoch: how often time broke; an estimator whose own epoch is older must begin anew.
        late: late samples in a row.
        pending: stamp outside every limit that waits for a second one like it, or None.
        gripper: newest accepted gripper position [m], or None.
        shoulder, shoulder_stamp: newest shoulder [m] and when it was seen, or None and -inf.
        wrist, wrist_stamp: likewise for the wrist.
    """

    stamp: float = -np.inf
    used: float = -np.inf
    gap: float = 0.0
    epoch: int = 0
    late: int = 0
    pending: float | None = None
    gripper: Array | None = None
    shoulder: Array | None = None
    shoulder_stamp: float = -np.inf
    wrist: Array | None = None
    wrist_stamp: float = -np.inf


class Guard:
    """Checks one sample after another."""

    def __init__(self, settings: GuardSettings | None = None) -> None:
        self.settings = settings or GuardSettings()

    def start(self) -> GuardState:
        """State before the first sample."""
        return GuardState()

    def check(self, state: GuardState, sample: Sample) -> tuple[GuardState, Sample | None, str]:
        """Take what is usable of a sample.

        Returns:
            The new state; the sample with wrench and gripper finite and bad other sources left
            out, or None if it cannot be used; and why something was left out, or empty. When
            `epoch` of the state has grown, all earlier samples must be forgotten.
        """
        state, reason, usable = self._check_stamp(state, sample.stamp)
        if not usable:
            return state, None, reason
        wrench, gripper = _read_wrench(sample.wrench), _read_pose(sample.gripper)
        problem = self._find_problem(state, sample.stamp, wrench, gripper)
        near = state.gripper if gripper is None else gripper.position
        points, far = self._check_points(sample, near)
        if self._has_jumped(state, sample.stamp, points["shoulder"]):
            points["shoulder"] = None
            far = _join(far, "the shoulder jumped")
        others, wrong = self._check_others(sample)
        left_out = _join(far, wrong)
        state = replace(_remember_points(state, sample.stamp, points), stamp=sample.stamp)
        if problem or wrench is None or gripper is None:
            return state, None, _join(reason, problem, left_out)
        clean = Sample(sample.stamp, wrench, gripper, **points, **others)
        return self._accept(state, clean, _join(reason, left_out))

    def _check_stamp(self, state: GuardState, stamp: float) -> tuple[GuardState, str, bool]:
        if not _is_finite_number(stamp):
            return state, "the stamp is not finite", False
        if state.stamp == -np.inf:
            return state, "", True
        ahead, limits = stamp - state.stamp, self.settings
        if ahead > limits.restart_gap or ahead < -limits.late_limit:
            return self._check_jump(state, stamp)
        if ahead == 0:
            return state, "the stamp was seen before", False
        if ahead < 0:
            if state.late + 1 >= limits.late_samples:
                return _restart(state), "time went back: begun anew", True
            return replace(state, late=state.late + 1), "the sample is late", False
        return replace(state, late=0, pending=None), "", True

    def _check_jump(self, state: GuardState, stamp: float) -> tuple[GuardState, str, bool]:
        # One mangled stamp must not cost the whole state: a second one has to confirm it.
        jump = stamp - state.stamp
        confirmed = state.pending is not None and 0 < stamp - state.pending <= (
            self.settings.restart_gap
        )
        if confirmed:
            return _restart(state), f"time jumped by {jump:.3g} s: begun anew", True
        return replace(state, pending=stamp), f"the stamp jumped by {jump:.3g} s", False

    def _find_problem(
        self, state: GuardState, stamp: float, wrench: Wrench | None, gripper: Pose | None
    ) -> str:
        limits = self.settings
        if wrench is None:
            return "the wrench is missing or not finite"
        if np.abs(wrench.force).max() >= limits.force_limit:
            return "the force is saturated"
        if np.abs(wrench.torque).max() >= limits.torque_limit:
            return "the torque is saturated"
        if gripper is None:
            return "the gripper pose is missing or not finite"
        if state.gripper is not None:
            moved = float(np.linalg.norm(gripper.position - state.gripper))
            if moved > 0.01 + limits.gripper_speed_limit * (stamp - state.used):
                return f"the gripper jumped by {moved:.2f} m"
        return ""

    def _check_points(self, sample: Sample, gripper: Array | None) -> tuple[dict[str, Any], str]:
        points: dict[str, Any] = {}
        problems = []
        for name in ("shoulder", "sighting", "wrist"):
            given = getattr(sample, name)
            points[name] = _read_vector(given)
            if given is not None and points[name] is None:
                problems.append(f"the {name} is not finite")
            elif points[name] is not None and self._is_far(points[name], gripper):
                points[name] = None
                problems.append(f"the {name} is out of reach, perhaps in a wrong frame")
        return points, _join(*problems)

    def _check_others(self, sample: Sample) -> tuple[dict[str, Any], str]:
        number = sample.progress if _is_finite_number(sample.progress) else None
        found = (
            ("progress", sample.progress, number, self.settings.progress_limit),
            (
                "effort",
                sample.effort,
                _read_vector(sample.effort, JOINTS),
                self.settings.effort_limit,
            ),
        )
        kept: dict[str, Any] = {}
        problems = []
        for name, given, value, limit in found:
            possible = value is not None and np.abs(value).max() <= limit
            kept[name] = value if possible else None
            if given is not None and not possible:
                problems.append(f"the {name} is {'not finite' if value is None else 'impossible'}")
        return kept, _join(*problems)

    def _is_far(self, point: Array | None, gripper: Array | None) -> bool:
        if point is None or gripper is None:
            return False
        return float(np.linalg.norm(point - gripper)) > self.settings.reach_limit

    def _has_jumped(self, state: GuardState, stamp: float, shoulder: Array | None) -> bool:
        if shoulder is None or state.shoulder is None:
            return False
        moved = float(np.linalg.norm(shoulder - state.shoulder))
        limit = self.settings.shoulder_speed_limit
        return moved > _SHOULDER_NOISE + limit * (stamp - state.shoulder_stamp)

    def _accept(
        self, state: GuardState, clean: Sample, reason: str
    ) -> tuple[GuardState, Sample, str]:
        assert clean.gripper is not None
        gap = 0.0 if state.used == -np.inf else clean.stamp - state.used
        if gap > self.settings.longest_gap:
            reason = _join(f"no usable sample for {gap:.2f} s", reason)
        epoch = state.epoch + (gap > self.settings.restart_gap)
        position = clean.gripper.position
        state = replace(state, used=clean.stamp, gap=gap, gripper=position, epoch=epoch)
        return state, clean, reason


def _restart(state: GuardState) -> GuardState:
    return GuardState(epoch=state.epoch + 1)


def _remember_points(
    state: GuardState, stamp: float, points: dict[str, Array | None]
) -> GuardState:
    if points["shoulder"] is not None:
        state = replace(state, shoulder=points["shoulder"], shoulder_stamp=stamp)
    if points["wrist"] is not None:
        state = replace(state, wrist=points["wrist"], wrist_stamp=stamp)
    return state


def _is_finite_number(value: object) -> bool:
    return isinstance(value, int | float | np.floating) and bool(np.isfinite(value))


def _read_vector(value: object, width: int = 3) -> Array | None:
    if value is None:
        return None
    try:
        vector = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None
    return vector if vector.shape == (width,) and np.isfinite(vector).all() else None


def _read_wrench(wrench: Wrench | None) -> Wrench | None:
    if wrench is None:
        return None
    force, torque = _read_vector(wrench.force), _read_vector(wrench.torque)
    return None if force is None or torque is None else Wrench(force, torque)


def _read_pose(pose: Pose | None) -> Pose | None:
    if pose is None:
        return None
    position, orientation = _read_vector(pose.position), _read_vector(pose.orientation, 4)
    if position is None or orientation is None or abs(orientation @ orientation - 1.0) > 0.1:
        return None
    return Pose(position, orientation)


def _join(*reasons: str) -> str:
    return "; ".join(r for r in reasons if r)
