"""Fill the tables of docs/grasping.md: every method on every task, several seeds, in processes.

    python benchmarks/grasping.py --out runs/grasping --workers 16 --budget 280

Jobs are taken in order of worth; each is one process with one thread. A job that the budget cuts
off keeps its checkpoint and goes on when the same command is given again. Finished jobs are
skipped. `--table` only prints what is there.

`--tune` compares settings of the learner instead, on seeds and episodes that the table never uses,
and writes the cheapest of the best into OUT/settings.json, which the table uses for every method.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

ORDER = (
    "jsrl-curriculum",
    "jsrl-random",
    "bc",
    "sac",
    "rlpd",
    "naive",
    "awac",
    "iql",
    "cql",
    "aw-opt",
    "qt-opt",
)
STEPS = {"indiscriminate": 5_000, "instance": 10_000, "hard": 12_000, "cuff": 5_000}
IMAGE_STEPS = 16_000


SETTINGS: dict[str, dict[str, dict[str, float]]] = {
    "base": {},
    "updates": {"train": {"ratio": 2.0}},
    "batch": {"train": {"batch": 256}},
    "look": {"train": {"look": 6}},
    "patient": {"train": {"evaluate_every": 500}},
    "entropy": {"learner": {"entropy": 0.02}},
    "slow": {"learner": {"rate": 5e-4}},
    "thin": {"train": {"ratio": 0.5, "batch": 256}},
}
"""What `--tune` compares: changes of the default settings."""
TUNED_STEPS, TUNED_SEED, TUNED_EPISODES = 6000, 50, 550_000_000


class StopError(Exception):
    """The budget is used up."""


def plan(
    tasks: list[str], methods: list[str], seeds: int, labels: bool, obs: str
) -> list[dict[str, Any]]:
    """Every job, the most valuable first: a whole column of seeds of a method before the next."""
    return [
        {"task": t, "method": m, "seed": s, "labels": labels, "obs": obs}
        for m in methods
        for t in tasks
        for s in range(seeds)
    ]


def name(job: dict[str, Any]) -> str:
    """File name of a job's result."""
    mark = "" if job["labels"] else "-unlabelled"
    obs = "" if job["obs"] == "state" else "-image"
    return f"{job['task']}{obs}-{job['method']}{mark}-s{job['seed']}"


def read_settings(out: Path) -> dict[str, dict[str, Any]]:
    """The settings that `--tune` found best, or none."""
    path = out / "settings.json"
    return dict(json.loads(path.read_text())["change"]) if path.exists() else {}


def tune(key: str, seed: int) -> tuple[str, float, float]:
    """Train with changed settings; returns their name, success alone, and CPU seconds."""
    import torch

    torch.set_num_threads(1)
    from elbowroom.grasping.experiment import Experiment, prepare
    from elbowroom.grasping.learners import LearnerParams
    from elbowroom.grasping.methods import TrainParams
    from elbowroom.grasping.training import Training

    change = SETTINGS[key]
    train = TrainParams(**{"steps": TUNED_STEPS, "final_episodes": 0, **change.get("train", {})})
    learner = LearnerParams(**change.get("learner", {}))
    what = Experiment(task="instance", method="jsrl-curriculum", seed=TUNED_SEED + seed)
    training = Training(prepare(what, train, learner))
    training.run()
    score = training.measure(0, 60, TUNED_EPISODES)
    stages = training.setting.schedule.state()["stage"] / train.stages
    return key, score + 0.1 * stages, time.process_time()


def work(job: dict[str, Any], out: str, deadline: float, demos: int, guide: str) -> str:
    """Train one job in this process; returns what became of it."""
    import torch

    torch.set_num_threads(1)
    from elbowroom.grasping.experiment import Experiment, prepare
    from elbowroom.grasping.learners import LearnerParams
    from elbowroom.grasping.methods import TrainParams
    from elbowroom.grasping.training import Training

    if time.time() > deadline - 5:
        return f"{name(job)}: not begun"
    started = time.process_time()
    what = Experiment(
        task=job["task"],
        obs=job["obs"],
        method=job["method"],
        seed=job["seed"],
        demos=demos,
        guide=guide,
    )
    change = read_settings(Path(out))
    steps = STEPS[job["task"]] if job["obs"] == "state" else IMAGE_STEPS
    params = TrainParams(**{"steps": steps, "labels": job["labels"], **change.get("train", {})})
    learner = LearnerParams(**change.get("learner", {}))
    setting = prepare(what, params, learner)
    training: Training

    def watch(stage: str, done: int, total: int, value: float) -> None:
        if time.time() > deadline:
            training.save()
            raise StopError

    training = Training(setting, Path(out) / "checkpoints" / name(job), watch)
    try:
        result = training.run()
    except StopError:
        return f"{name(job)}: stopped at {training.steps} steps"
    result |= {"params": asdict(params), "all_cpu_s": round(time.process_time() - started, 1)}
    path = Path(out) / f"{name(job)}.json"
    path.with_suffix(".part").write_text(json.dumps(result) + "\n")
    path.with_suffix(".part").replace(path)
    return (
        f"{name(job)}: {result['success']:.2f} after {result['steps']} steps, {result['cpu_s']} s"
    )


def show(out: Path) -> None:
    """Print mean, least and greatest success by task and method."""
    found: dict[tuple[str, str], list[float]] = {}
    guides: dict[str, list[float]] = {}
    for path in sorted(out.glob("*-s*.json")):
        result = json.loads(path.read_text())
        mark = "" if result["params"]["labels"] else " (unlabelled)"
        image = " (image)" if result["obs"] == "image" else ""
        key = result["method"] + mark, result["task"] + image
        found.setdefault(key, []).append(result["success"])
        if result["guide_success"] is not None:
            guides.setdefault(key[1], []).append(result["guide_success"])
    tasks = sorted({t for _, t in found})
    print("| method | " + " | ".join(tasks) + " |\n|---|" + "---|" * len(tasks))
    for method in sorted({m for m, _ in found}):
        cells = [_cell(found.get((method, t), [])) for t in tasks]
        print(f"| {method} | " + " | ".join(cells) + " |")
    print("| the guide | " + " | ".join(_cell(guides.get(t, [])) for t in tasks) + " |")


def _cell(scores: list[float]) -> str:
    if not scores:
        return "-"
    return f"{np.mean(scores):.2f} ({min(scores):.2f}-{max(scores):.2f}, n={len(scores)})"


def main() -> int:
    """Run the jobs that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/grasping"))
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--budget", type=float, default=1e9, help="wall-clock seconds")
    parser.add_argument("--tasks", default="instance,hard,indiscriminate")
    parser.add_argument("--methods", default=",".join(ORDER))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--demos", type=int, default=20)
    parser.add_argument("--guide", default="clumsy")
    parser.add_argument("--labels", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--table", action="store_true", help="only print what is there")
    parser.add_argument("--obs", choices=("state", "image"), default="state")
    parser.add_argument(
        "--eye", type=Path, help="teach the eye of the image policies, store it here"
    )
    parser.add_argument("--frames", type=int, default=24_000)
    parser.add_argument("--tune", action="store_true", help="compare settings of the learner")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    os.environ["OMP_NUM_THREADS"] = "1"
    if given.eye is not None:
        _teach(given)
        return 0
    if given.tune:
        _tune(given)
        return 0
    if not given.table:
        _run(given)
    show(given.out)
    return 0


def look(frames: int, seed: int) -> Any:
    """Take pictures in this process."""
    from elbowroom.grasping.seeing import collect_frames

    return collect_frames(frames, seed)


def _teach(given: argparse.Namespace) -> None:
    import torch

    from elbowroom.grasping.encoder import save_eye
    from elbowroom.grasping.seeing import Frames, SeeingParams, teach

    context = multiprocessing.get_context("spawn")
    with context.Pool(given.workers) as pool:
        share = given.frames // given.workers
        parts = pool.starmap(look, [(share, k) for k in range(given.workers)])
    frames = Frames(
        np.concatenate([p.image for p in parts]),
        np.concatenate([p.vector for p in parts]),
        np.concatenate([p.label for p in parts]),
    )
    print(f"{len(frames.image)} pictures", flush=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    started = time.time()

    def tell(done: int, total: int, loss: float) -> None:
        print(f"{done} of {total}: {loss:.4f}, {time.time() - started:.0f} s", flush=True)

    eye, facts = teach(frames, SeeingParams(frames=given.frames), 0, device, tell)
    save_eye(given.eye, eye, facts)
    print(facts)


def _tune(given: argparse.Namespace) -> None:
    found: dict[str, list[float]] = {}
    spent: dict[str, float] = {}
    context = multiprocessing.get_context("spawn")
    deadline = time.time() + given.budget
    with context.Pool(given.workers, maxtasksperchild=1) as pool:
        waiting = [pool.apply_async(tune, (k, s)) for s in range(2) for k in SETTINGS]
        for answer in waiting:
            try:
                key, score, cpu = answer.get(max(deadline - time.time(), 0.1))
            except multiprocessing.TimeoutError:
                continue
            found.setdefault(key, []).append(score)
            spent[key] = cpu
            print(f"{key}: {score:.3f}, {cpu:.0f} s", flush=True)
        pool.terminate()
    if found:
        means = {k: float(np.mean(v)) for k, v in found.items()}
        good = [k for k in means if means[k] >= max(means.values()) - 0.05]
        best = min(good, key=lambda k: spent[k])
        result = {"best": best, "change": SETTINGS[best], "scores": found, "cpu_s": spent}
        (given.out / "settings.json").write_text(json.dumps(result, indent=1) + "\n")
        print(f"best: {best}")


def _run(given: argparse.Namespace) -> None:
    deadline = time.time() + given.budget
    jobs = plan(
        given.tasks.split(","), given.methods.split(","), given.seeds, given.labels, given.obs
    )
    jobs = [j for j in jobs if not (given.out / f"{name(j)}.json").exists()]
    context = multiprocessing.get_context("spawn")
    with context.Pool(given.workers, maxtasksperchild=1) as pool:
        extra = str(given.out), deadline, given.demos, given.guide
        waiting = [pool.apply_async(work, (job, *extra)) for job in jobs]
        for job, answer in zip(jobs, waiting, strict=True):
            try:
                print(answer.get(), flush=True)
            except Exception as error:  # one job that fails must not end the others
                print(f"{name(job)}: failed: {error!r}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
