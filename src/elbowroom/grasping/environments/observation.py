"""The state observation: hand and objects as numbers about the hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.environments.tasks import Task
from elbowroom.grasping.errors import GraspError
from elbowroom.sim.grasping.items import COLOURS, SHAPES, SYMMETRY, Item

Array = NDArray[np.float64]
Single = NDArray[np.float32]

HAND, SLOT = 6, 12
"""Numbers about the hand, and about each object."""
LENGTH = 0.1
"""Unit of positions in the observation [m]."""
NEAR = 0.02
"""Unit [m] in which a place is told a second time, bent by tanh: millimetres matter."""
SIZE = 0.05
"""Unit of half extents in the observation [m]."""
LIMIT = 20.0
"""Every number of the observation is cut to this: an object 2 m away is as far as one beyond."""
WIDE = 0.08
"""Opening of the gripper [m]."""


@dataclass(frozen=True)
class HandState:
    """What is known of the hand.

    Attributes:
        position: of the point between the fingers [m], robot's base frame, shape (3,).
        yaw: turn about the vertical [rad].
        opening: distance between the fingers [m].
        closed: whether they are told to be shut.
    """

    position: Array
    yaw: float
    opening: float
    closed: bool


CODE = len(SHAPES) + len(COLOURS)
"""Numbers that name the object asked for in a vector that goes with an image."""


def state_size(task: Task) -> int:
    """Length of the state observation of a task."""
    return HAND + SLOT * task.count


class Thing(Protocol):
    """What the observation reads of an object."""

    @property
    def name(self) -> str:
        """By which it can be asked for."""

    @property
    def shape(self) -> str:
        """One of `SHAPES`."""

    @property
    def half(self) -> Array:
        """Half extents [m], shape (3,)."""


class Sighting(Protocol):
    """A thing and where it is seen."""

    @property
    def item(self) -> Thing:
        """What it is."""

    @property
    def position(self) -> Array:
        """Of its centre [m], shape (3,)."""

    @property
    def yaw(self) -> float:
        """Turn about the vertical [rad]."""


def arrange(objects: Sequence[Sighting], target: str | None, position: Array) -> tuple[str, ...]:
    """Order in which objects are observed during an attempt: the target, then the nearest first.

    Args:
        objects: what is seen at the start of the attempt.
        target: name of the object asked for, or None for any.
        position: of the hand [m], shape (3,).

    Raises:
        GraspError: if the target is not there.
    """
    names = [o.item.name for o in objects]
    if target is not None and target not in names:
        raise GraspError(f"there is no {target!r} on the table, only {sorted(names)}")
    near = sorted(
        objects,
        key=lambda o: (o.item.name != target, math.dist(o.position[:2], position[:2])),
    )
    return tuple(o.item.name for o in near)


def describe_state(
    hand: HandState, objects: Sequence[Sighting], order: Sequence[str], task: Task, centre: Array
) -> Single:
    """The state observation.

    The hand: height, place relative to the field's centre [0.1 m], yaw [half turns], opening
    (0..1), told to be shut (-1, 1). Every object: 1 for being there, its centre seen from the
    hand in the hand's level frame [0.1 m], the same in finer units (tanh of [0.02 m]), sine and
    cosine of k times its turn relative to the hand (k: symmetry of the shape; zeros for a round
    one), half extents [0.05 m]. A place that is not filled is all zeros.

    Args:
        hand: what is known of the hand.
        objects: what is seen now.
        order: names from `arrange`; more than `task.count` are cut.
        task: says how many places there are.
        centre: of the field [m], shape (2,).

    Returns:
        Shape (`state_size(task)`,).

    Raises:
        GraspError: if an object of the order has vanished.
    """
    seen = {o.item.name: o for o in objects}
    numbers = [*_describe_hand(hand, centre)]
    here, yaw = hand.position.tolist(), hand.yaw
    axis = math.cos(yaw), math.sin(yaw)
    for name in order[: task.count]:
        if name not in seen:
            raise GraspError(f"the {name} has vanished")
        numbers += _describe(here, yaw, axis, seen[name])
    out = np.zeros(state_size(task), np.float32)
    out[: len(numbers)] = numbers
    return np.clip(out, -LIMIT, LIMIT, out=out)


def describe_hand(hand: HandState, target: Item | None, centre: Array) -> Single:
    """The vector that goes with an image: the hand as in the state observation, and the name.

    The object asked for is two ones among zeros, for its shape and for its colour; all zeros if
    any will do.

    Args:
        hand: what is known of the hand.
        target: the object asked for, or None.
        centre: of the field [m], shape (2,).

    Returns:
        Shape (HAND + CODE,).
    """
    out = np.zeros(HAND + CODE, np.float32)
    out[:HAND] = _describe_hand(hand, centre)
    if target is not None:
        out[HAND + SHAPES.index(target.shape)] = 1.0
        out[HAND + len(SHAPES) + list(COLOURS).index(target.colour)] = 1.0
    return np.clip(out, -LIMIT, LIMIT)


# Plain floats, not arrays: for a few numbers at a time they are several times as fast.
def _describe_hand(hand: HandState, centre: Array) -> tuple[float, ...]:
    (x, y, z), (x0, y0) = hand.position.tolist(), centre.tolist()
    shut = 1.0 if hand.closed else -1.0
    yaw, wide = hand.yaw / math.pi, hand.opening / WIDE
    return (z / LENGTH, (x - x0) / LENGTH, (y - y0) / LENGTH, yaw, wide, shut)


def _describe(
    here: list[float], yaw: float, axis: tuple[float, float], seen: Sighting
) -> tuple[float, ...]:
    """The numbers of one object, for a hand at `here` whose yaw has cosine and sine `axis`."""
    there, (a, b, c) = seen.position.tolist(), seen.item.half.tolist()
    x, y, z = [(t - h) / LENGTH for t, h in zip(there, here, strict=True)]
    cos, sin = axis
    ahead, aside = cos * x + sin * y, cos * y - sin * x
    near = [math.tanh(v * LENGTH / NEAR) for v in (ahead, aside, z)]
    k = SYMMETRY[seen.item.shape]
    turn = k * (seen.yaw - yaw)
    sine, cosine = (math.sin(turn), math.cos(turn)) if k else (0.0, 0.0)
    return (1.0, ahead, aside, z, *near, sine, cosine, a / SIZE, b / SIZE, c / SIZE)
