"""Measurements that are left out: counted, and the reason kept."""

from __future__ import annotations

from collections import Counter
from typing import Any


class Refusals:
    """What was left out of each source, and why.

    Attributes:
        refused: how many measurements were left out, by source.
        last_refusal: the newest reason of each source.
    """

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()
        self.last_refusal: dict[str, str] = {}

    def refuse(self, source: str, reason: str) -> None:
        """Count a measurement that is left out."""
        self.refused[source] += 1
        self.last_refusal[source] = reason

    @property
    def refusals(self) -> dict[str, Any]:
        """Counts and reasons, for diagnostics."""
        counts = {f"refused {source}": count for source, count in self.refused.items()}
        return counts | {f"refused {s}, why": why for s, why in self.last_refusal.items()}

    def with_refusal(self, text: str, source: str) -> str:
        """A text with the newest reason why its source was left out, if there is one."""
        reason = self.last_refusal.get(source)
        return f"{text} (last refusal: {reason})" if reason else text
