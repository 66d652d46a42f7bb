"""Give a trained model its guarantee: score people who were used for nothing else.

One score a person over the whole dressing; the scores are stored in the artefact, from which every
delta that their number can carry is served. Calibrate on your own people, robot and garments: the
promise holds for people who are exchangeable with these.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.core import Params, load_artefact, param
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import show_figures
from elbowroom.verbs.train import find_trials


@dataclass(frozen=True)
class CalibrateParams(Params):
    """What is calibrated, on whom."""

    recorded: str = param("data/trials/calibrate", "folder of recorded trials, one file a person")
    people: int = param(0, "use only so many people, 0 for all", low=0, high=1_000_000)
    artefacts: str = param("runs/artefacts", "folder that holds the artefact elbow_set")


GROUPS = {"": CalibrateParams}
RESUME = "the same command starts the calibration again; the artefact is replaced at the end only"


def run(options: Options) -> dict[str, Any]:
    """Score, store, print."""
    from elbowroom.estimation.set_model import SCHEMA
    from elbowroom.estimation.set_training import calibrate_set

    p = options.of(CalibrateParams)
    paths = find_trials(p.recorded)[: p.people or None]
    folder = Path(p.artefacts) / "elbow_set"
    people = {name: len(scores) for name, scores in calibrate_set(folder, paths).scores.items()}
    artefact = load_artefact(folder, SCHEMA)
    show_figures(
        "Calibrated",
        {
            "people": ", ".join(f"{name} {count}" for name, count in people.items()),
            "artefact": f"{folder}, version {artefact.version}",
        },
    )
    return {"people_calibrated": people, "version": artefact.version, "facts": artefact.facts}
