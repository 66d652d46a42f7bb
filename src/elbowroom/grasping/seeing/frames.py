"""Pictures of scattered scenes, and what is in them, for teaching the eye."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.environments.env import IMAGE, GraspEnv
from elbowroom.grasping.environments.observation import CODE, HAND, SLOT
from elbowroom.grasping.guides.scripted import ScriptedGuide
from elbowroom.sim.grasping.items import COLOURS

Single = NDArray[np.float32]

_SEEDS = 800_000_000
_APART = 1_000_000
_PLACE, _TURN, _NOISE = 0.04, 0.8, 1.0
"""Greatest errors of the hand that looks: of place [m] and turn [rad], and noise on actions."""
_KINDS = tuple(COLOURS)


@dataclass(frozen=True)
class Frames:
    """Pictures, the vectors that go with them, and what is in them; n rows each.

    Attributes:
        image: shape (n, IMAGE, IMAGE, 3).
        vector: `describe_hand`, shape (n, HAND + CODE).
        segments: 1 + index of the colour of the object in every pixel, else 0,
            shape (n, IMAGE, IMAGE).
        slots: what the state observation says of the object of every colour, zeros where there is
            none, shape (n, len(COLOURS), SLOT).
    """

    image: NDArray[np.uint8]
    vector: Single
    segments: NDArray[np.int8]
    slots: Single


def collect_frames(
    count: int, seed: int, progress: Callable[[int, int], None] | None = None
) -> Frames:
    """Take pictures while a scripted hand that errs goes for one of scattered objects.

    Its errors are drawn anew for every episode, from none to so large that it pushes things
    about. A quarter of the scenes are those of the task `hard`.

    Args:
        count: pictures.
        seed: of scenes and errors.
        progress: told how many there are, of how many.
    """
    envs = [GraspEnv("instance", obs="image"), GraspEnv("hard", obs="image")]
    out = Frames(
        np.empty((count, IMAGE, IMAGE, 3), np.uint8),
        np.empty((count, HAND + CODE), np.float32),
        np.empty((count, IMAGE, IMAGE), np.int8),
        np.zeros((count, len(_KINDS), SLOT), np.float32),
    )
    k = episode = 0
    while k < count:
        number = _SEEDS + _APART * seed + episode
        rng = np.random.default_rng(number)
        env = envs[int(rng.random() < 0.25)]
        place, turn, noise = rng.random(3) * (_PLACE, _TURN, _NOISE)
        guide = ScriptedGuide(place, turn, noise, slot=None)
        seen, info = env.reset(seed=number)
        guide.reset(rng)
        over = False
        while not over and k < count:
            out.image[k], out.vector[k] = seen["image"], seen["vector"]
            out.segments[k] = find_segments(env)
            _fill(out.slots[k], info["state"], env.order)
            k += 1
            seen, _, ended, cut, info = env.step(guide.act(seen, info))
            over = ended or cut
        episode += 1
        if progress is not None:
            progress(k, count)
    for env in envs:
        env.close()
    return out


def find_segments(env: GraspEnv) -> NDArray[np.int8]:
    """1 + index of the colour of the object in every pixel of the picture, else 0."""
    _, shown = env.scene.segment(IMAGE)
    kinds = [1 + _KINDS.index(o.item.colour) for o in env.scene.shown()]
    table = np.array([*kinds, *[0] * (127 - len(kinds)), 0], np.int8)
    return table[shown]


def _fill(slots: Single, state: Single, order: tuple[str, ...]) -> None:
    for name, slot in zip(order, state[HAND:].reshape(-1, SLOT), strict=True):
        slots[_KINDS.index(name.split()[0])] = slot
