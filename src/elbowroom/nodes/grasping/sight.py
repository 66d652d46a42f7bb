"""What the objects on the table mean to a skill: reachable, off the table, lifted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from elbowroom.core import InputError, Params, param
from elbowroom.core.types import Array
from elbowroom.nodes.grasping.view import Seen, View
from elbowroom.sim.grasping.items import SHAPES
from elbowroom.sim.grasping.seen import yaw_of


@dataclass(frozen=True)
class TableParams(Params):
    """Where the gripper may go, and what is lifted; the robot stands at the origin."""

    field: tuple[float, ...] = param(
        (0.52, 0.0), "middle of the field on which objects lie; the table is at height 0", unit="m"
    )
    reach: float = param(
        0.19, "half the side of the field; an object beyond it cannot be grasped", unit="m",
        low=0.02, high=1.0,
    )  # fmt: skip
    lowest: float = param(
        0.014, "least height of the point between the fingers", unit="m", low=0.0, high=0.5
    )
    highest: float = param(
        0.30, "greatest height of the point between the fingers", unit="m", low=0.05, high=1.0
    )
    lift: float = param(
        0.08, "an object this far above its rest is lifted", unit="m", low=0.01, high=0.5
    )


@dataclass(frozen=True)
class Thing:
    """What the observation reads of an object.

    Attributes:
        name: by which it can be asked for.
        shape: one of the shapes that the policies were trained on.
        half: half extents [m], shape (3,).
    """

    name: str
    shape: str
    half: Array


@dataclass(frozen=True)
class Sighted:
    """A thing and where it is.

    Attributes:
        item: what it is; real ones have any size and colour.
        position: of its centre [m], shape (3,).
        yaw: turn about the vertical [rad].
    """

    item: Thing
    position: Array
    yaw: float


class Table:
    """Answers questions about a view.

    Args:
        params: see `TableParams`.

    Attributes:
        centre: of the field [m], shape (2,).
        lift: rise that makes an object lifted [m].
    """

    def __init__(self, params: TableParams) -> None:
        x, y = params.field
        self.centre = np.array([x, y])
        self._low = np.array([x - params.reach, y - params.reach, params.lowest])
        self._high = np.array([x + params.reach, y + params.reach, params.highest])
        self.lift = params.lift

    def read(self, view: View) -> list[Sighted]:
        """The objects as the observation takes them; those of an unknown shape are left out."""
        return [
            Sighted(
                Thing(o.name, o.shape, np.asarray(o.size) / 2),
                o.pose.position,
                yaw_of(o.pose.orientation),
            )
            for o in view.objects.values()
            if o.shape in SHAPES
        ]

    def pick(self, name: str, view: View) -> str:
        """The object asked for, or the one nearest to the gripper that can be reached.

        Raises:
            InputError: if it is not seen, of an unknown shape or out of reach; or none is in reach.
        """
        if not name:
            here = view.gripper.position
            near = sorted(
                (o for o in view.objects.values() if not self._trouble(o)),
                key=lambda o: float(np.linalg.norm(o.pose.position - here)),
            )
            if not near:
                raise InputError(f"no object can be reached; seen are {_list(view.objects)}")
            return near[0].name
        if name not in view.objects:
            raise InputError(f"{name!r} is not seen; seen are {_list(view.objects)}")
        if trouble := self._trouble(view.objects[name]):
            raise InputError(trouble)
        return name

    def fault(self, name: str, view: View) -> str:
        """Why a view cannot be acted on, or empty."""
        if not name:
            if not self.read(view):
                return "no object of a known shape is seen"
            out = all(self._trouble(o) for o in view.objects.values())
            return f"no object can be reached; seen are {_list(view.objects)}" if out else ""
        if name not in view.objects:
            return f"{name!r} is not seen any more"
        return self._trouble(view.objects[name])

    def rise(self, name: str, view: View, rest: Mapping[str, float]) -> float:
        """How far the named object, or the highest if none is, is above its rest [m].

        Args:
            name: of the object, or empty.
            view: what is seen.
            rest: heights at which the objects lay [m], by name.
        """
        found = [
            float(o.pose.position[2]) - rest.get(o.name, math.inf)
            for o in view.objects.values()
            if name in ("", o.name)
        ]
        return max(found, default=0.0)

    def keep_inside(self, position: Array, velocity: Array, period: float) -> Array:
        """The velocity [m/s], cut so that the gripper stays where it may go."""
        goal = np.clip(position + velocity * period, self._low, self._high)
        # Whoever is outside already may come back, but goes no further.
        inside = (goal - position) / period
        return np.where(np.abs(inside) < np.abs(velocity), inside, velocity)

    def _trouble(self, seen: Seen) -> str:
        if seen.shape not in SHAPES:
            return f"{seen.name!r} is a {seen.shape!r}; known are box, sphere, {', '.join(SHAPES)}"
        place = seen.pose.position[:2]
        if (place < self._low[:2]).any() or (place > self._high[:2]).any():
            x, y = place.tolist()
            return f"{seen.name!r} at ({x:.2f}, {y:.2f}) m cannot be reached"
        return ""


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
