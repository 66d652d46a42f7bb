"""Past readings, as many as are wanted for a report."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from elbowroom.monitoring.checks import Array
from elbowroom.monitoring.watching.watch import WatchState

_Row: TypeAlias = tuple[int, float, dict[str, Array], float, float, str]


@dataclass(frozen=True)
class Snapshot:
    """Readings in the order in which they came.

    Attributes:
        dressing: number of the dressing that each is of, from 1, shape (n,).
        stamps: [s], shape (n,).
        components: by layer, shape (n, k).
        scores: of the alarm within the dressing, at that reading, shape (n,).
        evidence: value of the detector over dressings then, shape (n,).
        recordings: that each is of, n names.
    """

    dressing: Array
    stamps: Array
    components: dict[str, Array]
    scores: Array
    evidence: Array
    recordings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.stamps)


class History:
    """The newest readings.

    Args:
        limit: how many are kept.
        recording: that they are of.
    """

    def __init__(self, limit: int, recording: str = "") -> None:
        self._rows: deque[_Row] = deque(maxlen=limit)
        self._dressing, self._begun, self._recording = 1, False, recording

    def __len__(self) -> int:
        return len(self._rows)

    def begin(self, recording: str = "") -> None:
        """What follows is another dressing; one of which nothing was seen does not count.

        Args:
            recording: that it is of, empty for the same as before.
        """
        self._dressing += self._begun
        self._begun = False
        self._recording = recording or self._recording

    def add(self, state: WatchState, stamp: float) -> None:
        """Take the reading that led to a state."""
        self._begun = True
        value, score = state.detector.value, state.channel.recent
        self._rows.append((self._dressing, stamp, state.rows[-1], score, value, self._recording))

    def copy(self) -> History:
        """The same readings, to which none are added: what another thread may read."""
        found = History(len(self), self._recording)
        found._rows = self._rows.copy()
        return found

    def snapshot(self) -> Snapshot:
        """What is held, as arrays."""
        rows = list(self._rows)
        names = rows[0][2] if rows else {}
        return Snapshot(
            np.array([r[0] for r in rows], dtype=float),
            np.array([r[1] for r in rows]),
            {n: np.stack([r[2][n] for r in rows]) for n in names},
            np.array([r[3] for r in rows]),
            np.array([r[4] for r in rows]),
            tuple(r[5] for r in rows),
        )
