"""What a transition tells of others: the table mirrored, the objects named in another order.

The scene has a plane of symmetry, y = 0, and the objects behind the first one (the one asked for,
or the nearest at the start) have no order of their own. A transition that is drawn from the memory
is therefore shown as one of its twins. Where any object will do, the first one stays first as
well: with it goes which of them was meant.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.environments.observation import HAND, SLOT
from elbowroom.grasping.environments.tasks import Task
from elbowroom.grasping.experience.replay import Transitions

Single = NDArray[np.float32]
Twin = Callable[[Transitions, np.random.Generator], Transitions]

_ASIDE, _YAW = 2, 3
"""Numbers about the hand that change their sign in the mirror."""
_PLACE, _NEAR, _SINE = 2, 5, 7
"""Numbers about an object that do."""
_ACTION = np.array([1, -1, 1, -1, 1], np.float32)


def _signs(count: int) -> Single:
    hand, thing = np.ones(HAND, np.float32), np.ones(SLOT, np.float32)
    hand[[_ASIDE, _YAW]] = -1
    thing[[_PLACE, _NEAR, _SINE]] = -1
    return np.concatenate([hand, *[thing] * count])


def mirror(observation: Single, action: Single) -> tuple[Single, Single]:
    """State observations, shape (..., o), and actions, shape (..., 5), of the mirrored scene."""
    count = (observation.shape[-1] - HAND) // SLOT
    return observation * _signs(count), action * _ACTION


def make_twin(task: Task) -> Twin:
    """A function that gives every row of transitions as one of its twins, drawn anew.

    Half of the rows are mirrored; in all the objects behind the first one change places.

    Args:
        task: whose state observations they are.
    """
    # What stays in front is sorted in front of all that is drawn.
    front = np.where(np.arange(task.count) < 1, -2.0, 0.0)
    signs = np.stack([np.ones(HAND + SLOT * task.count, np.float32), _signs(task.count)])
    actions = np.stack([np.ones(5, np.float32), _ACTION])

    def twin(rows: Transitions, rng: np.random.Generator) -> Transitions:
        flip = rng.integers(2, size=len(rows))
        order = np.argsort(rng.random((len(rows), task.count)) + front)
        seen, later = (
            _reorder(o, order) * signs[flip] for o in (rows.observation, rows.next_observation)
        )
        return Transitions(seen, rows.action * actions[flip], rows.reward, later, rows.bootstrap)

    return twin


def _reorder(observation: Single, order: NDArray[np.int64]) -> Single:
    slots = observation[:, HAND:].reshape(len(observation), -1, SLOT)
    moved = np.take_along_axis(slots, order[..., None], 1)
    return np.concatenate([observation[:, :HAND], moved.reshape(len(observation), -1)], 1)
