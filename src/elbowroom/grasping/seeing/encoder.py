"""The eye: a network that tells from an image where the object of every colour is.

It is trained beforehand (`elbowroom.grasping.seeing.teaching`) and never changed by reinforcement
learning.
Two parts, both learned, with the camera's geometry between them:

1. Every pixel is given the likeliest colour, or none.
2. Where a colour is seen, the mean ray of its pixels meets the plane of the objects' middles. About
   that point the picture is resampled as if seen from straight above (inverse perspective mapping:
   a grid of GRID x GRID points in the hand's level frame). In this window a small convolutional
   network corrects the place, and tells turn and size.

The window has the same scale and axes whatever the height of the hand, so nothing of the camera
has to be learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from elbowroom.core import Artefact, ArtefactError, load_artefact, save_artefact
from elbowroom.grasping.environments.env import IMAGE
from elbowroom.grasping.environments.observation import CODE, HAND, LENGTH
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.seeing.projection import Projection
from elbowroom.sim.grasping.items import COLOURS

Single = NDArray[np.float32]

SCHEMA = "grasp_eye"
VECTOR = HAND + CODE
KINDS = len(COLOURS)
"""Colours that are told apart."""
TOLD = 8
"""Numbers told of an object: place [0.1 m], sine and cosine of its turn, half extents [0.05 m]."""
LEAST = 3.0
"""Pixels of a colour from which on it counts as seen."""
GRID, SPAN = 24, 0.16
"""Points along a side of the window, and its side [m]."""
PLANE = 0.025
"""Height over the table of the plane in which objects are looked for: that of their middles [m]."""
_MAPS = 4
_POSE = (0, 4, 5)
"""Numbers about the hand that change what a window shows: height, opening, told to be shut."""
_CONTEXT = 11


@dataclass(frozen=True)
class Windows:
    """Where colours are seen in a batch of pictures; m rows.

    Attributes:
        row: which picture, shape (m,).
        kind: which colour, index into `COLOURS`, shape (m,).
        maps: the window seen from above, shape (m, _MAPS, GRID, GRID).
        known: moments of the colour in the picture, the guess, size, hand, shape (m, _CONTEXT).
        guess: the first guess of the place [0.1 m], hand's level frame, shape (m, 3).
    """

    row: Tensor
    kind: Tensor
    maps: Tensor
    known: Tensor
    guess: Tensor


class Eye(nn.Module):
    """Pixels by colour, then every colour's object in a window seen from above.

    Attributes:
        version: of the artefact that it was read from, or empty.
    """

    version = ""
    rays: Tensor
    grid: Tensor
    kinds: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.pixel = nn.Sequential(nn.Conv2d(3, 16, 1), nn.ReLU(), nn.Conv2d(16, KINDS + 1, 1))
        self.window = nn.Sequential(
            nn.Conv2d(_MAPS, 24, 5, 2, 2), nn.ReLU(), nn.Conv2d(24, 32, 3, 2, 1), nn.ReLU()
        )
        self.head = nn.Sequential(
            nn.Linear(32 * (GRID // 4) ** 2 + _CONTEXT, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Linear(64, TOLD),
        )
        self.camera = Projection()
        line = (torch.arange(IMAGE) * 2 + 1) / IMAGE - 1
        v, u = torch.meshgrid(line, line, indexing="ij")
        self.register_buffer("rays", torch.stack([u, v, u * u, u * v, v * v]), persistent=False)
        side = SPAN * ((torch.arange(GRID) * 2 + 1) / (2 * GRID) - 0.5)
        # Rows go back and columns to the right, as in the picture.
        x, y = torch.meshgrid(-side, -side, indexing="ij")
        kinds = torch.arange(1, KINDS + 1).view(-1, 1, 1)
        self.register_buffer("kinds", kinds, persistent=False)
        self.register_buffer("grid", torch.stack([x, y], -1), persistent=False)

    def split(self, image: Tensor) -> Tensor:
        """Logits of every pixel's colour, the first for none, shape (B, 1 + KINDS, h, w).

        Args:
            image: 0..1, shape (B, 3, h, w).
        """
        logits: Tensor = self.pixel(image)
        return logits

    def find(self, image: Tensor, hand: Tensor) -> Windows:
        """The windows about the colours that are seen.

        Args:
            image: 0..1, shape (B, 3, IMAGE, IMAGE).
            hand: the hand's numbers as `describe_hand` gives them, shape (B, HAND or more).
        """
        colour = self.split(image).argmax(1)
        masks = (colour[:, None] == self.kinds).float()
        size = masks.sum((2, 3))
        row, kind = torch.nonzero(size >= LEAST, as_tuple=True)
        mask, size, hand = masks[row, kind], size[row, kind], hand[row]
        moments = torch.einsum("mhw,khw->mk", mask, self.rays) / size[:, None]
        plane = PLANE - LENGTH * hand[:, 0]
        middle = self.camera.meet(moments[:, :2], plane)
        maps = self._resample(image[row], mask, middle, plane)
        known = [moments, middle / LENGTH, size[:, None].log() / 4, hand[:, _POSE]]
        guess = torch.cat([middle, plane[:, None]], 1) / LENGTH
        return Windows(row, kind, maps, torch.cat(known, 1), guess)

    def _resample(self, image: Tensor, mask: Tensor, middle: Tensor, plane: Tensor) -> Tensor:
        """Windows seen from above: the object, its shading, all brightness, inside the picture."""
        points = self.grid + middle[:, None, None]
        height = plane[:, None, None, None].expand(*points.shape[:3], 1)
        where = self.camera.see(torch.cat([points, height], -1))
        bright = image.amax(1)
        own = (mask * bright).sum((1, 2)) / mask.sum((1, 2))
        shade = mask * bright / own[:, None, None]
        maps = torch.stack([mask, shade, bright, torch.ones_like(mask)], 1)
        return nn.functional.grid_sample(maps, where, align_corners=False)

    def tell(self, maps: Tensor, known: Tensor, guess: Tensor) -> Tensor:
        """Numbers told of the objects in windows, shape (m, TOLD); see `TOLD` and `Windows`."""
        out = self.head(torch.cat([self.window(maps).flatten(1), known], 1))
        return torch.cat([guess + out[:, :3], out[:, 3:]], 1)

    def look(self, image: NDArray[np.uint8], vector: Single) -> tuple[NDArray[np.int64], Single]:
        """What is seen in one picture: colours (m,), numbers told of them (m, TOLD).

        Args:
            image: shape (IMAGE, IMAGE, 3).
            vector: shape (VECTOR,).

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
            seen = self.find(to_tensor(picture[None]), torch.from_numpy(numbers)[None])
            told = self.tell(seen.maps, seen.known, seen.guess)
        return seen.kind.numpy(), told.numpy()


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """(B, h, w, 3) bytes to (B, 3, h, w) in 0..1."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


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
    eye.version = artefact.version
    return eye.eval()
