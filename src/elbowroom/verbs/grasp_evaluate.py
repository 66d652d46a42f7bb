"""Measure a grasping policy over fresh episodes: alone, or after h steps of a guide."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.core import Params, param
from elbowroom.verbs.grasp_train import TASK_NAMES, Progress
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import percent, show_figures


@dataclass(frozen=True)
class GraspEvaluateParams(Params):
    """What is measured."""

    task: str = param("", "what is grasped; by default what it was trained for")
    env: str = param("", "id of a Gymnasium environment instead of a task")
    obs: str = param("state", "what the policy sees", choices=("state", "image"))
    policy: str = param(
        "default", "default (it ships with the package), the folder of a policy, or none"
    )
    guide: str = param("", "who acts first: scripted, clumsy, sb3:ALGORITHM:FILE or a folder")
    horizon: int = param(0, "steps of the guide", low=0, high=1_000_000)
    episodes: int = param(100, "fresh episodes", low=1, high=1_000_000)


GROUPS = {"": GraspEvaluateParams}
RESUME = "nothing was written; run it again"


def run(options: Options) -> dict[str, Any]:
    """Evaluate and print."""
    from elbowroom.grasping.errors import GraspError
    from elbowroom.grasping.evaluation import evaluate
    from elbowroom.grasping.experiment import find_guide, find_sizes
    from elbowroom.grasping.policy import default_policy, load_policy
    from elbowroom.grasping.worlds import make_env

    p = options.of(GraspEvaluateParams)
    policy = None
    if p.policy != "none":
        default = p.policy == "default"
        policy = default_policy(p.obs) if default else load_policy(Path(p.policy))
    task = p.env or p.task or (policy.facts["task"] if policy else "instance")
    if not p.env and task not in TASK_NAMES:
        raise GraspError(f"a task is one of {list(TASK_NAMES)}, got {task!r}")
    env = make_env(task, p.obs)
    guide = find_guide(p.guide, find_sizes(env)[0]) if p.guide else None
    progress = Progress()
    figures = evaluate(
        env,
        policy,
        guide,
        p.horizon,
        p.episodes,
        options.seed,
        lambda done, total, rate: progress("evaluate", done, total, rate),
    )
    progress.close()
    show_figures(
        f"{p.episodes} episodes of {task} ({p.obs})",
        {
            "policy": "none" if policy is None else f"{p.policy} {policy.version}",
            "guide": f"{p.guide} for {p.horizon} steps" if p.guide else "none",
            "success": percent(figures["success"]),
            "95 % interval": " to ".join(percent(v) for v in figures["interval"]),
            "steps to success": f"{figures['steps_to_success'] or 0:.1f} mean",
        },
    )
    return {"task": task, "obs": p.obs, "guide": p.guide, "horizon": p.horizon, **figures}
