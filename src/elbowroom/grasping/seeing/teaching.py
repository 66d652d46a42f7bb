"""How the eye is taught: pictures of scattered scenes, which pixel shows what, and where it was.

No action and no reward is used. What is in the pictures is known because the scenes are simulated;
the network that results sees images and the hand's own state only. First the colours of single
pixels are learned, then, from the windows about the objects that are seen so, the objects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from elbowroom.core import Params, param
from elbowroom.grasping.environments.observation import LENGTH, SIZE
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.seeing.encoder import Eye, to_tensor
from elbowroom.grasping.seeing.frames import Frames

Single = NDArray[np.float32]
Progress = Callable[[str, int, int, float], None]

SEEN = 5
"""Pixels of an object from which on the eye's error is judged."""
NEAR = 0.05
"""Objects closer to the fingers than this, level [m], are judged by themselves."""
_MOST, _FULL = 20.0, 0.05
"""An error of the place counts by the first times f / (f + distance), f the second [m]."""
_PIXELS, _PIXEL_UPDATES = 4096, 600
_SLOT = [1, 2, 3, 7, 8, 9, 10, 11]
"""Numbers of a slot of the state observation that the eye tells."""
_PIECE = 256


@dataclass(frozen=True)
class SeeingParams(Params):
    """How the eye is taught."""

    frames: int = param(64_000, "Pictures.", low=100, high=10_000_000)
    passes: int = param(6, "Times every object seen is used.", low=1, high=10_000)
    batch: int = param(128, "Objects in an update.", low=2, high=4096)
    rate: float = param(
        1.5e-3, "Learning rate at the start; it falls to nothing.", low=1e-6, high=0.1
    )


@dataclass(frozen=True)
class Lessons:
    """Objects that are there and seen; m rows.

    Attributes:
        maps, known, guess: see `Windows` of the encoder; the maps in half precision.
        true: what shall be told, shape (m, TOLD).
        pixels: that show the object, shape (m,).
    """

    maps: Tensor
    known: Tensor
    guess: Tensor
    true: Tensor
    pixels: Tensor

    def take(self, rows: Tensor) -> Lessons:
        """Some of them."""
        return Lessons(*(getattr(self, k)[rows] for k in self.__dataclass_fields__))


def teach(
    frames: Frames, params: SeeingParams, seed: int, progress: Progress | None = None
) -> tuple[Eye, dict[str, float]]:
    """Fit an eye; the last tenth of the frames is held back.

    The loss of an object is, with e the error of its place, in the units of the observation,

        w (|e_x| + |e_y| + |e_z| / 2) + |turn's error| + |extents' error|,

    w = 20 near the fingers, and less the farther off.

    Args:
        frames: pictures, and what is in them.
        params: settings.
        seed: of the first weights and of the order.
        progress: told the stage, how far, of how much, and the newest loss.

    Returns:
        The eye, and what `judge` says of the frames held back.

    Raises:
        GraspError: if fewer objects are seen than a batch has.
    """
    rng = np.random.default_rng([seed, 4])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        eye = Eye()
    split = int(0.9 * len(frames.image))
    _teach_pixels(eye, frames, split, rng, progress)
    _teach_objects(eye, find_lessons(eye, frames, np.arange(split)), params, rng, progress)
    eye.eval()
    return eye, judge(eye, find_lessons(eye, frames, np.arange(split, len(frames.image))))


def find_lessons(eye: Eye, frames: Frames, rows: NDArray[np.int64]) -> Lessons:
    """The objects that an eye sees in some of the frames, and what it shall tell of them."""
    parts = []
    for piece in np.array_split(rows, max(1, len(rows) // _PIECE)):
        with torch.no_grad():
            seen = eye.find(to_tensor(frames.image[piece]), torch.from_numpy(frames.vector[piece]))
        row, kind = seen.row.numpy(), seen.kind.numpy()
        slots = torch.from_numpy(frames.slots[piece][row, kind])
        shown = frames.segments[piece][row] == 1 + kind[:, None, None].astype(np.int8)
        pixels = torch.from_numpy(shown.sum((1, 2)))
        found = Lessons(seen.maps.half(), seen.known, seen.guess, slots[:, _SLOT], pixels)
        parts.append(found.take(slots[:, 0] > 0))
    return Lessons(
        *(torch.cat([getattr(p, k) for p in parts]) for k in Lessons.__dataclass_fields__)
    )


def judge(eye: Eye, lessons: Lessons) -> dict[str, float]:
    """Mean errors: of the level place [m] near and far, of turn (k times) [rad], of extents [m].

    Objects of which fewer than `SEEN` pixels show are left out.
    """
    lessons = lessons.take(lessons.pixels >= SEEN)
    parts = []
    for piece in torch.arange(len(lessons.true)).split(_PIECE):
        part = lessons.take(piece)
        with torch.no_grad():
            parts.append(eye.tell(part.maps.float(), part.known, part.guess))
    told, true = torch.cat(parts).numpy(), lessons.true.numpy()
    miss = LENGTH * np.hypot(*(told - true)[:, :2].T)
    close = LENGTH * np.hypot(*true[:, :2].T) < NEAR
    turned = np.abs(true[:, 3:5]).sum(1) > 0
    angle = np.arctan2(*told[turned, 3:5].T) - np.arctan2(*true[turned, 3:5].T)
    return {
        "near_error_m": float(miss[close].mean()),
        "far_error_m": float(miss[~close].mean()),
        "turn_error": float(np.abs((angle + np.pi) % (2 * np.pi) - np.pi).mean()),
        "extent_error_m": float(SIZE * np.abs(told - true)[:, 5:].mean()),
    }


def _teach_pixels(
    eye: Eye, frames: Frames, split: int, rng: np.random.Generator, progress: Progress | None
) -> None:
    """Cross-entropy of the colours of single pixels."""
    optimiser = torch.optim.Adam(eye.pixel.parameters(), lr=0.01)
    side = frames.image.shape[1]
    for _ in range(_PIXEL_UPDATES):
        at = rng.integers((split, side, side), size=(_PIXELS, 3)).T
        colour = torch.from_numpy(frames.image[*at]).float().T.reshape(1, 3, 1, _PIXELS) / 255
        true = torch.from_numpy(frames.segments[*at]).long().view(1, 1, _PIXELS)
        loss = nn.functional.cross_entropy(eye.split(colour), true)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    if progress is not None:
        progress("pixels", _PIXEL_UPDATES, _PIXEL_UPDATES, loss.item())


def _teach_objects(
    eye: Eye,
    lessons: Lessons,
    params: SeeingParams,
    rng: np.random.Generator,
    progress: Progress | None,
) -> None:
    learned = [*eye.window.parameters(), *eye.head.parameters()]
    optimiser = torch.optim.Adam(learned, lr=params.rate)
    count = len(lessons.true)
    if count < params.batch:
        raise GraspError(f"{count} objects are seen in the pictures, fewer than a batch has")
    total = params.passes * (count // params.batch)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, total)
    done = 0
    for _ in range(params.passes):
        order = torch.from_numpy(rng.permutation(count))
        for start in range(0, count - params.batch + 1, params.batch):
            loss = _loss(eye, lessons.take(order[start : start + params.batch]))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            fall.step()
            done += 1
        if progress is not None:
            progress("objects", done, total, loss.item())


def _loss(eye: Eye, part: Lessons) -> Tensor:
    miss = (eye.tell(part.maps.float(), part.known, part.guess) - part.true).abs()
    distance = LENGTH * part.true[:, :2].norm(dim=1)
    place = miss[:, 0] + miss[:, 1] + miss[:, 2] / 2
    return (_MOST * _FULL / (_FULL + distance) * place + miss[:, 3:].sum(1)).mean()
