"""Fill the tables of docs/grasping.md: every method on every task, several seeds, in processes.

    python benchmarks/grasping.py --out runs/grasping --workers 16 --budget 280

Jobs are taken in order of worth; each is one process with one thread. A job that the budget cuts
off keeps its checkpoint and goes on when the same command is given again. Finished jobs are
skipped. `--table` only prints what is there.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from grasping_results import draw, show

ROOT = Path(__file__).resolve().parents[1]
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
STEPS = {"indiscriminate": 12_000, "instance": 12_000, "hard": 8_000, "cuff": 3_000}
SMALLER = {"qt-opt": 64, "aw-opt": 64}
"""Batches of the learners that search for an action: they cost ten times as much."""
IMAGE_STEPS, IMAGE_DEMOS = 12_000, 300
"""Steps, and demonstrations of the methods that use them, where images are seen."""
SHORTER = {"qt-opt": 8_000, "aw-opt": 8_000}
"""Steps on images of the learners that search for an action."""


WANDER = 2_000
"""Steps of wandering where the actions of guide and demonstrations may not be learned: besides the
policy, or before it where they are inferred."""
KNOWN, NONE, INFERRED = "known", "none", "inferred"
"""Labels, the actions of guide and demonstrations: learned, not used, inferred."""
SELDOM = 1_200
"""Steps between evaluations where no curriculum waits for their outcome."""


class StopError(Exception):
    """The budget is used up."""


def plan(
    tasks: list[str],
    methods: list[str],
    seeds: int,
    labels: str = KNOWN,
    obs: str = "state",
    guide: str = "clumsy",
) -> list[dict[str, Any]]:
    """Every job, the most valuable first: a whole column of seeds of a method before the next."""
    return [
        {"task": t, "method": m, "seed": s, "labels": labels, "obs": obs, "guide": guide}
        for m in methods
        for t in tasks
        for s in range(seeds)
    ]


def plan_all() -> list[dict[str, Any]]:
    """Every job of every table, the most valuable first."""
    state, image = ["instance", "indiscriminate", "hard"], ["indiscriminate", "instance"]
    jump = ["jsrl-curriculum", "jsrl-random"]
    return [
        *plan(state, [*jump, "bc", "sac"], 5),
        *plan(["hard"], [*jump, "bc", "rlpd"], 5, labels=INFERRED),
        *plan(["hard"], jump, 5, labels=NONE),
        *plan(state, ["rlpd", "naive", "awac", "iql", "cql", "aw-opt", "qt-opt"], 5),
        *plan(["indiscriminate"], ["jsrl-curriculum"], 5, guide="clone"),
        *plan(["cuff"], ["jsrl-curriculum"], 2),
        *plan(image, jump, 2, obs="image"),
        *plan(image, ["bc", "aw-opt", "qt-opt"], 1, obs="image"),
        *plan(["indiscriminate"], ["jsrl-curriculum"], 2, obs="image", guide="clone"),
    ]


def name(job: dict[str, Any]) -> str:
    """File name of a job's result."""
    mark = {KNOWN: "", NONE: "-unlabelled", INFERRED: "-inferred"}[job["labels"]]
    mark += "-clone" * (job["guide"] == "clone")
    obs = "" if job["obs"] == "state" else "-image"
    return f"{job['task']}{obs}-{job['method']}{mark}-s{job['seed']}"


def work(job: dict[str, Any], out: str, store: str, deadline: float, demos: int) -> str:
    """Train one job in this process; returns what became of it."""
    import torch

    torch.set_num_threads(1)
    from elbowroom.core import ARTEFACTS
    from elbowroom.grasping.networks.policy import save_policy
    from elbowroom.grasping.training.experiment import Experiment
    from elbowroom.grasping.training.folder import hold
    from elbowroom.grasping.training.loop import Training
    from elbowroom.grasping.training.methods import METHODS, TrainParams
    from elbowroom.grasping.training.setup import prepare

    if time.time() > deadline - 5:
        return f"{name(job)}: not begun"
    image = job["obs"] == "image"
    if image and not (ARTEFACTS / "grasp_eye" / "manifest.json").exists():
        return f"{name(job)}: there is no eye yet"
    started = time.process_time()
    what = Experiment(job["task"], job["obs"], job["method"], job["guide"], demos, seed=job["seed"])
    if image and METHODS[job["method"]].demonstrations:
        what = replace(what, demos=IMAGE_DEMOS, offline=str(keep_demonstrations(job, Path(store))))
    steps = SHORTER.get(job["method"], IMAGE_STEPS) if image else STEPS[job["task"]]
    usual = TrainParams()
    params = replace(
        usual,
        steps=steps,
        labels=job["labels"] == KNOWN,
        wander=WANDER if job["labels"] == NONE else 0,
        infer=WANDER if job["labels"] == INFERRED else 0,
        batch=SMALLER.get(job["method"], usual.batch),
        evaluate_every=(
            SELDOM if METHODS[job["method"]].schedule == "none" else usual.evaluate_every
        ),
    )
    setting = prepare(what, params)
    training: Training

    def watch(stage: str, done: int, total: int, value: float) -> None:
        if time.time() > deadline:
            training.save()
            raise StopError

    with hold(Path(store) / name(job)):
        training = Training(setting, Path(store) / name(job), watch)
        try:
            result = training.run()
        except StopError:
            return f"{name(job)}: stopped at {training.steps} steps"
    result |= {"params": asdict(params), "all_cpu_s": round(time.process_time() - started, 1)}
    facts = {k: v for k, v in result.items() if k != "curve"} | setting.learner.shape
    save_policy(Path(out) / "policies" / name(job), setting.learner.policy, facts)
    path = Path(out) / f"{name(job)}.json"
    path.with_suffix(".part").write_text(json.dumps(result) + "\n")
    path.with_suffix(".part").replace(path)
    return (
        f"{name(job)}: {result['success']:.2f} after {result['steps']} steps, {result['cpu_s']} s"
    )


def keep_demonstrations(job: dict[str, Any], store: Path) -> Path:
    """The guide's demonstrations as they are seen through the eye; made once for all methods."""
    from elbowroom.grasping.guides.demonstrations import save_episodes
    from elbowroom.grasping.training.setup import show_task
    from elbowroom.grasping.worlds import make_env

    path = store / f"demonstrations-{job['task']}-s{job['seed']}.npz"
    if not path.exists():
        env = make_env(job["task"], "image")
        save_episodes(path, show_task(env, False, IMAGE_DEMOS, job["seed"]))
        env.close()
    return path


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
    parser.add_argument("--store", type=Path, default=Path("runs/grasping_checkpoints"))
    parser.add_argument("--all", action="store_true", help="the eye, and every table")
    parser.add_argument("--guide", choices=("clumsy", "clone"), default="clumsy")
    parser.add_argument("--labels", choices=(KNOWN, NONE, INFERRED), default=KNOWN)
    parser.add_argument("--table", action="store_true", help="only print what is there")
    parser.add_argument("--obs", choices=("state", "image"), default="state")
    parser.add_argument(
        "--eye", type=Path, help="teach the eye of the image policies, store it here"
    )
    parser.add_argument("--frames", type=int, default=64_000)
    parser.add_argument("--picture", type=Path, help="draw the curves here")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    os.environ["OMP_NUM_THREADS"] = "1"
    if given.eye is not None:
        _teach(given)
        return 0
    if given.all:
        _do_all(given)
    elif not given.table:
        methods, tasks = given.methods.split(","), given.tasks.split(",")
        _run(
            given,
            plan(tasks, methods, given.seeds, given.labels, given.obs, given.guide),
            given.budget,
        )
    show(given.out)
    if given.picture is not None:
        draw(given.out, given.picture)
    return 0


def look(frames: int, seed: int) -> Any:
    """Take pictures in this process."""
    from elbowroom.grasping.seeing.frames import collect_frames

    return collect_frames(frames, seed)


def _teach(given: argparse.Namespace) -> None:
    import torch

    from elbowroom.grasping.seeing.encoder import save_eye
    from elbowroom.grasping.seeing.frames import Frames
    from elbowroom.grasping.seeing.teaching import SeeingParams, teach

    torch.set_num_threads(1)
    context = multiprocessing.get_context("spawn")
    with context.Pool(given.workers) as pool:
        share = given.frames // given.workers
        # Episodes of 1 and more are for teaching, those of 0 for measuring what was taught.
        parts = pool.starmap(look, [(share, 1 + k) for k in range(given.workers)])
    frames = Frames(
        *(np.concatenate([getattr(p, k) for p in parts]) for k in Frames.__dataclass_fields__)
    )
    print(f"{len(frames.image)} pictures", flush=True)
    started = time.process_time()

    def tell(stage: str, done: int, total: int, loss: float) -> None:
        spent = time.process_time() - started
        print(f"{stage}: {done} of {total}: {loss:.4f}, {spent:.0f} s", flush=True)

    params = SeeingParams(frames=len(frames.image))
    eye, told = teach(frames, params, 0, tell)
    cpu = round(time.process_time() - started, 1)
    facts: dict[str, Any] = {**told, "params": asdict(params), "cpu_s": cpu}
    save_eye(given.eye, eye, facts)
    print(facts)


def _do_all(given: argparse.Namespace) -> None:
    """The eye beside the tables of states, and the tables of images when it is there."""
    began, budget = time.time(), given.budget
    eye: Any = None
    given.eye = ROOT / "src" / "elbowroom" / "artefacts" / "grasp_eye"
    if not (given.eye / "manifest.json").exists():
        eye = multiprocessing.get_context("spawn").Process(target=_teach_alone, args=(given,))
        eye.start()
    _run(given, plan_all(), budget - (time.time() - began))
    if eye is not None:
        eye.join(1)
        eye.terminate()


def _teach_alone(given: argparse.Namespace) -> None:
    given.workers = max(2, given.workers // 4)
    _teach(given)
    shutil.copytree(given.eye, given.out / "grasp_eye", dirs_exist_ok=True)


def _run(given: argparse.Namespace, jobs: list[dict[str, Any]], budget: float) -> None:
    deadline = time.time() + budget
    jobs = [j for j in jobs if not (given.out / f"{name(j)}.json").exists()]
    context = multiprocessing.get_context("spawn")
    with context.Pool(given.workers, maxtasksperchild=1) as pool:
        extra = str(given.out), str(given.store), deadline, given.demos
        waiting = [pool.apply_async(work, (job, *extra)) for job in jobs]
        for job, answer in zip(jobs, waiting, strict=True):
            try:
                print(answer.get(), flush=True)
            except Exception as error:  # one job that fails must not end the others
                print(f"{name(job)}: failed: {error!r}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
