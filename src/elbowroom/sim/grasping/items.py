"""The things that lie on the table: shapes, sizes, colours, and how they are scattered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from elbowroom.sim.errors import SimulationError

Array = NDArray[np.float64]

BOX, CYLINDER, BALL = 0, 1, 2
"""Primitives that PyBullet and the camera know."""
SHAPES = ("cube", "bar", "slab", "cylinder", "ball", "cuff")
"""What can be named. The cuff is no body of its own: it is part of a sleeve of cloth."""
PRIMITIVES = {"cube": BOX, "bar": BOX, "slab": BOX, "cylinder": CYLINDER, "ball": BALL}
SYMMETRY = {"cube": 4, "bar": 2, "slab": 2, "cylinder": 0, "ball": 0, "cuff": 1}
"""How often a turn about the vertical by a whole angle maps the shape onto itself; 0: always."""
HALVES = {
    "cube": (0.022, 0.022, 0.022),
    "bar": (0.052, 0.016, 0.020),
    "slab": (0.030, 0.014, 0.034),
    "cylinder": (0.021, 0.021, 0.030),
    "ball": (0.024, 0.024, 0.024),
    "cuff": (0.020, 0.060, 0.030),
}
"""Half extents at scale 1 [m]; of a cylinder: radius, radius, half its height."""
COLOURS = {
    "red": (0.85, 0.15, 0.12),
    "green": (0.15, 0.65, 0.20),
    "blue": (0.15, 0.30, 0.85),
    "yellow": (0.95, 0.80, 0.15),
    "purple": (0.60, 0.25, 0.70),
    "orange": (0.95, 0.50, 0.10),
}
DENSITY = 500.0
"""Of every object [kg/m^3], that of light wood."""


@dataclass(frozen=True)
class Item:
    """One object.

    Attributes:
        shape: one of `SHAPES`.
        colour: one of `COLOURS`.
        scale: factor on the half extents of the shape.
    """

    shape: str
    colour: str
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise SimulationError(f"a shape is one of {list(SHAPES)}, got {self.shape!r}")
        if self.colour not in COLOURS:
            raise SimulationError(f"a colour is one of {list(COLOURS)}, got {self.colour!r}")
        if not 0.3 <= self.scale <= 2.0:
            raise SimulationError(f"a scale lies in [0.3, 2], got {self.scale}")

    @cached_property
    def name(self) -> str:
        """Colour and shape, such as "red cube"."""
        return f"{self.colour} {self.shape}"

    @cached_property
    def half(self) -> Array:
        """Half extents [m], shape (3,), read-only."""
        half = self.scale * np.array(HALVES[self.shape])
        half.flags.writeable = False
        return half

    @cached_property
    def height(self) -> float:
        """Of its centre when it stands on the table [m]."""
        return float(self.half[2])

    @property
    def mass(self) -> float:
        """[kg]."""
        x, y, z = 2 * self.half
        fill = {BOX: 1.0, CYLINDER: np.pi / 4, BALL: np.pi / 6}[PRIMITIVES[self.shape]]
        return float(DENSITY * fill * x * y * z)


@dataclass(frozen=True)
class Placed:
    """An object with its place on the table: centre [m], and turn about the vertical [rad]."""

    item: Item
    x: float
    y: float
    yaw: float


def draw_items(
    rng: np.random.Generator, count: int, shapes: tuple[str, ...], low: float, high: float
) -> tuple[Item, ...]:
    """Draw objects of different colours, so that every name occurs once.

    Args:
        rng: source of randomness.
        count: how many, at most as many as there are colours.
        shapes: to draw from.
        low: least scale.
        high: greatest scale.
    """
    if not 1 <= count <= len(COLOURS):
        raise SimulationError(f"1 to {len(COLOURS)} objects can be drawn, got {count}")
    colours = rng.permutation(list(COLOURS))[:count]
    kinds = rng.choice(np.array(shapes), count)
    scales = rng.uniform(low, high, count)
    return tuple(
        Item(str(k), str(c), float(s)) for k, c, s in zip(kinds, colours, scales, strict=True)
    )


def scatter(
    rng: np.random.Generator, items: tuple[Item, ...], centre: Array, reach: float, gap: float
) -> tuple[Placed, ...]:
    """Lay objects on the table at random, none closer to another than a gap.

    Args:
        rng: source of randomness.
        items: what is laid down.
        centre: of the square field [m], shape (2,).
        reach: half its side [m].
        gap: least distance between the circles about any two objects [m].

    Raises:
        SimulationError: if they do not fit.
    """
    for _ in range(200):
        places = centre + rng.uniform(-reach, reach, (len(items), 2))
        radii = np.array([np.hypot(*i.half[:2]) for i in items])
        apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
        apart -= radii[:, None] + radii[None] + gap
        np.fill_diagonal(apart, 1.0)
        if apart.min() > 0:
            yaws = rng.uniform(-np.pi, np.pi, len(items))
            return tuple(
                Placed(i, float(p[0]), float(p[1]), float(a))
                for i, p, a in zip(items, places, yaws, strict=True)
            )
    raise SimulationError(f"{len(items)} objects with gaps of {gap} m do not fit on the field")
