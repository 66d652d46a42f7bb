"""Keeps simulated time in step with real time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

LEAD = 0.5
"""Share of a period by which a tick is handed out before it is due."""
SLIP_LIMIT = 0.25
"""Real time that is caught up after a delay [s]; what is lost beyond it counts as slipped."""


@dataclass(frozen=True)
class Tick:
    """One tick.

    Attributes:
        stamp: its time, simulated or real [s].
        due: the steady time at which it is that time [s].
    """

    stamp: float
    due: float


class Pacer:
    """Hands out the ticks of a fixed rate, each a little before it is due.

    So a sample can be computed ahead and sent at the time it is stamped with, as a sensor's
    would. A tick that comes late is caught up at once. Behind by more than `SLIP_LIMIT`, the
    schedule is moved instead: time then runs slower than real, but no burst floods whoever listens.

    Args:
        rate: ticks a simulated second [Hz].
        speed: simulated seconds a real second.
        origin: where stamps start [s]; they go on from there through every pause. Or the clock
            by which real time is told: stamps then follow that clock.
        steady: steady time [s].
        sleep: waits for some seconds of it.

    Attributes:
        slipped: real time given up so far [s].
    """

    def __init__(
        self,
        rate: float,
        speed: float,
        origin: float | Callable[[], float],
        steady: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.period = 1.0 / (rate * speed)
        self._tick = 1.0 / rate
        self._clock = origin if callable(origin) else None
        self._steady, self._sleep = steady, sleep
        self._resume: float | None = None
        self._start: float | None = None
        self._done = 0
        self.stamp = origin() if callable(origin) else origin
        self.slipped = 0.0

    def run(self, delay: float = 0.0) -> None:
        """Let time run, after a delay [s]."""
        self._resume, self._start, self._done = self._steady() + delay, None, 0

    def hold(self) -> None:
        """Let time stand still."""
        self._resume = None

    @property
    def running(self) -> bool:
        """Whether time runs."""
        return self._resume is not None

    def take(self) -> list[Tick]:
        """The ticks to be prepared now; call it every `period`."""
        now = self._steady()
        if self._resume is None or now < self._resume:
            return []
        if self._start is None:
            self._anchor(now)
        assert self._start is not None, "time runs"
        count, first = self._count(now), self._done
        self._done += count
        ticks = [
            Tick(
                self.stamp + (k + 1) * self._tick,
                self._start + (first + k + 1.5 + LEAD) * self.period,
            )
            for k in range(count)
        ]
        self.stamp += count * self._tick
        return ticks

    def await_due(self, tick: Tick) -> None:
        """Sleep until a tick is due, if that is yet to come."""
        left = tick.due - self._steady()
        if left > 0:
            self._sleep(left)

    def _anchor(self, now: float) -> None:
        # Half a tick ahead, so that neither an early nor a late call misses its tick.
        self._start = now - 1.5 * self.period
        if self._clock is not None:
            ahead = LEAD * self.period
            self.stamp = max(self.stamp, self._clock() + ahead - self._tick)

    def _count(self, now: float) -> int:
        assert self._start is not None, "time runs"
        count = int((now - self._start) / self.period) - self._done
        # One tick is never too much, however slow they are.
        limit = max(SLIP_LIMIT, self.period)
        excess = count * self.period - limit
        if excess <= 0:
            return max(count, 0)
        self.slipped += excess
        self._start += excess
        if self._clock is not None:
            self.stamp += excess
        return int(limit / self.period)
