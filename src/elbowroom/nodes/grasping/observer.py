"""What a policy observes, made from views: the state of the objects, or an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from elbowroom.core import InputError
from elbowroom.grasping.environments.env import IMAGE
from elbowroom.grasping.environments.observation import (
    HandState,
    arrange,
    describe_hand,
    describe_state,
)
from elbowroom.grasping.environments.tasks import Task
from elbowroom.grasping.seeing.encoder import Eye
from elbowroom.grasping.seeing.estimator import StateEstimator
from elbowroom.nodes.grasping.sight import Table
from elbowroom.nodes.grasping.view import HELD, View
from elbowroom.sim.grasping import Item
from elbowroom.sim.grasping.items import COLOURS, SHAPES


@dataclass
class Grip:
    """What the fingers are told, and where they shut.

    Attributes:
        closed: whether they are told to be shut.
        height: of the gripper when it was told to shut [m].
    """

    closed: bool = False
    height: float = 0.0

    def rise(self, view: View) -> float:
        """How far what is between the fingers has been raised [m]; 0 if nothing is."""
        held = self.closed and view.opening > HELD
        return float(view.gripper.position[2]) - self.height if held else 0.0


class Observer(Protocol):
    """Makes observations, and knows what can be seen in them.

    Attributes:
        main: "objects" or "image", what views are made of.
        also: what else must be in them.
    """

    main: str
    also: tuple[str, ...]

    def pick(self, name: str, view: View) -> str:
        """The object that is meant; InputError if it cannot be grasped."""

    def fault(self, name: str, view: View) -> str:
        """Why a view cannot be acted on, or empty."""

    def begin(self, name: str, view: View) -> None:
        """An attempt begins."""

    def observe(self, view: View, grip: Grip) -> tuple[Any, dict[str, Any]]:
        """The observation, and what a guide is told besides; InputError if something is missing."""

    def rise(self, name: str, view: View, grip: Grip) -> float:
        """How far the object, or any if none is named, is above its rest [m]."""


class StateObserver:
    """The objects as numbers about the hand.

    Args:
        task: what the policy was made for.
        table: what the objects mean.
    """

    main = "objects"
    also: tuple[str, ...] = ()

    def __init__(self, task: Task, table: Table) -> None:
        self._task, self._table = task, table
        self._rest: dict[str, float] = {}
        self._order: tuple[str, ...] = ()

    def pick(self, name: str, view: View) -> str:
        """See `Table.pick`; empty for any object where the task is to lift any and one can be."""
        found = self._table.pick(name, view)
        return found if self._task.named or name else ""

    def fault(self, name: str, view: View) -> str:
        """See `Table.fault`."""
        return self._table.fault(name, view)

    def begin(self, name: str, view: View) -> None:
        """Fix the order of the objects, and where they rest."""
        self._rest = {o.name: float(o.pose.position[2]) for o in view.objects.values()}
        objects = self._table.read(view)
        order = arrange(objects, name or None, view.gripper.position)
        self._order = order[: self._task.count]

    def observe(self, view: View, grip: Grip) -> tuple[Any, dict[str, Any]]:
        """The state observation, twice; InputError while an object that it tells of is not seen."""
        objects, hand = self._table.read(view), read_hand(view, grip)
        missing = set(self._order).difference(o.item.name for o in objects)
        if missing:
            raise InputError(f"{min(missing)!r} is not seen any more")
        state = describe_state(hand, objects, self._order, self._task, self._table.centre)
        return state, {"state": state}

    def rise(self, name: str, view: View, grip: Grip) -> float:
        """See `Table.rise`."""
        return self._table.rise(name, view, self._rest)


class ImageObserver:
    """The state as it is estimated from images of the camera on the wrist.

    Args:
        task: what the policy was made for.
        table: what the objects mean.
        eye: tells what is in an image.
        guided: whether a guide may act; it needs the list of objects too.
    """

    main = "image"

    def __init__(self, task: Task, table: Table, eye: Eye, guided: bool) -> None:
        self._task, self._table = task, table
        self._estimator = StateEstimator(eye, task)
        self._state = StateObserver(task, table) if guided else None
        self.also: tuple[str, ...] = ("objects",) if guided else ()
        self._item: Item | None = None

    def pick(self, name: str, view: View) -> str:
        """The object asked for, which an image shows by its colour; InputError for other names."""
        if self._state is not None:
            name = self._state.pick(name, view)
        if self._task.named or name:
            read_name(name)
        return name

    def fault(self, name: str, view: View) -> str:
        """Whether the image has the size that the eye takes, and the objects are in order."""
        assert view.image is not None, "views are made of images"
        height, width, _ = view.image.shape
        if (height, width) != (IMAGE, IMAGE):
            return f"the image is {width} x {height}, the policy takes {IMAGE} x {IMAGE}"
        return "" if self._state is None else self._state.fault(name, view)

    def begin(self, name: str, view: View) -> None:
        """Remember what is asked for; forget what was seen before."""
        self._estimator.reset()
        self._item = read_name(name) if name else None
        if self._state is not None:
            self._state.begin(name, view)

    def observe(self, view: View, grip: Grip) -> tuple[Any, dict[str, Any]]:
        """The estimated state; the true one for a guide."""
        assert view.image is not None, "views are made of images"
        vector = describe_hand(read_hand(view, grip), self._item, self._table.centre)
        seen = self._estimator.estimate(view.image, vector)
        return seen, {} if self._state is None else self._state.observe(view, grip)[1]

    def rise(self, name: str, view: View, grip: Grip) -> float:
        """By the objects where they are listed, else by the fingers."""
        return grip.rise(view) if self._state is None else self._state.rise(name, view, grip)


def read_hand(view: View, grip: Grip) -> HandState:
    """What is known of the hand."""
    return HandState(view.gripper.position, view.yaw, view.opening, grip.closed)


def read_name(name: str) -> Item:
    """The object that a name such as "red cube" stands for.

    Raises:
        InputError: if it is not a colour and a shape.
    """
    colour, _, shape = name.partition(" ")
    if colour not in COLOURS or shape not in SHAPES:
        raise InputError(
            f"an object is named by a colour ({', '.join(COLOURS)}) and a shape "
            f"({', '.join(SHAPES)}), got {name!r}"
        )
    return Item(shape, colour)
