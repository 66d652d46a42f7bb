"""The tasks: what lies on the table, what has to be lifted, and in how many steps."""

from __future__ import annotations

from dataclasses import dataclass

from elbowroom.grasping.errors import GraspError


@dataclass(frozen=True)
class Task:
    """One grasping task.

    Attributes:
        name: of the task.
        count: objects on the table.
        named: whether one object is asked for; else any will do.
        horizon: steps of an episode.
        shapes: to draw objects from.
        scale: range of the factor on their sizes.
        gap: least distance between the circles about two objects [m].
        reach: half the side of the field on which they are scattered [m].
        cloth: whether a sleeve lies there instead, whose cuff is to be picked.
        stand: share of the episodes in which the sleeve hangs on a stand.
    """

    name: str
    count: int
    named: bool
    horizon: int
    shapes: tuple[str, ...] = ("cube", "bar", "slab", "cylinder", "ball")
    scale: tuple[float, float] = (0.9, 1.1)
    gap: float = 0.02
    reach: float = 0.14
    cloth: bool = False
    stand: float = 0.0


TASKS = {
    "indiscriminate": Task("indiscriminate", 3, False, 30),
    "instance": Task("instance", 3, True, 40),
    "hard": Task("hard", 6, True, 60, scale=(0.7, 1.25), gap=0.004, reach=0.15),
    "cuff": Task("cuff", 1, False, 40, shapes=("cuff",), reach=0.08, cloth=True, stand=0.5),
}


def find_task(name: str) -> Task:
    """Look a task up by name.

    Raises:
        GraspError: if there is none of that name.
    """
    if name not in TASKS:
        raise GraspError(f"a task is one of {sorted(TASKS)}, got {name!r}")
    return TASKS[name]
