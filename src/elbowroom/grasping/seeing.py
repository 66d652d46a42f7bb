"""How the eye is taught: pictures of scattered scenes and where the object asked for was in them.

No demonstration's action and no reward is used. The places are known because the scenes are
simulated; the network that results sees images only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from elbowroom.core import Params, param
from elbowroom.grasping.encoder import GUESS, VECTOR, Eye, to_tensor
from elbowroom.grasping.env import IMAGE, GraspEnv
from elbowroom.grasping.observation import HAND, SLOT
from elbowroom.grasping.scripted import ScriptedGuide

Single = NDArray[np.float32]

_SEEDS = 800_000_000
_APART = 1_000_000


@dataclass(frozen=True)
class SeeingParams(Params):
    """How the eye is taught."""

    frames: int = param(30_000, "Pictures.", low=100, high=10_000_000)
    passes: int = param(20, "Times every picture is used.", low=1, high=10_000)
    batch: int = param(128, "Pictures in an update.", low=2, high=4096)
    rate: float = param(
        1e-3, "Learning rate at the start; it falls to nothing.", low=1e-6, high=0.1
    )


@dataclass(frozen=True)
class Frames:
    """Pictures, the vectors that go with them, and what shall be told; n rows each."""

    image: NDArray[np.uint8]
    vector: Single
    label: Single


def collect_frames(
    count: int, seed: int, progress: Callable[[int, int], None] | None = None
) -> Frames:
    """Take pictures while a scripted hand with large errors moves over scattered objects.

    Half of the scenes name an object, in half the nearest one is meant.
    """
    envs = [GraspEnv("instance", obs="image"), GraspEnv("indiscriminate", obs="image")]
    image = np.empty((count, IMAGE, IMAGE, 3), np.uint8)
    vector = np.empty((count, VECTOR), np.float32)
    label = np.empty((count, GUESS), np.float32)
    k = episode = 0
    while k < count:
        env = envs[episode % 2]
        number = _SEEDS + _APART * seed + episode
        rng = np.random.default_rng(number)
        guide = ScriptedGuide(0.015, 0.4, 0.3, slot=0 if rng.random() < 0.7 else None)
        seen, info = env.reset(seed=number)
        guide.reset(rng)
        over = False
        while not over and k < count:
            image[k], vector[k] = seen["image"], seen["vector"]
            label[k] = tell_label(info["state"], env.task.named)
            k += 1
            seen, _, ended, cut, info = env.step(guide.act(seen, info))
            over = ended or cut
        episode += 1
        if progress is not None:
            progress(k, count)
    for env in envs:
        env.close()
    return Frames(image, vector, label)


def tell_label(state: Single, named: bool) -> Single:
    """What the eye shall tell, shape (GUESS,): the named object, else the nearest, without "there".

    Args:
        state: the state observation.
        named: whether an object is asked for; it is in the first place then.
    """
    slots = state[HAND:].reshape(-1, SLOT)
    near = 0 if named else int(np.argmin(np.hypot(slots[:, 1], slots[:, 2])))
    return slots[near, 1:]


def teach(
    frames: Frames,
    params: SeeingParams,
    seed: int,
    device: str = "cpu",
    progress: Callable[[int, int, float], None] | None = None,
) -> tuple[Eye, dict[str, float]]:
    """Fit an eye: mean |guess - label|, a tenth of the frames held back.

    Returns:
        The eye, and the held-back frames' mean error of the place [m] and of all numbers.
    """
    rng = np.random.default_rng([seed, 4])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        eye = Eye().to(device)
    count = len(frames.image)
    split = int(0.9 * count)
    optimiser = torch.optim.Adam(eye.parameters(), lr=params.rate)
    total = params.passes * (split // params.batch)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(total, 1))
    done = 0
    for _ in range(params.passes):
        order = rng.permutation(split)
        for start in range(0, split - params.batch + 1, params.batch):
            loss = _loss(eye, frames, order[start : start + params.batch], device).mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            fall.step()
            done += 1
        if progress is not None:
            progress(done, total, loss.item())
    eye = eye.cpu().eval()
    with torch.no_grad():
        error = _loss(eye, frames, np.arange(split, count), "cpu")
    return eye, {
        "place_error_m": 0.1 * error[:, :2].mean().item(),
        "error": error.mean().item(),
        "frames": float(count),
    }


def _loss(eye: Eye, frames: Frames, rows: NDArray[np.int64], device: str) -> torch.Tensor:
    image = to_tensor(frames.image[rows]).to(device)
    guess, _ = eye(image, torch.from_numpy(frames.vector[rows]).to(device))
    return (guess - torch.from_numpy(frames.label[rows]).to(device)).abs()
