"""What is known of how people move their arms, as fitted numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import ARTEFACTS, Artefact, ArtefactError, load_artefact, save_artefact
from elbowroom.motion.movements.mixture import Mixture
from elbowroom.motion.posture import SIZE

Array = NDArray[np.float64]

SCHEMA = "arm_movement"
SHIPPED = ARTEFACTS / "movement"

_RHYTHM = 6


@dataclass(frozen=True)
class MovementModel:
    """A probabilistic movement primitive with rests, sway and limits.

    One movement is described by z of `elbowroom.motion.movements.moves`, its shape reduced to M
    principal components; the joint density of standardised z is a mixture of Gaussians with full
    covariances.

    Attributes:
        moves: density of standardised z, dimension 16 + M.
        offset, scale: of the standardisation, shape (16 + M,).
        shape_mean: shape (P * 7,), P phases.
        shape_basis: rows are principal components, shape (M, P * 7).
        law: (a, b) of log duration = a + b log length, shape (2,).
        brisk: length over duration [m/s] and over its square [m/s^2] that one in a hundred recorded
            movements exceeds, shape (2,).
        starts: density of postures a dressing can start from, dimension 7.
        limits: least and greatest posture coordinates ever seen, shape (2, 7).
        sway: lower Cholesky factor of the posture's covariance at rest, shape (7, 7).
        sway_time: time constant of the sway [s].
        rhythm: chance that a movement is followed by another rather than by a rest; chance that
            it follows at once; mean and standard deviation of the logarithm of a short pause [log
            s] and of a rest [log s], shape (6,).
        facts: where it comes from.
        version: hash of the numbers, or empty.
    """

    moves: Mixture
    offset: Array
    scale: Array
    shape_mean: Array
    shape_basis: Array
    law: Array
    brisk: Array
    starts: Mixture
    limits: Array
    sway: Array
    sway_time: float
    rhythm: Array
    facts: dict[str, Any] = field(default_factory=dict)
    version: str = ""

    def __post_init__(self) -> None:
        size = 2 * SIZE + 2 + len(self.shape_basis)
        expected = {
            "offset": (size,),
            "scale": (size,),
            "shape_basis": (len(self.shape_basis), len(self.shape_mean)),
            "law": (2,),
            "brisk": (2,),
            "limits": (2, SIZE),
            "sway": (SIZE, SIZE),
            "rhythm": (_RHYTHM,),
        }
        for name, shape in expected.items():
            value = getattr(self, name)
            if value.shape != shape or not np.all(np.isfinite(value)):
                raise ArtefactError(f"{name} must be finite and of shape {shape}")
        if not np.all(self.brisk > 0):
            raise ArtefactError("brisk must be positive")
        for mixture, width in ((self.moves, size), (self.starts, SIZE)):
            _check_mixture(mixture, width)


def save_movement(folder: Path, model: MovementModel) -> Artefact:
    """Write a model as an artefact (safetensors and manifest)."""
    tensors: dict[str, NDArray[Any]] = {
        "offset": model.offset,
        "scale": model.scale,
        "shape_mean": model.shape_mean,
        "shape_basis": model.shape_basis,
        "law": model.law,
        "brisk": model.brisk,
        "limits": model.limits,
        "sway": model.sway,
        "sway_time": np.array([model.sway_time]),
        "rhythm": model.rhythm,
    }
    for name in ("moves", "starts"):
        mixture: Mixture = getattr(model, name)
        tensors[f"{name}_weights"] = mixture.weights
        tensors[f"{name}_means"] = mixture.means
        tensors[f"{name}_covariances"] = mixture.covariances
    return save_artefact(folder, SCHEMA, tensors, model.facts)


def load_movement(folder: Path = SHIPPED) -> MovementModel:
    """Read a model; by default the one that ships with the package.

    Raises:
        ArtefactError: if it is missing, tampered with or not a movement model.
    """
    artefact = load_artefact(folder, SCHEMA)
    tensors = dict(artefact.tensors)
    try:
        mixtures = {
            name: Mixture(*(tensors.pop(f"{name}_{part}") for part in _MIXTURE_PARTS))
            for name in ("moves", "starts")
        }
        sway_time = float(tensors.pop("sway_time")[0])
        fields: dict[str, Any] = {**tensors, **mixtures}
        return MovementModel(
            sway_time=sway_time, facts=artefact.facts, version=artefact.version, **fields
        )
    except (KeyError, TypeError) as error:
        raise ArtefactError(f"{folder.name} lacks or has a surplus tensor: {error}") from error


@cache
def load_shipped() -> MovementModel:
    """The shipped model, read once."""
    return load_movement()


_MIXTURE_PARTS = ("weights", "means", "covariances")


def _check_mixture(mixture: Mixture, width: int) -> None:
    count = len(mixture.weights)
    if mixture.means.shape != (count, width) or mixture.covariances.shape != (count, width, width):
        raise ArtefactError(f"a mixture must be over {width} dimensions")
    if not np.all(mixture.weights > 0) or not np.isclose(mixture.weights.sum(), 1.0):
        raise ArtefactError("mixture weights must be positive and sum to one")
    try:
        np.linalg.cholesky(mixture.covariances)
    except np.linalg.LinAlgError as error:
        raise ArtefactError("a mixture covariance is not positive definite") from error
