"""Ten thousand dressings filtered offline: wall time, CPU time, and where it goes.

    python benchmarks/offline.py [--trajectories 10000] [--recorded FOLDER] [--workers 2]

Measurements are in memory; recorded dressings, or a made-up one, are taken in turn until there are
enough. What is timed goes from measurements at 240 Hz to boxes at 24 Hz.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from elbowroom.campaign.recordings import find_recordings
from elbowroom.core import load_trial
from elbowroom.estimation import make_estimator
from elbowroom.estimation.membership.batch import boxes, prepare
from elbowroom.estimation.membership.offline import filter_rows
from elbowroom.models.features.causal import extract, hide, row_of, rows_of
from elbowroom.nodes.dressing.warmup import ARM, rehearse


def read_rows(folder: str, most: int) -> list[tuple[Any, np.ndarray]]:
    """Measured lengths and rows of recorded dressings, or of a made-up one of seven seconds."""
    if not folder:
        return [(ARM, np.stack([row_of(sample) for sample, _ in rehearse(1680)]))]
    trials = [load_trial(path) for path in find_recordings(folder)[:most]]
    return [(trial.arm, rows_of(trial)) for trial in trials]


def time_stages(model: Any, dressings: list[Any], inputs: str, scale: float) -> dict[str, float]:
    """CPU milliseconds a dressing of every stage, on one core."""
    begin = time.process_time()
    read = [extract(arm, rows) for arm, rows in dressings]
    features = time.process_time() - begin
    steps = np.array([min(len(index), 180) for _, index, _ in read])
    block = np.zeros((len(read), 180, read[0][0].shape[1]), np.float32)
    for i, (values, _, _) in enumerate(read):
        block[i, : steps[i]] = values[: steps[i]]
    block = hide(block, inputs)
    begin = time.process_time()
    raw = model.ensemble.run(block)
    networks = time.process_time() - begin
    begin = time.process_time()
    model.predict(raw, block)
    decoding = time.process_time() - begin
    empty = np.zeros((*block.shape[:2], 3))
    batch = prepare(model, block, empty, empty[:, :, None], steps)
    begin = time.process_time()
    boxes(model, batch, scale)
    sets = time.process_time() - begin
    found = {"features": features, "networks": networks, "decoding": decoding, "sets": sets}
    return {k: round(1e3 * v / len(read), 3) for k, v in found.items()}


def main() -> None:
    """Filter, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trajectories", type=int, default=10_000)
    parser.add_argument("--recorded", default="", help="folder of recorded trials")
    parser.add_argument("--most", type=int, default=500, help="files to read")
    parser.add_argument("--inputs", default="none")
    parser.add_argument("--artefacts", default="")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    estimator: Any = make_estimator("set", args.artefacts, inputs=args.inputs)
    model, scale = estimator.model, estimator.calibration.scale
    dressings = read_rows(args.recorded, args.most)
    many = [dressings[i % len(dressings)] for i in range(args.trajectories)]
    arms, rows = [arm for arm, _ in many], [r for _, r in many]
    filter_rows(model, arms[:4], rows[:4], scale, inputs=args.inputs, workers=1)
    stages = time_stages(model, many[:128], args.inputs, scale)
    begin, cpu = time.perf_counter(), time.process_time()
    with tqdm(total=len(rows), desc="filter", unit="dressing") as bar:
        found = filter_rows(
            model, arms, rows, scale, inputs=args.inputs, workers=args.workers, progress=bar.update
        )
    wall, spent = time.perf_counter() - begin, time.process_time() - cpu
    edges = np.cbrt(np.prod(found.boxes.size, axis=-1))
    valid = np.arange(edges.shape[1]) < found.steps[:, None]
    figures = {
        "trajectories": len(rows),
        "boxes": int(found.steps.sum()),
        "wall_s": round(wall, 1),
        "cpu_s": round(spent, 1),
        "cpu_s_by_workers": round(spent / args.workers, 1),
        "stage_cpu_ms": stages,
        "edge_mean_m": round(float(edges[valid].mean()), 4),
    }
    print(json.dumps(figures, indent=1))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
