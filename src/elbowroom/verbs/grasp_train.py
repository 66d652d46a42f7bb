"""Train one method on one grasping task, or on any environment of Gymnasium.

Prints the success of the exploration policy alone (h = 0), and writes into the folder: checkpoints
(a killed training goes on from the last one), `curve.csv`, `curve.png`, `result.json` and the
policy as an artefact.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.core import Params, param
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import percent, show_figures
from elbowroom.verbs.threads import one_thread

METHOD_NAMES = (
    "jsrl-curriculum",
    "jsrl-random",
    "iql",
    "awac",
    "bc",
    "cql",
    "qt-opt",
    "aw-opt",
    "sac",
    "rlpd",
    "naive",
)
TASK_NAMES = ("indiscriminate", "instance", "hard", "cuff")


@dataclass(frozen=True)
class GraspTrainParams(Params):
    """What is trained."""

    task: str = param("instance", "what is grasped", choices=TASK_NAMES)
    env: str = param("", "id of a Gymnasium environment to train on instead of a task")
    obs: str = param("state", "what the policy sees", choices=("state", "image"))
    method: str = param("jsrl-curriculum", "how it is trained", choices=METHOD_NAMES)
    guide: str = param(
        "",
        "who acts first: scripted, clumsy (scripted with errors), clone (of the demonstrations), "
        "recorded (demonstrations replayed), sb3:ALGORITHM:FILE, torchscript:FILE, or the folder "
        "of a policy; by default clone with --env and --offline, else clumsy",
    )
    demos: int = param(20, "demonstrations; with --offline 0 takes all", low=0, high=10_000_000)
    offline: str = param(
        "",
        "npz of recorded episodes to take demonstrations from, their actions in the units of the "
        "environment",
    )
    learner: str = param(
        "",
        "learner, if not the method's own",
        choices=("", "sac", "iql", "awac", "bc", "cql", "qt-opt", "aw-opt"),
    )
    folder: str = param(
        "", "of what is written; by default runs/grasp/<task>-<obs>-<method>-<seed>"
    )


def GROUPS() -> dict[str, type[Params]]:  # noqa: N802  read like the constant of other verbs
    """Option groups; the learners' settings need torch and are read only here."""
    from elbowroom.grasping.learners import LearnerParams
    from elbowroom.grasping.training.methods import TrainParams

    return {"": GraspTrainParams, "train": TrainParams, "learner": LearnerParams}


RESUME = "the same command goes on from the last checkpoint"


@one_thread()
def run(options: Options) -> dict[str, Any]:
    """Train, print, write."""
    from elbowroom.grasping.learners import LearnerParams
    from elbowroom.grasping.training.experiment import Experiment
    from elbowroom.grasping.training.folder import check_folder, hold
    from elbowroom.grasping.training.loop import Training
    from elbowroom.grasping.training.methods import TrainParams
    from elbowroom.grasping.training.setup import prepare

    p = options.of(GraspTrainParams)
    task = p.env or p.task
    folder = Path(p.folder) if p.folder else find_folder(task, p.obs, p.method, options.seed)
    check_folder(folder / "checkpoint")
    what = Experiment(task, p.obs, p.method, p.guide, p.demos, p.offline, p.learner, options.seed)
    progress = Progress()
    setting = prepare(what, options.of(TrainParams), options.of(LearnerParams), progress)
    tell_limit(setting.env, task)
    with hold(folder / "checkpoint"):
        result = Training(setting, folder / "checkpoint", progress).run()
        progress.close()
        write_results(folder, result, setting.learner)
    error = result.get("inferred_within")
    show_figures(
        f"{p.method} on {task}, seed {options.seed}",
        {
            "success alone (h = 0)": _percent(result["success"]),
            "episodes judged": str(result["episodes_judged"]),
            "guide": _percent(result["guide_success"]),
            "steps": str(result["steps"]),
            **({} if error is None else {"actions inferred within": f"{error:.2f} (rms)"}),
            "CPU time": f"{result['cpu_s']:.0f} s",
            "written to": str(folder),
        },
    )
    return result


def find_folder(task: str, obs: str, method: str, seed: int) -> Path:
    """Where a training writes unless it is told."""
    return Path("runs/grasp") / f"{task}-{obs}-{method}-{seed}".replace("/", "_")


def tell_limit(env: Any, task: str) -> None:
    """Say on stderr where episodes are cut because the environment has no time limit."""
    limit = getattr(env, "limit", None)
    if limit is not None:
        said = f"{task} has no time limit: its episodes are cut after {limit} steps"
        print(f"{said}; register it with max_episode_steps for another", file=sys.stderr)


def _percent(share: float | None) -> str:
    return "-" if share is None else percent(share)


def write_results(folder: Path, result: dict[str, Any], learner: Any) -> None:
    """Write result, curve and policy into a folder."""
    import json

    from elbowroom.grasping.networks.policy import save_policy
    from elbowroom.grasping.training.curves import draw_curve, write_curve

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    if result["curve"]:
        write_curve(folder / "curve.csv", result["curve"])
        title = f"{result['method']} on {result['task']} ({result['obs']}), seed {result['seed']}"
        draw_curve(folder / "curve.png", result["curve"], title, result["guide_success"])
    facts = {k: v for k, v in result.items() if k != "curve"}
    save_policy(folder / "policy", learner.policy, facts | learner.shape)


class Progress:
    """One bar a stage, with the newest success beside it."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int, value: float) -> None:
        """Show how far a stage is."""
        from tqdm import tqdm

        if stage != self._stage:
            self.close()
            quiet = not sys.stderr.isatty()
            self._bar = tqdm(total=total, desc=stage, mininterval=30.0 if quiet else 0.2)
            self._stage = stage
        self._bar.set_postfix_str(f"success {value:.2f}", refresh=False)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
