"""Transitions, and the memory they are drawn from."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.errors import GraspError

Single = NDArray[np.float32]


@dataclass(frozen=True)
class Transitions:
    """N steps of experience.

    Attributes:
        observation: shape (N, o).
        action: in [-1, 1], shape (N, a).
        reward: shape (N,).
        next_observation: shape (N, o).
        bootstrap: factor of the value of the next observation in the return, shape (N,): the
            discount, to the power of the steps that lie between, or 0 where the episode ended for
            good (not where it was cut).
    """

    observation: Single
    action: Single
    reward: Single
    next_observation: Single
    bootstrap: Single

    def __post_init__(self) -> None:
        n = len(self.observation)
        if any(len(getattr(self, f.name)) != n for f in fields(self)):
            raise GraspError("transitions need as many rows in every array")
        if self.observation.shape != self.next_observation.shape:
            raise GraspError("observation and next_observation differ in shape")

    def __len__(self) -> int:
        return len(self.observation)

    def take(self, rows: NDArray[np.int64]) -> Transitions:
        """The given rows."""
        return Transitions(*(getattr(self, f.name)[rows] for f in fields(self)))


def look_ahead(
    observation: Single,
    action: Single,
    reward: Single,
    ended: bool,
    discount: float,
    steps: int = 1,
) -> Transitions:
    """Transitions of one episode whose returns look several steps ahead.

    r_t + g r_t+1 + ... + g^(k-1) r_t+k-1 with bootstrap g^k at s_t+k; k is `steps` or what is left
    of the episode.

    Args:
        observation: also the last one, shape (T + 1, o).
        action: shape (T, a).
        reward: shape (T,).
        ended: whether the episode ended for good after the last step.
        discount: g.
        steps: greatest k.
    """
    count = len(action)
    begin = np.arange(count)
    end = np.minimum(begin + steps, count)
    total = np.zeros(count, np.float32)
    for k in range(steps):
        inside = begin + k < count
        total[inside] += discount**k * reward[begin[inside] + k]
    bootstrap = (discount ** (end - begin)).astype(np.float32)
    if ended:
        bootstrap[end == count] = 0.0
    return Transitions(observation[:-1], action, total, observation[end], bootstrap)


def join(parts: list[Transitions]) -> Transitions:
    """One after the other."""
    names = [f.name for f in fields(Transitions)]
    return Transitions(*(np.concatenate([getattr(p, n) for p in parts]) for n in names))


class Replay:
    """A memory of fixed size; the oldest transition is forgotten first.

    Args:
        capacity: greatest number of transitions.
        observation: length o of an observation.
        action: length a of an action.
    """

    def __init__(self, capacity: int, observation: int, action: int) -> None:
        if capacity < 1:
            raise GraspError(f"the memory holds at least one transition, got {capacity}")
        self.capacity, self.added = capacity, 0
        self._rows = Transitions(
            np.zeros((capacity, observation), np.float32),
            np.zeros((capacity, action), np.float32),
            np.zeros(capacity, np.float32),
            np.zeros((capacity, observation), np.float32),
            np.zeros(capacity, np.float32),
        )

    def __len__(self) -> int:
        return min(self.added, self.capacity)

    def add(self, new: Transitions) -> None:
        """Append transitions."""
        if len(new) and new.observation.shape[1] != self._rows.observation.shape[1]:
            raise GraspError(
                f"the memory holds observations of {self._rows.observation.shape[1]} numbers, "
                f"got {new.observation.shape[1]}"
            )
        rows = (self.added + np.arange(len(new))) % self.capacity
        for f in fields(self._rows):
            getattr(self._rows, f.name)[rows] = getattr(new, f.name)
        self.added += len(new)

    def draw(self, rng: np.random.Generator, count: int) -> Transitions:
        """Transitions drawn with replacement.

        Raises:
            GraspError: if the memory is empty.
        """
        if len(self) == 0:
            raise GraspError("nothing can be drawn from an empty memory")
        return self._rows.take(rng.integers(len(self), size=count))

    def recent(self, first: int) -> Transitions:
        """The transitions added since `first` of them had been, as far as still held."""
        first = max(first, self.added - self.capacity)
        return self._rows.take(np.arange(first, self.added) % self.capacity)
