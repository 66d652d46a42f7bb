"""Measurements that arrive one by one, merged into samples.

One sample is made for every wrench. The gripper pose that belongs to it is the one nearest in
stamp; a wrench that overtook its pose waits for it until the next wrench at the latest. Whatever
is late, out of order or missing is left out of the sample and named, never guessed over.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np

from elbowroom.core import Params, Pose, Sample, Wrench, matrix_from_quaternion, param
from elbowroom.nodes.base.refusals import Refusals

Token = TypeVar("Token")

SEEN = ("shoulder", "sighting", "wrist", "progress", "effort")
"""What comes now and then and joins the next wrench, by its name in a `Sample`."""

# A second of a robot's joints at 1 kHz: without wrenches nothing is taken out.
_KEPT = 1000


@dataclass(frozen=True)
class InboxParams(Params):
    """When a measurement counts as late, lost or saturated, and the monitor as silent."""

    wrench_timeout: float = param(
        0.03, "without a wrench for this long the input is lost", unit="s", low=0.005, high=2.0
    )
    late_limit: float = param(
        0.1, "a wrench older than this on arrival is late", unit="s", low=0.001, high=5.0
    )
    clock_tolerance: float = param(
        0.05, "a stamp may lie ahead of the node's clock by this much", unit="s", low=0.0, high=1.0
    )
    pairing_tolerance: float = param(
        0.002,
        "stamps of wrench and gripper pose that differ by less belong together",
        unit="s",
        low=0.0,
        high=0.05,
    )
    pose_limit: float = param(
        0.02,
        "a gripper pose further from the wrench's stamp is not used",
        unit="s",
        low=0.001,
        high=1.0,
    )
    camera_limit: float = param(
        0.2,
        "what a camera saw, or a joint felt, that is older than the wrench by more is not used",
        unit="s",
        low=0.01,
        high=5.0,
    )
    force_range: float = param(
        200.0,
        "at this force on one axis the sensor is saturated",
        unit="N",
        low=1.0,
        high=10000.0,
    )
    health_timeout: float = param(
        0.3,
        "input_health not renewed for this long, by a steady clock, is STALE; 0: no monitor runs",
        unit="s",
        low=0.0,
        high=10.0,
    )


@dataclass(frozen=True)
class Delivery(Generic[Token]):
    """A sample ready to be stepped over.

    Attributes:
        sample: what may be used.
        token: what `put_wrench` was given with the wrench, e.g. the stamp as received.
        fault: what is wrong with it in words, or empty.
    """

    sample: Sample
    token: Token
    fault: str


@dataclass(frozen=True)
class _Waiting(Generic[Token]):
    stamp: float
    wrench: Wrench | None
    in_gripper: bool
    token: Token
    fault: str


class Inbox(Refusals, Generic[Token]):
    """Merges sources into samples; holds no clock, no thread and no ROS."""

    def __init__(self, params: InboxParams) -> None:
        super().__init__()
        self._params = params
        self.reset()

    def reset(self) -> None:
        """Forget every measurement; the counters stay."""
        self._poses: deque[tuple[float, Pose]] = deque(maxlen=_KEPT)
        self._seen: dict[str, deque[tuple[float, Any]]] = {
            name: deque(maxlen=_KEPT) for name in SEEN
        }
        self._newest = dict.fromkeys((*SEEN, "gripper", "wrench"), -math.inf)
        self._waiting: _Waiting[Token] | None = None
        self._ready: deque[_Waiting[Token]] = deque()

    def put_pose(self, stamp: float, pose: Pose, now: float) -> None:
        """A gripper pose has come; `now` is the node's clock, here and below [s]."""
        if not self._advance("gripper", stamp, now):
            return
        self._poses.append((stamp, pose))
        waiting = self._waiting
        if waiting is not None and stamp >= waiting.stamp - self._params.pairing_tolerance:
            self._release()

    def put_seen(self, name: str, stamp: float, value: Any, now: float) -> None:
        """A camera's point, the cuff's way or the joints' effort.

        Args:
            name: one of `SEEN`.
            stamp: of the measurement [s].
            value: [m], [m] or [N m].
            now: the node's clock [s].
        """
        if self._advance(name, stamp, now):
            self._seen[name].append((stamp, value))

    def put_wrench(
        self,
        stamp: float,
        wrench: Wrench | None,
        now: float,
        token: Token,
        *,
        in_gripper: bool,
        fault: str = "",
    ) -> None:
        """A wrench has come.

        Args:
            stamp: of the measurement [s].
            wrench: [N, N m]; None if it was unusable, see `fault`.
            now: the node's clock [s].
            token: handed on with the delivery.
            in_gripper: whether in the gripper's axes, else in the world's.
            fault: why it is unusable.
        """
        if not self._advance("wrench", stamp, now):
            return
        if wrench is not None and np.abs(wrench.force).max() >= self._params.force_range:
            wrench, fault = None, "the force sensor is saturated"
        if not fault and now - stamp > self._params.late_limit:
            fault = f"the wrench is {now - stamp:.2f} s old"
        if fault:
            self.refuse("wrench", fault)
        self._release()
        self._waiting = _Waiting(stamp, wrench, in_gripper, token, fault)
        if self._newest["gripper"] >= stamp - self._params.pairing_tolerance:
            self._release()

    def take(self) -> list[Delivery[Token]]:
        """Every sample that is ready, oldest first."""
        ready, self._ready = self._ready, deque()
        return [self._deliver(w) for w in ready]

    def silence(self, now: float) -> str:
        """Why nothing can be said at `now` [s], or empty while wrenches come."""
        newest = self._newest["wrench"]
        if newest == -math.inf:
            return self.with_refusal("no wrench yet", "wrench")
        if now - newest > self._params.wrench_timeout:
            return self.with_refusal(f"no wrench for {now - newest:.2f} s", "wrench")
        return ""

    def age(self, source: str, now: float) -> float:
        """Age of the newest measurement of a source [s]; infinite if there is none."""
        return now - self._newest[source]

    def _advance(self, source: str, stamp: float, now: float) -> bool:
        # A stamp from the future must not become the newest: it would shut out all that follow.
        if stamp > now + self._params.clock_tolerance:
            ahead = f"stamp {stamp - now:.2f} s ahead of the clock; is use_sim_time right?"
            self.refuse(source, ahead)
            return False
        newest = self._newest[source]
        if stamp <= newest:
            self.refuse(source, f"stamp {newest - stamp:.3f} s before the one already used")
            return False
        self._newest[source] = stamp
        return True

    def _release(self) -> None:
        if self._waiting is not None:
            self._ready.append(self._waiting)
            self._waiting = None

    def _deliver(self, w: _Waiting[Token]) -> Delivery[Token]:
        faults = [w.fault]
        pose, wrench = self._pose_at(w.stamp), w.wrench
        if pose is None:
            wrench = None if w.in_gripper else wrench
            faults.append(self.with_refusal("no gripper pose at the wrench's stamp", "gripper"))
        elif wrench is not None and w.in_gripper:
            turn = matrix_from_quaternion(pose.orientation)
            wrench = Wrench(turn @ wrench.force, turn @ wrench.torque)
        sample = Sample(stamp=w.stamp, wrench=wrench, gripper=pose)
        return Delivery(self._add_seen(sample), w.token, "; ".join(f for f in faults if f))

    def _pose_at(self, stamp: float) -> Pose | None:
        best = None
        # From the newest on: there it nearly always is.
        for pose in reversed(self._poses):
            if best is not None and abs(pose[0] - stamp) > abs(best[0] - stamp):
                break
            best = pose
        near = best is not None and abs(best[0] - stamp) <= self._params.pose_limit
        return best[1] if best is not None and near else None

    def _add_seen(self, sample: Sample) -> Sample:
        fresh: dict[str, Any] = {}
        for name, queue in self._seen.items():
            # What was seen after this wrench waits for a later one.
            while queue and queue[0][0] <= sample.stamp + self._params.pairing_tolerance:
                stamp, value = queue.popleft()
                if sample.stamp - stamp <= self._params.camera_limit:
                    fresh[name] = value
                else:
                    self.refuse(name, f"{sample.stamp - stamp:.2f} s older than the wrench")
        return replace(sample, **fresh)
