"""Jump-start against IQL on the Adroit hand, from few rollouts of an expert, under one budget.

    python benchmarks/adroit.py ../shared/data runs/adroit --steps 20000 --seeds 3 --workers 1

Every run is one process with one thread and goes on from its checkpoint; a finished one is not run
again. The table of what is finished is printed after each. Needs the extra `adroit`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from elbowroom.grasping.learners import LearnerParams
from elbowroom.grasping.training.experiment import Experiment
from elbowroom.grasping.training.folder import hold
from elbowroom.grasping.training.loop import Training
from elbowroom.grasping.training.methods import TrainParams
from elbowroom.grasping.training.setup import prepare

WORLDS = {
    "door": ("AdroitHandDoorSparse-v1", "adroit_door_dapg_policy_rollouts.npz"),
    "pen": ("AdroitHandPenSparse-v1", "adroit_pen_dapg_policy_rollouts.npz"),
}
METHODS = ("iql", "jsrl-curriculum", "jsrl-random")
# As published for sparse rewards (expectile, temperature) and for this hand (dropout).
LEARNER = LearnerParams(
    width=128, depth=2, learning_rate=1e-3, tau=0.01, expectile=0.9, temperature=10.0, dropout=0.1
)


def make_settings(steps: int) -> TrainParams:
    """Settings of a training of so many steps."""
    return TrainParams(
        steps=steps,
        discount=0.99,
        n_step=3,
        stages=10,
        batch=128,
        pretrain=3000,
        probe=30,
        evaluate_every=max(steps // 20, 100),
        evaluate_episodes=5,
        alone_every=5,
        save_every=500,
        final_episodes=100,
    )


def train(world: str, rollouts: int, method: str, seed: int, p: argparse.Namespace) -> Path:
    """Run one training, or go on with it; the file of its result."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", module="gymnasium.*")
    name, data = WORLDS[world]
    folder = p.folder / f"{world}-{rollouts}-{method}-{seed}"
    result = folder / "result.json"
    if result.is_file():
        return result
    what = Experiment(name, "state", method, "clone", rollouts, str(p.data / data), "iql", seed)
    setting = prepare(what, make_settings(p.steps), LEARNER)
    with hold(folder / "checkpoint"):
        found = Training(setting, folder / "checkpoint").run()
        result.write_text(json.dumps(found, indent=1) + "\n")
    return result


def show(results: list[dict[str, Any]]) -> None:
    """Print mean success by world, rollouts and method."""
    rows: dict[tuple[str, int], dict[str, list[float]]] = {}
    for r in results:
        row = rows.setdefault((r["task"], r["demos"]), {})
        row.setdefault(r["method"], []).append(r["success"])
        if r["guide_success"] is not None:
            row.setdefault("guide", []).append(r["guide_success"])
    print("| environment | rollouts | guide (BC) | " + " | ".join(METHODS) + " |")
    print("|---|---|---|" + "---|" * len(METHODS))
    for (task, demos), row in sorted(rows.items()):
        cells = [_cell(row.get(k, [])) for k in ("guide", *METHODS)]
        print(f"| {task} | {demos} | " + " | ".join(cells) + " |")


def _cell(values: list[float]) -> str:
    each = ", ".join(f"{v:.2f}" for v in values)
    return f"{np.mean(values):.2f} ({each})" if values else "-"


def main() -> None:
    """Run all, seed after seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the recorded rollouts")
    parser.add_argument("folder", type=Path, help="of checkpoints and results")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=list(WORLDS))
    parser.add_argument("--rollouts", nargs="+", type=int, default=[5, 2])
    parser.add_argument("--workers", type=int, default=1)
    p = parser.parse_args()
    jobs = list(product(range(p.seeds), p.worlds, p.rollouts, METHODS))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(p.workers, mp_context=context) as pool:
        runs = [pool.submit(train, world, n, method, seed, p) for seed, world, n, method in jobs]
        for run in tqdm(as_completed(runs), total=len(runs), desc="trainings"):
            run.result()
            found = sorted(p.folder.glob("*/result.json"))
            show([json.loads(path.read_text()) for path in found])


if __name__ == "__main__":
    main()
