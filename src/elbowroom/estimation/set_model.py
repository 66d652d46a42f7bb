"""The learned part of the set filter: bounds in units of one scale, and how to calibrate it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Artefact, ArtefactError
from elbowroom.estimation.conformal import Calibration, calibrate
from elbowroom.models.dataset import guess_direction
from elbowroom.models.ensemble import Ensemble, unpack
from elbowroom.models.features import NAMES
from elbowroom.models.heads import LAG_STEPS, Prediction, decode
from elbowroom.models.scale import Scale, apply_scale, neutral_scale, unpack_scale

Array = NDArray[np.float64]

SCHEMA = "elbow_set"
LAGS = np.array(LAG_STEPS, dtype=np.int64)
_WRIST = slice(NAMES.index("wrist_from_anchor_x"), NAMES.index("wrist_from_anchor_z") + 1)
_WEIGHT = NAMES.index("wrist_weight")
_UPPER, _FOREARM = NAMES.index("upper_arm"), NAMES.index("forearm")
_PLAIN = "network."
_FRESH = 0.95
"""Wrist weight above which the wrist is as good as seen now."""


@dataclass(frozen=True)
class SetModel:
    """Networks, learned scale and calibration scores.

    Attributes:
        ensemble: elbow networks.
        scale: learned multipliers of the networks' own spreads.
        wrist_bound: unit bound [m] on | |elbow - wrist| - forearm |.
        scores: one score per calibration person for each configuration of inputs, and for the
            plain network under "network.<inputs>".
        version: of the artefact.
        lags: lags of the motion bounds that are used, in grid steps.
    """

    ensemble: Ensemble
    scale: Scale
    wrist_bound: float
    scores: dict[str, Array]
    version: str = ""
    lags: NDArray[np.int64] = field(default_factory=LAGS.copy)

    def predict(self, raw: NDArray[np.float32], features: Array) -> Prediction:
        """Scaled prediction of raw outputs (M, ..., OUTPUTS) at features (..., WIDTH)."""
        guess = guess_direction(features)
        prediction = decode(raw, guess, np.asarray(features[..., _UPPER], dtype=float))
        return apply_scale(self.scale, prediction, features)

    def calibration(self, inputs: str, delta: float, rule: str, confidence: float) -> Calibration:
        """Scale for a configuration of inputs.

        Raises:
            CalibrationError: if there are no scores for these inputs or too few for delta.
        """
        found = self.scores.get(inputs, np.empty(0))
        return calibrate(found, delta, rule=rule, confidence=confidence, group=inputs)

    def with_scores(self, scores: dict[str, Array]) -> SetModel:
        """The same model with other calibration scores."""
        return replace(self, scores=scores)

    def plain(self) -> SetModel:
        """The network alone: its own spreads, no motion bounds, no forearm; for comparison."""
        scores = {k.removeprefix(_PLAIN): v for k, v in self.scores.items() if k.startswith(_PLAIN)}
        return replace(
            self, scale=neutral_scale(), wrist_bound=np.inf, scores=scores, lags=LAGS[:0].copy()
        )


def plain_scores(scores: dict[str, Array]) -> dict[str, Array]:
    """Names under which a model keeps the scores of its plain network."""
    return {f"{_PLAIN}{k}": v for k, v in scores.items()}


def wrist_from(features: Array) -> Array:
    """Seen wrist minus anchor [m], NaN when not fresh, (..., WIDTH) -> (..., 3)."""
    weight = features[..., _WEIGHT : _WEIGHT + 1]
    fresh = weight > _FRESH
    return np.where(fresh, features[..., _WRIST] / np.where(fresh, weight, 1.0), np.nan)


def forearm_from(features: Array) -> Array:
    """Measured forearm [m], (..., WIDTH) -> (...)."""
    return np.asarray(features[..., _FOREARM], dtype=float)


def unpack_model(artefact: Artefact) -> SetModel:
    """Model of a loaded artefact.

    Raises:
        ArtefactError: if its tensors do not fit this version.
    """
    tensors = artefact.tensors
    try:
        ensemble = unpack(_part(tensors, "net."))
        scale = unpack_scale(_part(tensors, "scale."))
        bound = float(tensors["wrist_bound"])
    except (ValueError, KeyError) as error:
        raise ArtefactError(f"not a usable {SCHEMA} artefact: {error}") from error
    scores = {k: np.asarray(v, float) for k, v in _part(tensors, "scores.").items()}
    return SetModel(ensemble, scale, bound, scores, artefact.version)


def model_tensors(model: SetModel) -> dict[str, NDArray[np.generic]]:
    """Arrays of a model, as `unpack_model` reads them."""
    parts: dict[str, NDArray[np.generic]] = {"wrist_bound": np.array(model.wrist_bound)}
    parts |= {f"net.{k}": v for k, v in model.ensemble.tensors().items()}
    parts |= {f"scale.{k}": v for k, v in model.scale.tensors().items()}
    parts |= {f"scores.{k}": np.sort(v) for k, v in model.scores.items()}
    return parts


def _part(tensors: dict[str, NDArray[np.generic]], prefix: str) -> dict[str, NDArray[np.generic]]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
