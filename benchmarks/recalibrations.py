"""Two hundred calibrations on people drawn anew: how often the promise is kept.

    python benchmarks/recalibrations.py --recorded FOLDER [--recorded FOLDER ...] [--people 200]

The people of the folders must have been used for neither training nor scaling. All are scored
once; each time some are drawn to calibrate on and all others are judged on. Beside the share of
calibrations in which at least 1 - delta of the others are covered stands what theory expects of so
many people: with few judged on, chance alone puts some below.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from tqdm import tqdm

from elbowroom.campaign.recalibration import (
    expect_kept,
    recalibrate,
    summarise_recalibrations,
)
from elbowroom.campaign.recordings import find_recordings
from elbowroom.core import ARTEFACTS
from elbowroom.estimation.conformal.calibration import rank
from elbowroom.estimation.membership.batch import scores
from elbowroom.estimation.membership.store import load_set
from elbowroom.estimation.membership.training import batch_of
from elbowroom.models.training.dataset import build

DELTAS = np.array([0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3])


def score(paths: list[Path], artefacts: str, inputs: str) -> np.ndarray:
    """Scores of recorded people, in portions so that memory stays small."""
    model = load_set(Path(artefacts or ARTEFACTS) / "elbow_set")
    portions = [paths[i : i + 200] for i in range(0, len(paths), 200)]
    found = [scores(model, batch_of(model, build(p), inputs)) for p in tqdm(portions, "score")]
    return np.concatenate(found)


def main() -> None:
    """Score, recalibrate, print, draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recorded", action="append", required=True, help="folder of trials")
    parser.add_argument("--artefacts", default="", help="folder of artefacts; else those shipped")
    parser.add_argument("--inputs", default="none")
    parser.add_argument("--people", type=int, default=200, help="to calibrate on")
    parser.add_argument("--delta", type=float, default=0.05)
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", type=Path, help="picture of coverage against what was promised")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    paths = [path for folders in args.recorded for path in find_recordings(folders)]
    found = score(paths, args.artefacts, args.inputs)
    deltas = np.union1d(DELTAS, [args.delta])
    rules = {
        rule: recalibrate(
            found, args.people, deltas, rule=rule, repeats=args.repeats, seed=args.seed
        )
        for rule in ("plain", "confident")
    }
    figures = {"inputs": args.inputs}
    for rule, many in rules.items():
        k = rank(args.people, args.delta, rule=rule)
        expected = expect_kept(many.people, many.others, k, args.delta)
        figures[rule] = summarise_recalibrations(many, args.delta) | {"share_expected": expected}
    print(json.dumps(figures, indent=1))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n")
    if args.plot:
        from elbowroom.view.plots import plot_recalibrations

        plot_recalibrations(args.plot, rules)


if __name__ == "__main__":
    main()
