"""Training-size curve: edge and coverage of the set filter against people trained on.

    python benchmarks/training_size.py --recorded FOLDER --judge FOLDER [--sizes 125 250 500 1000]

Of the recorded people, in random order, the first N train an ensemble, for every N; those of
`--judge`, who must be others, calibrate it (the first half) and judge it (the second half).
Everything but N is the same, and so are the people who calibrate and judge. `--plot` draws edge
against N.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from elbowroom.campaign.recordings import find_recordings
from elbowroom.estimation.conformal.calibration import calibrate
from elbowroom.estimation.membership.batch import boxes, mean_edge, ratios
from elbowroom.estimation.membership.training import batch_of, score_people, train_set
from elbowroom.models.training.dataset import Dataset, build
from elbowroom.models.training.member import TrainParams

INPUTS = ("none", "wrist")


@dataclass(frozen=True)
class Point:
    """One point of the curve: people trained on, inputs, and what the plain rule gives."""

    people: int
    inputs: str
    scale: float
    coverage: float
    edge_m: float


def measure(data: Dataset, judge: Dataset, params: TrainParams, work: Path) -> list[Point]:
    """Train on `data`, calibrate on the first half of `judge`, judge on the second."""
    bar = tqdm(total=params.members, desc=f"{len(data)} people", leave=False)
    model = train_set(data, params, work, lambda *told: bar.set_postfix_str(str(told[0])))
    bar.close()
    half = np.arange(len(judge) // 2)
    known, new = judge.take(half), judge.take(half + len(half))
    scores, points = score_people([model], known)[0], []
    for inputs in INPUTS:
        scale = calibrate(scores[inputs], 0.05).scale
        batch = batch_of(model, new, inputs)
        inside = ratios(model, batch).max(axis=1) <= scale
        edge = mean_edge(boxes(model, batch, scale), batch.steps)
        points.append(
            Point(len(data), inputs, float(scale), float(inside.mean()), float(edge.mean()))
        )
    return points


def draw(path: Path, points: list[Point]) -> None:
    """Edge against people, a line for each choice of inputs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 3.2), layout="constrained")
    axes = figure.subplots()
    for inputs in INPUTS:
        chosen = [p for p in points if p.inputs == inputs]
        label = "wrist not seen" if inputs == "none" else "wrist seen half of the time"
        axes.plot([p.people for p in chosen], [100 * p.edge_m for p in chosen], "o-", label=label)
    axes.set(xscale="log", xlabel="people trained on", ylabel="mean cube edge, plain rule [cm]")
    sizes = sorted({p.people for p in points})
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Train, judge, print, draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recorded", required=True, type=Path, help="trials to train on")
    parser.add_argument("--judge", required=True, type=Path, help="trials of other people")
    parser.add_argument("--sizes", type=int, nargs="+", default=[125, 250, 500, 1000])
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="checkpoints; the same command goes on there")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    args = parser.parse_args()
    work = args.work or Path(tempfile.mkdtemp())
    data, judge = (build(find_recordings(f)) for f in (args.recorded, args.judge))
    params = replace(TrainParams(), members=args.members, seed=args.seed)
    order = np.random.default_rng(args.seed).permutation(len(data))
    points: list[Point] = []
    for size in tqdm(sorted(args.sizes), "sizes"):
        points += measure(data.take(order[:size]), judge, params, work / str(size))
        print(json.dumps([asdict(p) for p in points[-2:]]), flush=True)
    if args.json:
        args.json.write_text(json.dumps([asdict(p) for p in points], indent=1) + "\n")
    if args.plot:
        draw(args.plot, points)


if __name__ == "__main__":
    main()
