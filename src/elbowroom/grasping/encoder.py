"""The eye: a small network that turns an image into the numbers a policy learns from.

It is trained beforehand (`elbowroom.grasping.seeing`) and never changed by reinforcement learning,
so that the memory holds a hundred numbers a frame and not seven thousand, and an update costs as
little as one on states. Every method sees through the same eye.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from elbowroom.core import Artefact, ArtefactError, load_artefact, save_artefact
from elbowroom.grasping.env import IMAGE
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.observation import CODE, HAND, LIMIT

Single = NDArray[np.float32]

SCHEMA = "grasp_eye"
VECTOR = HAND + CODE
GUESS = 11
"""Numbers it was taught to tell: of the object asked for, or of the nearest, what `SLOT` holds."""
_CHANNELS = 32
POINTS = 2 * _CHANNELS
FEATURES = VECTOR + GUESS + POINTS
_HALF = IMAGE // 2


class Eye(nn.Module):
    """Convolutions, modulated by the object's name, whose peaks' places are the features.

    Each of the last channels gives the expected place of its softmax over the image (Finn et al.
    2016, arXiv 1509.06113); from these the guess is made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.Conv2d(3, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, _CHANNELS, 3, 1, 1)
        )
        self.name = nn.Linear(VECTOR, 2 * _CHANNELS)
        self.second = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(_CHANNELS, _CHANNELS, 3, 1, 1),
            nn.ReLU(),
            nn.Conv2d(_CHANNELS, _CHANNELS, 3, 1, 1),
        )
        self.guess = nn.Sequential(
            nn.Linear(POINTS + _CHANNELS + VECTOR, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Linear(64, GUESS),
        )
        self.register_buffer("line", torch.linspace(-1, 1, _HALF))

    def forward(self, image: Tensor, vector: Tensor) -> tuple[Tensor, Tensor]:
        """Guess (B, GUESS) and points (B, POINTS).

        Args:
            image: 0..1, shape (B, 3, IMAGE, IMAGE).
            vector: shape (B, VECTOR).
        """
        gain, shift = self.name(vector)[..., None, None].chunk(2, 1)
        maps = self.second(self.first(image) * (1 + gain) + shift)
        weight = maps.flatten(2).softmax(-1).view(maps.shape)
        x = (weight.sum(2) * self.line).sum(-1)
        y = (weight.sum(3) * self.line).sum(-1)
        points = torch.cat([x, y], 1)
        peaks = maps.amax((2, 3))
        return self.guess(torch.cat([points, torch.tanh(peaks / 4), vector], 1)), points

    def encode(self, image: NDArray[np.uint8], vector: Single) -> Single:
        """Features of one frame, shape (FEATURES,): vector, guess and points.

        Raises:
            GraspError: if image or vector are missing or of another shape.
        """
        picture = np.asarray(image)
        if picture.shape != (IMAGE, IMAGE, 3) or picture.dtype != np.uint8:
            raise GraspError(
                f"an image of {IMAGE} x {IMAGE} x 3 bytes is needed, got {picture.shape} "
                f"of {picture.dtype}"
            )
        numbers = np.asarray(vector, np.float32)
        if numbers.shape != (VECTOR,) or not np.isfinite(numbers).all():
            raise GraspError(f"{VECTOR} finite numbers are needed, got shape {numbers.shape}")
        with torch.no_grad():
            x = to_tensor(picture[None])
            guess, points = self(x, torch.from_numpy(numbers)[None])
        out = np.concatenate([numbers, guess[0].numpy(), points[0].numpy()])
        return np.clip(out, -LIMIT, LIMIT)


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """(B, h, w, 3) bytes to (B, 3, h, w) in 0..1."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


class SeeingEnv(gymnasium.ObservationWrapper[Single, Single, Any]):
    """An image environment seen through the eye: observations of `FEATURES` numbers."""

    def __init__(self, env: gymnasium.Env[Any, Single], eye: Eye) -> None:
        super().__init__(env)
        self._eye = eye
        self.observation_space = gymnasium.spaces.Box(-LIMIT, LIMIT, (FEATURES,), np.float32)

    def observation(self, observation: dict[str, Any]) -> Single:
        """Features of the frame."""
        return self._eye.encode(observation["image"], observation["vector"])


def save_eye(folder: Path, eye: Eye, facts: dict[str, Any]) -> Artefact:
    """Write an eye as an artefact."""
    tensors = {k: v.detach().cpu().numpy() for k, v in eye.state_dict().items()}
    return save_artefact(folder, SCHEMA, tensors, facts)


def load_eye(folder: Path) -> Eye:
    """Read an eye.

    Raises:
        ArtefactError: if it is missing, damaged, or of other shapes.
    """
    artefact = load_artefact(folder, SCHEMA)
    eye = Eye()
    try:
        eye.load_state_dict({k: torch.from_numpy(v) for k, v in artefact.tensors.items()})
    except RuntimeError as error:
        raise ArtefactError(f"{folder.name} does not hold an eye: {error}") from error
    return eye.eval()
