"""The learned part of the set filter: bounds in units of one scale, and how to calibrate it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Artefact, ArtefactError
from elbowroom.estimation.conformal.calibration import Calibration
from elbowroom.estimation.conformal.promise import Promise
from elbowroom.estimation.conformal.scoring import Scores, promise
from elbowroom.models.elbow.decoding import decode
from elbowroom.models.elbow.ensemble import Ensemble, unpack
from elbowroom.models.elbow.heads import LAG_STEPS, Prediction
from elbowroom.models.elbow.scale import Scale, neutral_scale, unpack_scale
from elbowroom.models.features.causal import NAMES
from elbowroom.models.training.dataset import STEPS

Array = NDArray[np.float64]
Kind = TypeVar("Kind", bound=np.generic)

SCHEMA = "elbow_set"
LAGS = np.array(LAG_STEPS, dtype=np.int64)
_WRIST = slice(NAMES.index("wrist_from_anchor_x"), NAMES.index("wrist_from_anchor_z") + 1)
_WEIGHT = NAMES.index("wrist_weight")
_FOREARM = NAMES.index("forearm")
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
        groups: "garment/motion" of each calibration person, or empty where not kept.
        repeated: scores of people who were dressed several times, (people, dressings), by the
            names of `scores`; empty where nobody was.
        version: of the artefact.
        lags: lags of the motion bounds that are used, in grid steps.
        horizon: grid steps of the longest dressing that was scored; the promise ends there.
    """

    ensemble: Ensemble
    scale: Scale
    wrist_bound: float
    scores: dict[str, Array]
    version: str = ""
    groups: tuple[str, ...] = ()
    repeated: dict[str, Array] = field(default_factory=dict)
    lags: NDArray[np.int64] = field(default_factory=LAGS.copy)
    horizon: int = STEPS

    def predict(self, raw: NDArray[np.float32], features: NDArray[np.floating]) -> Prediction:
        """Scaled prediction of raw outputs, shape (M, ..., OUTPUTS), at features (..., WIDTH)."""
        return decode(raw, features, self.scale)

    def of_inputs(self, inputs: str) -> Scores:
        """Scores under a configuration of inputs; of nobody if there are none."""
        repeated = self.repeated.get(inputs, np.zeros((0, 0)))
        return Scores(self.scores.get(inputs, np.empty(0)), self.groups, repeated)

    def calibration(self, asked: Promise, history: Sequence[float] = ()) -> Calibration:
        """Scale for what is asked, see `scoring.promise`.

        Args:
            asked: promise and inputs.
            history: scores of the person's earlier dressings; empty for a new person.

        Raises:
            CalibrationError: if there are no scores for these inputs or too few for delta.
        """
        return promise(
            self.of_inputs(asked.inputs),
            asked.delta,
            rule=asked.rule,
            confidence=asked.confidence,
            tolerance=asked.tolerance,
            group=asked.group,
            history=history,
        )

    def with_scores(self, scores: dict[str, Array]) -> SetModel:
        """The same model with other calibration scores and nothing known of groups."""
        return replace(self, scores=scores, groups=(), repeated={})

    def plain(self) -> SetModel:
        """The network alone: its own spreads, no motion bounds, no forearm; for comparison."""
        return replace(
            self,
            scale=neutral_scale(),
            wrist_bound=np.inf,
            scores=_part(self.scores, _PLAIN),
            repeated=_part(self.repeated, _PLAIN),
            lags=LAGS[:0].copy(),
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
        horizon = int(tensors["horizon"])
    except (ValueError, TypeError, KeyError) as error:
        raise ArtefactError(f"not a usable {SCHEMA} artefact: {error}") from error
    scores, repeated = (
        {k: np.asarray(v, float) for k, v in _part(tensors, name).items()}
        for name in ("scores.", "repeated.")
    )
    groups = tuple(bytes(tensors["groups"]).decode().split("\n")) if "groups" in tensors else ()
    if groups and {len(groups)} != {len(s) for s in scores.values()}:
        raise ArtefactError(f"not a usable {SCHEMA} artefact: scores and groups differ in number")
    return SetModel(
        ensemble, scale, bound, scores, artefact.version, groups, repeated, horizon=horizon
    )


def model_tensors(model: SetModel) -> dict[str, NDArray[np.generic]]:
    """Arrays of a model, as `unpack_model` reads them."""
    parts: dict[str, NDArray[np.generic]] = {
        "wrist_bound": np.array(model.wrist_bound),
        "horizon": np.array(model.horizon),
    }
    parts |= {f"net.{k}": v for k, v in model.ensemble.tensors().items()}
    parts |= {f"scale.{k}": v for k, v in model.scale.tensors().items()}
    parts |= {f"scores.{k}": v for k, v in model.scores.items()}
    parts |= {f"repeated.{k}": v for k, v in model.repeated.items()}
    if model.groups:
        parts["groups"] = np.frombuffer("\n".join(model.groups).encode(), np.uint8)
    return parts


def _part(tensors: dict[str, NDArray[Kind]], prefix: str) -> dict[str, NDArray[Kind]]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
