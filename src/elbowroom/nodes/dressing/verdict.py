"""What the monitor has said of the inputs, and for how long it counts."""

from __future__ import annotations

import math

OK, WARN, ERROR, STALE = range(4)
"""Levels of elbowroom/InputHealth."""


class Verdict:
    """The monitor's newest word, kept by those who act on it.

    An ERROR is taken back by an OK or a WARN only: a monitor that falls silent, or says that it
    cannot tell, has not withdrawn it. Any other word that is older than the timeout counts as
    STALE. Before the first word the level is OK, for graphs that have no monitor.

    Args:
        timeout: age from which a word says nothing any more [s].
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._level, self._reason, self._at = OK, "", math.inf

    def hear(self, level: int, reason: str, now: float) -> None:
        """Take a word; `now` is the listener's clock, here and below [s]."""
        self._at = now
        if not (self._level == ERROR and level == STALE):
            self._level, self._reason = level, reason

    @property
    def is_known(self) -> bool:
        """Whether anything was said."""
        return self._at < math.inf

    def level(self, now: float) -> int:
        """What counts now."""
        if self._level != ERROR and now - self._at > self._timeout:
            return STALE
        return self._level

    @property
    def void_reason(self) -> str:
        """Why no guarantee holds, or empty."""
        return f"the inputs have changed: {self._reason}" if self._level == ERROR else ""
