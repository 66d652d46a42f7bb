"""Notices when a node's clock stands still, or is set back."""

from __future__ import annotations

import time
from collections.abc import Callable

_SLEWED = 0.05
"""A clock that is kept on time goes back by less; late stamps bear so much [s]."""


class ClockWatch:
    """Compares a clock with the steady one.

    Ages judged by a clock that stands still never grow, so a paused or dead time source would
    look like fresh input for ever.

    Args:
        now: the clock that is watched [s].
        patience: the clock stands still when it has not moved for this long [s].
        steady: steady time [s].
        set_back: told by how much the clock has gone back since the last look [s].

    Attributes:
        fault: what the last `look` found, or empty.
    """

    def __init__(
        self,
        now: Callable[[], float],
        patience: float = 0.25,
        steady: Callable[[], float] = time.monotonic,
        set_back: Callable[[float], None] = lambda by: None,
    ) -> None:
        self._set_back = set_back
        self._now, self._patience, self._steady = now, patience, steady
        self._last: tuple[float, float] | None = None
        self.fault = ""

    def look(self) -> str:
        """Why the clock cannot be trusted, or empty."""
        now, steady = self._now(), self._steady()
        before = now if self._last is None else self._last[0]
        if self._last is None or now != self._last[0]:
            self._last = now, steady
        if now < before - _SLEWED:
            self._set_back(before - now)
        stood = steady - self._last[1]
        still = stood > self._patience
        self.fault = "the clock stands still: is the simulation paused?" if still else ""
        return self.fault
