"""What the monitor says of the inputs, with its age judged and its alarm kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from elbowroom.monitoring.watching.verdict import Level

RESET = "reset:"
"""How the reason of the OK begins by which a monitor that was reset takes its alarm back."""


class HealthLatch:
    """Keeps an alarm of the monitor, and takes its silence for not knowing.

    An ERROR holds until the next dressing, or until the monitor says that it was reset. A monitor
    that falls silent, stops or begins anew has not looked at this dressing and takes nothing back.

    Args:
        timeout: without a word for longer the level is STALE [s]; 0 if no monitor is expected.
        steady: steady time [s]. The monitor speaks by it, also while simulated time stands still.
    """

    def __init__(self, timeout: float, steady: Callable[[], float] = time.monotonic) -> None:
        self._timeout, self._steady = timeout, steady
        self._heard, self._level, self._reason = -math.inf, Level.OK, ""
        self._alarm, self._since = "", -math.inf

    def hear(self, level: Level, reason: str, stamp: float) -> None:
        """The monitor has spoken, of inputs up to a stamp [s]."""
        self._heard, self._level, self._reason = self._steady(), level, reason
        # A verdict on the dressing before may come after the next has begun.
        if level is Level.ERROR and stamp > self._since:
            self._alarm = reason or "the monitor gave no reason"
        elif level is Level.OK and reason.startswith(RESET):
            self._alarm = ""

    def begin(self, now: float) -> None:
        """A dressing begins at a time [s] of the clock that stamps the inputs."""
        self._alarm, self._since = "", now

    def rewind(self) -> None:
        """That clock was set: earlier times mean nothing any more."""
        self._since = -math.inf

    def judge(self) -> tuple[Level, str]:
        """How far the inputs can be trusted now, and why."""
        if self._alarm:
            return Level.ERROR, self._alarm
        silent = self._steady() - self._heard
        if not self._timeout or silent <= self._timeout:
            return self._level, self._reason
        known = math.isfinite(silent)
        return Level.STALE, f"no word of the monitor {f'for {silent:.2f} s' if known else 'yet'}"
