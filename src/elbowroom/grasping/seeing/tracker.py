"""What has been seen of the objects, kept while the hand moves: an estimate of the state.

An object is remembered where it was last seen, in the axes of the field, and told from wherever the
hand is now. So it is not lost when it leaves the picture or something hides it. What is told has
the form of the state observation, with estimates in the place of the truth.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.environments.observation import HAND, LENGTH, LIMIT, NEAR, SLOT
from elbowroom.sim.grasping.items import COLOURS, SHAPES

Array = NDArray[np.float64]
Single = NDArray[np.float32]

_ROUND = 0.5
"""Where sine and cosine of a turn are shorter than this, the object is a round one."""
_SQUARE = 0.12
"""Where level half extents [0.05 m] differ by less than this, the object is a square one."""
_COLOUR = HAND + len(SHAPES)


class Tracker:
    """Objects by colour, in a fixed order: the one asked for first, then as they were seen.

    Args:
        count: places for objects in what is told.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._order: list[int] = []
        self._known: dict[int, Array] = {}

    def update(self, vector: Single, kinds: NDArray[np.int64], told: Single) -> Single:
        """Take in what is seen now; tell what is known.

        An object that has never been seen is all zeros, as is a place that is not filled.

        Args:
            vector: hand and name, `describe_hand`.
            kinds: colours that are seen, indices into `COLOURS`, shape (m,).
            told: what the eye tells of them (`TOLD` of the encoder), shape (m, 8).

        Returns:
            The estimated state observation, shape (HAND + count * SLOT,).
        """
        hand = np.asarray(vector[:HAND], float)
        asked = np.flatnonzero(vector[_COLOUR : _COLOUR + len(COLOURS)])
        if not self._order:
            self._order.extend(asked.tolist())
        for k in np.argsort(np.hypot(*told[:, :2].T)).tolist():
            kind = int(kinds[k])
            if kind not in self._order:
                self._order.append(kind)
            self._known[kind] = _fix(hand, told[k])
        out = np.zeros(HAND + self._count * SLOT, np.float32)
        out[:HAND] = hand
        for k, kind in enumerate(self._order[: self._count]):
            if kind in self._known:
                out[HAND + SLOT * k : HAND + SLOT * (k + 1)] = _describe(hand, self._known[kind])
        return np.clip(out, -LIMIT, LIMIT)


def _fix(hand: Array, told: Single) -> Array:
    """From the hand's level frame to the axes of the field, with the symmetry of some shape."""
    out = np.asarray(told, float).copy()
    yaw, length = hand[3] * math.pi, math.hypot(*out[3:5])
    out[:2] = hand[1:3] + _turn(out[:2], yaw)
    out[2] += hand[0]
    if abs(out[5] - out[6]) < _SQUARE:
        out[5:7] = out[5:7].mean()
    out[3:5] = out[3:5] / length if length > _ROUND else 0.0
    out[4:2:-1] = _turn(out[4:2:-1], _symmetry(out) * yaw)
    return out


def _describe(hand: Array, known: Array) -> Array:
    """From the axes of the field to a place of the state observation."""
    yaw = hand[3] * math.pi
    place = np.array([*_turn(known[:2] - hand[1:3], -yaw), known[2] - hand[0]])
    cosine, sine = _turn(known[4:2:-1], -_symmetry(known) * yaw)
    return np.array([1.0, *place, *np.tanh(place * LENGTH / NEAR), sine, cosine, *known[5:]])


def _symmetry(known: Array) -> int:
    """How often a turn by a whole angle maps the object onto itself; any number for a round one."""
    return 4 if known[5] == known[6] else 2


def _turn(v: Array, angle: float) -> Array:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([c * v[0] - s * v[1], s * v[0] + c * v[1]])
