"""The set model on disk. Needs no torch: this is all that a running filter loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from elbowroom.core import Artefact, ArtefactError, load_artefact, save_artefact
from elbowroom.estimation.membership.model import SCHEMA, SetModel, model_tensors, unpack_model
from elbowroom.models.features.causal import GRID, NAMES


def save_set(folder: Path, model: SetModel, facts: dict[str, Any]) -> Artefact:
    """Write a model as an artefact; the facts are joined by units, features and people."""
    described = {
        "units": "SI; world axes; see the feature names",
        "features": list(NAMES),
        "grid_s": GRID,
        "people_calibrated": {k: len(v) for k, v in model.scores.items()},
        "unit": "person",
    }
    return save_artefact(folder, SCHEMA, model_tensors(model), facts | described)


def load_set(folder: Path) -> SetModel:
    """Read a model.

    Raises:
        ArtefactError: see `core.load_artefact`; or if the networks were trained on other features
            or another grid.
    """
    artefact = load_artefact(folder, SCHEMA)
    if artefact.facts.get("features") != list(NAMES) or artefact.facts.get("grid_s") != GRID:
        raise ArtefactError(f"{folder}: made for other features or another grid than {GRID:.4f} s")
    return unpack_model(artefact)
