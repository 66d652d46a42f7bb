"""Keep what one person's earlier dressings foretell of the next.

Scores the recorded dressings of one person, the elbow's path established afterwards, and writes
them to a profile. With `--profile FILE` (or the estimator node's parameter `profile`) the next
box is promised to this person: smaller where earlier ones had room, larger where they had not. It
needs an artefact calibrated on people who were dressed more than once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.campaign.recordings import find_recordings
from elbowroom.core import ARTEFACTS, Params, param
from elbowroom.estimation.conformal.promise import Promise
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import show_figures


@dataclass(frozen=True)
class PersonaliseParams(Params):
    """Whose dressings are read, and where the profile goes."""

    recorded: str = param(
        "", "folders of this person's recorded dressings in order, separated by commas"
    )
    profile: str = param("runs/profile.json", "file that is written")
    artefacts: str = param("", "folder of learned artefacts; empty for those that ship")


GROUPS: dict[str, type[Params]] = {"": PersonaliseParams, "promise": Promise}
RESUME = "the same command starts again"


def run(options: Options) -> dict[str, Any]:
    """Score, store, print."""
    from elbowroom.estimation.membership.calibration import make_profile
    from elbowroom.estimation.membership.profile import save_profile
    from elbowroom.estimation.membership.store import load_set
    from elbowroom.models.training.dataset import build

    p, asked = options.of(PersonaliseParams), options.of(Promise)
    model = load_set(Path(p.artefacts or ARTEFACTS) / "elbow_set")
    profile = make_profile(model, build(find_recordings(p.recorded)))
    history = profile.scores[asked.inputs]
    own, shared = model.calibration(asked, history), model.calibration(asked)
    save_profile(Path(p.profile), profile)
    show_figures(
        f"Person {profile.person}, dressed {len(history)} times",
        {
            "scores": ", ".join(f"{s:.2f}" for s in history),
            "scale of their own": f"{own.scale:.2f} ({own.group}, {own.people} people)",
            "scale of all people": f"{shared.scale:.2f} ({shared.people} people)",
            "profile": p.profile,
        },
    )
    return {"person": profile.person, "scores": profile.scores, "scale": own.scale}
