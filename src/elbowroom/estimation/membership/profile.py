"""What is kept of one person between dressings: the scores of those that are over."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from elbowroom.estimation.conformal.calibration import CalibrationError
from elbowroom.estimation.membership.model import SetModel, model_tensors
from elbowroom.models.training.dataset import STEPS


@dataclass(frozen=True)
class Profile:
    """Scores of one person's earlier dressings.

    Attributes:
        person: whose.
        model: `fingerprint` of the model that scored them.
        scores: by inputs, oldest first.
    """

    person: str
    model: str
    scores: dict[str, list[float]]


def fingerprint(model: SetModel) -> str:
    """Short hash of everything a score depends on: networks, multipliers, bounds."""
    # How long the promise lasts is no part of a score.
    tensors = model_tensors(replace(model, scores={}, groups=(), repeated={}, horizon=STEPS))
    h = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        h.update(name.encode() + np.ascontiguousarray(value).tobytes())
    return h.hexdigest()[:16]


def save_profile(path: Path, profile: Profile) -> None:
    """Write a profile as JSON, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(vars(profile), indent=1) + "\n")
    os.replace(temporary, path)


def load_history(path: Path, model: SetModel, inputs: str) -> tuple[float, ...]:
    """Earlier scores of a person under these inputs.

    Raises:
        CalibrationError: if the file is no profile or was made under another model.
    """
    try:
        profile = Profile(**json.loads(path.read_text()))
        scores = tuple(float(s) for s in profile.scores[inputs])
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CalibrationError(f"{path.name} is not a usable profile: {error!r}") from error
    if profile.model != fingerprint(model):
        raise CalibrationError(f"{path.name} was made under another model: make it anew")
    if not scores or not all(np.isfinite(scores)) or min(scores) < 0:
        raise CalibrationError(f"{path.name} holds no usable scores for inputs {inputs}")
    return scores
