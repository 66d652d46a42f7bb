"""Fit the learned models to recorded people, split by person and reproducible by seed.

Writes artefacts (safetensors and a manifest with hashes): `elbow_set`, the network ensemble of the
set filter, and `elbow_gp`, the Gaussian processes of the classical filters. A model without
calibration promises nothing: `elbowroom calibrate` comes next, on other people.
"""

from __future__ import annotations

import dataclasses
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.campaign.recordings import find_recordings
from elbowroom.core import Params, load_artefact, param
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import show_figures


@dataclass(frozen=True)
class TrainVerbParams(Params):
    """What is trained, on what."""

    recorded: str = param(
        "data/trials/train", "folders of recorded trials, one file a person, separated by commas"
    )
    people: int = param(0, "use only so many people, 0 for all", low=0, high=1_000_000)
    model: str = param("all", "which models", choices=("all", "set", "gp"))
    artefacts: str = param("runs/artefacts", "folder for the artefacts")
    work: str = param("runs/train", "folder of the checkpoints, for resuming")


def GROUPS() -> dict[str, type[Params]]:  # noqa: N802  read like the constant of other verbs
    """Option groups; the models' own settings need torch and are read only here."""
    from elbowroom.estimation.elbow.training import ElbowTraining
    from elbowroom.models.training.member import TrainParams

    return {"": TrainVerbParams, "network": TrainParams, "gp": ElbowTraining}


RESUME = "the same command goes on after the last epoch that was finished"


def run(options: Options) -> dict[str, Any]:
    """Train, store, print."""
    p = options.of(TrainVerbParams)
    paths = find_recordings(p.recorded)[: p.people or None]
    figures: dict[str, Any] = {"trials": len(paths), "seed": options.seed}
    if p.model in ("all", "set"):
        figures["set"] = _train_set(options, paths)
    if p.model in ("all", "gp"):
        figures["gp"] = _train_gp(options, paths)
    rows = {"people": f"{len(paths)}", "artefacts": p.artefacts}
    for name in ("set", "gp"):
        if name in figures:
            rows[f"elbow_{name}"] = f"version {figures[name]['version']}"
    show_figures("Trained", rows)
    return figures


def _train_set(options: Options, paths: list[Path]) -> dict[str, Any]:
    from elbowroom.estimation.membership.store import save_set
    from elbowroom.estimation.membership.training import train_set
    from elbowroom.models.training.dataset import build, digest
    from elbowroom.models.training.member import TrainParams

    p = options.of(TrainVerbParams)
    settings = dataclasses.replace(options.of(TrainParams), seed=options.seed)
    data = build(paths)
    facts = _describe(settings, data)
    model = train_set(data, settings, Path(p.work) / f"set-{digest(data)[:8]}", _Progress())
    artefact = save_set(Path(p.artefacts) / "elbow_set", model, facts)
    return facts | {"version": artefact.version}


def _describe(settings: Any, data: Any) -> dict[str, Any]:
    """What was trained and on whom; networks trained on are named by version, not by folder."""
    from elbowroom.estimation.membership.model import SCHEMA
    from elbowroom.estimation.membership.people import (
        TRAINED,
        hash_people,
        read_people,
        write_people,
    )
    from elbowroom.models.training.dataset import digest

    start = load_artefact(Path(settings.start), SCHEMA) if settings.start else None
    known = read_people(start.facts, TRAINED) if start else set()
    if start and not known:
        logging.getLogger("elbowroom").warning(
            "%s does not say whom it was trained on: keep those people out of the calibration "
            "yourself",
            settings.start,
        )
    people = hash_people(data) | known
    return {
        "seed": settings.seed,
        "people_trained": len(data),
        "data": digest(data),
        TRAINED: write_people(people),
        "training": dataclasses.asdict(settings) | {"start": start.version if start else ""},
    }


def _train_gp(options: Options, paths: list[Path]) -> dict[str, Any]:
    from elbowroom.estimation.elbow.training import ElbowTraining, train_elbow_gp

    progress = _Progress()
    artefact = train_elbow_gp(
        paths,
        Path(options.of(TrainVerbParams).artefacts) / "elbow_gp",
        options.seed,
        progress=lambda stage, done, total: progress(stage, done, total),
        settings=options.of(ElbowTraining),
    )
    return artefact.facts | {"version": artefact.version}


class _Progress:
    """One bar a stage, with the newest loss beside it."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int, value: float | None = None) -> None:
        from tqdm import tqdm

        if stage != self._stage:
            if self._bar is not None:
                self._bar.close()
            quiet = not sys.stderr.isatty()
            self._bar = tqdm(total=total, desc=stage, mininterval=30.0 if quiet else 0.2)
            self._stage = stage
        if value is not None:
            self._bar.set_postfix_str(f"{value:.4f}", refresh=False)
        self._bar.update(done - self._bar.n)
