"""How often something happens."""

from __future__ import annotations

# Stamps are rounded to nanoseconds and periods to float64.
_SLACK = 1e-6


class Throttle:
    """Lets through at most `rate` events a second, judged by their stamps."""

    def __init__(self, rate: float) -> None:
        self._period = 1.0 / rate
        self._next = float("-inf")

    def is_due(self, stamp: float) -> bool:
        """Whether the event at this stamp [s] goes through."""
        # A stamp far before the last one means that time was set back.
        if self._next - self._period <= stamp < self._next - _SLACK:
            return False
        self._next = stamp + self._period
        return True
