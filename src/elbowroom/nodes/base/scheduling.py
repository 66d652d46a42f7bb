"""Real-time scheduling of a node's process, while it is active."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from elbowroom.core import Params, param

TASKS = Path("/proc/self/task")


@dataclass(frozen=True)
class SchedulingParams(Params):
    """When the node runs if others want the processor too."""

    priority: int = param(
        10,
        "real-time priority (SCHED_FIFO) while active, if the system permits; 0: as any process",
        low=0,
        high=90,
    )

    def of(self, urgency: int) -> int:
        """The priority of a node: what is upstream must not wait for what is downstream.

        A plan takes milliseconds, a sensor's tick does not.
        """
        return self.priority + urgency if self.priority else 0


class Scheduling:
    """Gives this process a real-time priority and takes it back.

    At ordinary priority the scheduler hands the processor to whoever has had least of it, for
    milliseconds at a time: a sample then waits behind a compiler. Under SCHED_FIFO it does not.
    All threads count, those of the middleware too: a sample passes through them.

    Args:
        priority: of the process; 0 leaves everything as it is.
    """

    def __init__(self, priority: int) -> None:
        self._priority = priority
        self._before: tuple[int, int] | None = None

    def raise_(self) -> str:
        """Take the priority; returns why that was not permitted, empty if it was."""
        if self._priority == 0 or self._before is not None:
            return ""
        before = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority
        try:
            _set_all(os.SCHED_FIFO, self._priority)
        except OSError as error:
            return f"no real-time priority {self._priority}: {error.strerror}"
        self._before = before
        return ""

    def lower(self) -> None:
        """Back to what was before."""
        if self._before is not None:
            _set_all(*self._before)
            self._before = None


def _set_all(policy: int, priority: int) -> None:
    # The middleware made its threads long before the parameters were known.
    for task in TASKS.iterdir():
        _set(int(task.name), policy, priority)


def _set(thread: int, policy: int, priority: int) -> None:
    try:
        os.sched_setscheduler(thread, policy, os.sched_param(priority))
    except ProcessLookupError:
        # It ended meanwhile.
        return
