"""Give a trained model its guarantee: score people who were used for nothing else.

One score a person over the whole dressing; the scores are stored in the artefact, from which every
delta that their number can carry is served, for all people, for a garment or a kind of motion, and
for people who were dressed before. Calibrate on your own people, robot and garments: the promise
holds for people who are exchangeable with these.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.campaign.recordings import find_recordings
from elbowroom.core import SUBSETS, Params, load_artefact, param
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import show_figures, show_rows


@dataclass(frozen=True)
class CalibrateParams(Params):
    """What is calibrated, on whom."""

    recorded: str = param(
        "data/trials/calibrate",
        "folders of recorded trials, separated by commas; several files of one person are that "
        "person's dressings in order",
    )
    scale: str = param(
        "",
        "folders of trials of yet other people, to fit the learned multipliers to first; those of "
        "the training are kept if there are none",
    )
    people: int = param(0, "use only so many files, 0 for all", low=0, high=1_000_000)
    artefacts: str = param("runs/artefacts", "folder that holds the artefact elbow_set")
    delta: float = param(
        0.05, "refuse if the people cannot carry this; shown, not fixed", low=0.001, high=0.5
    )
    rule: str = param("confident", "quantile rule likewise", choices=("plain", "confident"))
    confidence: float = param(0.95, "of the confident rule", low=0.5, high=0.999)


GROUPS = {"": CalibrateParams}
RESUME = "the same command starts the calibration again; the artefact is replaced at the end only"


def run(options: Options) -> dict[str, Any]:
    """Score, store, print."""
    from elbowroom.estimation.membership.calibration import calibrate_set
    from elbowroom.estimation.membership.model import SCHEMA

    p = options.of(CalibrateParams)
    paths = find_recordings(p.recorded)
    folder = Path(p.artefacts) / "elbow_set"
    model = calibrate_set(
        folder,
        paths[: p.people or None],
        scale=find_recordings(p.scale) if p.scale else (),
        progress=_Bar(),
        delta=p.delta,
        rule=p.rule,
        confidence=p.confidence,
    )
    artefact = load_artefact(folder, SCHEMA)
    people = {name: len(scores) for name, scores in model.scores.items()}
    dressings = next((s.shape[1] for s in model.repeated.values()), 1)
    show_figures(
        "Calibrated",
        {
            "people": f"{people[SUBSETS[0]]}, one score each, {dressings} dressings",
            "promise": f"delta {p.delta:g} by the {p.rule} rule",
            "artefact": f"{folder}, version {artefact.version}",
        },
    )
    _show_scales(artefact.facts["calibration"])
    return {"people_calibrated": people, "version": artefact.version, "facts": artefact.facts}


class _Bar:
    """Progress of the fit of the multipliers."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, done: int, rounds: int, edge: float) -> None:
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(desc="scale", unit="round", total=rounds)
        self._bar.set_postfix_str(f"edge {100 * edge:.2f} cm", refresh=False)
        self._bar.update(done - self._bar.n)
        if done == rounds:
            self._bar.close()


def _show_scales(promises: dict[str, dict[str, dict[str, Any]]]) -> None:
    groups = promises[SUBSETS[0]]
    rows = [
        [group, f"{found['people']}", *(f"{promises[i][group]['scale']:.2f}" for i in promises)]
        for group, found in groups.items()
    ]
    show_rows("Scale by group and inputs", ["group", "people", *promises], rows)
