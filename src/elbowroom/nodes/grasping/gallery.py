"""What arrives one by one of the table, merged into views.

One view is made of every list of objects, or of every image, whichever the skill looks at. Gripper
pose and fingers that belong to it are those nearest in stamp; a view that overtook them waits.
Whatever is late, out of order or missing is left out and named, never guessed over.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from elbowroom.core import InputError, Params, param
from elbowroom.nodes.base.refusals import Refusals
from elbowroom.nodes.grasping.view import View

_PAIRED = 0.002
_KEPT = 1000
"""Of a source: a robot's joints may come at 1 kHz, a detector's list half a second late."""
_WORDS = {
    "objects": "list of objects",
    "image": "image",
    "gripper": "gripper pose",
    "fingers": "finger position",
}


@dataclass(frozen=True)
class GalleryParams(Params):
    """When something seen counts as late or lost."""

    timeout: float = param(
        0.4, "an input that is older than this is lost", unit="s", low=0.02, high=10.0
    )
    pairing_limit: float = param(
        0.05,
        "a gripper pose or finger position further from the view's stamp is not used",
        unit="s",
        low=0.001,
        high=1.0,
    )
    clock_tolerance: float = param(
        0.05, "a stamp may lie ahead of the node's clock by this much", unit="s", low=0.0, high=1.0
    )


class Gallery(Refusals):
    """Merges sources into views; holds no clock, no thread and no ROS.

    Args:
        params: when an input is late or lost.
        main: "objects" or "image", what views are made of.
        also: what else shall be in them.

    Attributes:
        sources: what views are made of.
        newest: the last view, or None.
    """

    def __init__(self, params: GalleryParams, main: str, also: Sequence[str] = ()) -> None:
        super().__init__()
        self._params, self._main = params, main
        self._rest = (*also, "gripper", "fingers")
        self.sources = (main, *self._rest)
        self.reset()

    def reset(self) -> None:
        """Forget every measurement; the counters stay."""
        self._held: dict[str, deque[tuple[float, Any]]] = {
            name: deque(maxlen=_KEPT) for name in self.sources
        }
        self._begun: float | None = None
        self._waiting: deque[tuple[float, Any, Any]] = deque(maxlen=_KEPT)
        self.newest: View | None = None

    def put(
        self, source: str, stamp: float, value: Any, now: float, token: Any = None
    ) -> View | None:
        """Something has been seen; a view, if one became complete.

        Args:
            source: one of `sources`.
            stamp: of the measurement [s].
            value: what was measured.
            now: the node's clock [s].
            token: handed on with the view, e.g. the stamp as received.
        """
        if not self._is_newer(source, stamp, now):
            return None
        self._held[source].append((stamp, value))
        if source == self._main:
            self._waiting.append((stamp, value, token))
        return self._complete()

    def get_newest(self, fault: str = "") -> View:
        """The last view.

        Raises:
            InputError: if there is none, or with a fault that is known.
        """
        if fault or self.newest is None:
            raise InputError(fault or "nothing has been seen yet")
        return self.newest

    def silence(self, now: float) -> str:
        """What has not been heard of lately at `now` [s], in words, or empty."""
        if self._begun is None or now < self._begun:
            self._begun = now
        for source, held in self._held.items():
            age = now - (held[-1][0] if held else self._begun)
            if age > self._params.timeout:
                return self.with_refusal(f"no {_WORDS[source]} for {age:.2f} s", source)
        # Every source may be fresh, and yet they never come together.
        age = now - (self._begun if self.newest is None else self.newest.stamp)
        if age > self._params.timeout:
            text = f"no view for {age:.2f} s: what belongs to one comes too far apart"
            return self.with_refusal(text, self._main)
        return ""

    def _is_newer(self, source: str, stamp: float, now: float) -> bool:
        held = self._held[source]
        reason = ""
        if stamp > now + self._params.clock_tolerance:
            reason = f"its stamp is {stamp - now:.2f} s ahead of the clock: is use_sim_time right?"
        elif now - stamp > self._params.timeout:
            reason = f"it is {now - stamp:.2f} s old"
        elif held and stamp <= held[-1][0]:
            reason = f"its stamp is not after the last one ({stamp:.3f} <= {held[-1][0]:.3f})"
        if reason:
            self.refuse(source, reason)
        return not reason

    def _complete(self) -> View | None:
        """The newest view of which all is known; older ones that wait are passed over."""
        known = [k for k, (stamp, *_) in enumerate(self._waiting) if self._is_whole(stamp)]
        if not known:
            return None
        for _ in range(known[-1]):
            self._waiting.popleft()
        stamp, seen, token = self._waiting.popleft()
        near = {name: self._nearest(name, stamp) for name in self._rest}
        if None in near.values():
            missing = next(name for name, found in near.items() if found is None)
            self.refuse(self._main, f"no {_WORDS[missing]} near its stamp")
            return None
        given = {name: found[0] for name, found in near.items() if found is not None}
        given[self._main] = seen
        pose, opening = given.pop("gripper"), given.pop("fingers")
        self.newest = View(stamp, pose, opening, token=token, **given)
        return self.newest

    def _is_whole(self, stamp: float) -> bool:
        rest = (self._held[name] for name in self._rest)
        return all(held and held[-1][0] >= stamp - _PAIRED for held in rest)

    def _nearest(self, source: str, stamp: float) -> tuple[Any] | None:
        found, value = min(self._held[source], key=lambda item: abs(item[0] - stamp))
        near = math.isclose(found, stamp, abs_tol=self._params.pairing_limit, rel_tol=0.0)
        return (value,) if near else None
