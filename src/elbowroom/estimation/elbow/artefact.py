"""The elbow's Gaussian processes as an artefact of the kind "elbow_gp"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.core import Artefact, ArtefactError, load_artefact, save_artefact
from elbowroom.estimation.elbow.models import ElbowModels, Noise, dynamics_model, force_model
from elbowroom.models.features.causal import GRID
from elbowroom.models.gaussian.store import pack_process, unpack_process

SCHEMA = "elbow_gp"

_UNITS = {
    "dynamics.inputs": "m, m/s, N; order of elbow_models.DYNAMICS_STATE",
    "dynamics.outputs": "next change of velocity over a grid step less its linear trend, m/s",
    "force.inputs": "m, m/s; order of elbow_models.FORCE_STATE",
    "force.outputs": "direction of the force, log of (force in N + 0.2)",
}


def save_elbow_models(folder: Path, models: ElbowModels, facts: dict[str, Any]) -> Artefact:
    """Write the models; `facts` are further JSON values for the manifest."""
    tensors = pack_process(models.dynamics.process, "dynamics")
    tensors |= pack_process(models.force.process, "force")
    tensors["dynamics.kick_bound"] = models.dynamics.noise[6:]
    tensors["dynamics.kick_deviation"] = models.dynamics.deviation[6:]
    tensors["force.bound"] = models.force.noise
    tensors["force.deviation"] = models.force.deviation
    tensors["dynamics.trend"] = models.trend
    tensors["kick"] = np.array([models.kick])
    described = {"period": GRID, "units": _UNITS}
    return save_artefact(folder, SCHEMA, tensors, facts | described)


def load_elbow_models(folder: Path) -> ElbowModels:
    """Read the models back.

    Raises:
        ArtefactError: if the artefact is missing, tampered with, of another kind, trained for
            another grid period, or its tensors do not fit together.
    """
    artefact = load_artefact(folder, SCHEMA)
    if abs(float(artefact.facts["period"]) - GRID) > 1e-9:
        raise ArtefactError(f"{folder.name} is for a grid of {artefact.facts['period']} s")
    try:
        t = artefact.tensors
        kick = Noise(t["dynamics.kick_bound"], t["dynamics.kick_deviation"])
        trend = t["dynamics.trend"]
        force = Noise(t["force.bound"], t["force.deviation"])
        return ElbowModels(
            dynamics=dynamics_model(unpack_process(t, "dynamics"), trend, kick),
            force=force_model(unpack_process(t, "force"), force),
            trend=trend,
            kick=float(t["kick"][0]),
            version=artefact.version,
        )
    except (KeyError, ValueError) as error:
        raise ArtefactError(f"{folder.name}: {error}") from error
