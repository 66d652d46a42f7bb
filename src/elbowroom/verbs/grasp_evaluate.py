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

    task: str = param("", "what is grasped; by default what the policy was trained for")
    env: str = param("", "id of a Gymnasium environment instead of a task")
    obs: str = param(
        "",
        "what the policy sees; by default what it was trained on, or state",
        choices=("", "state", "image"),
    )
    policy: str = param(
        "default", "default (it ships with the package), the folder of a policy, or none"
    )
    guide: str = param(
        "",
        "who acts first: scripted, clumsy, sb3:ALGORITHM:FILE, torchscript:FILE or the folder of "
        "a policy",
    )
    horizon: int = param(0, "steps of the guide", low=0, high=1_000_000)
    episodes: int = param(100, "fresh episodes", low=1, high=1_000_000)


GROUPS = {"": GraspEvaluateParams}
RESUME = "nothing was written; run it again"


def run(options: Options) -> dict[str, Any]:
    """Evaluate and print."""
    from elbowroom.grasping.environments.gymnasium_world import require_success
    from elbowroom.grasping.errors import GraspError
    from elbowroom.grasping.guides.named import find_guide
    from elbowroom.grasping.networks.policy import default_policy, load_policy
    from elbowroom.grasping.seeing.estimator import SeeingEnv
    from elbowroom.grasping.training.evaluation import evaluate
    from elbowroom.grasping.training.setup import find_sizes
    from elbowroom.grasping.worlds import make_env

    p = options.of(GraspEvaluateParams)
    policy = None
    if p.policy != "none":
        default = p.policy == "default"
        policy = default_policy(p.obs or "state") if default else load_policy(Path(p.policy))
    trained = policy.facts if policy else {"task": "instance", "obs": "state"}
    if p.task and p.task not in TASK_NAMES:
        raise GraspError(f"a task is one of {list(TASK_NAMES)}, got {p.task!r}")
    task, obs = p.env or p.task or trained["task"], p.obs or trained["obs"]
    if policy and obs != trained["obs"]:
        raise GraspError(f"the policy was trained on --obs {trained['obs']}, got --obs {obs}")
    env = make_env(task, obs)
    if policy and isinstance(env, SeeingEnv):
        policy.check_eye(env.eye_version)
    if task not in TASK_NAMES:
        require_success(env, task)
    guide = find_guide(p.guide, find_sizes(env), task, obs) if p.guide else None
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
    steps = figures["steps_to_success"]
    show_figures(
        f"{p.episodes} episodes of {task} ({obs})",
        {
            "policy": "none" if policy is None else f"{p.policy} {policy.version}",
            "guide": f"{p.guide} {_say_horizon(p, policy)}" if p.guide else "none",
            "success": percent(figures["success"]),
            "95 % interval": " to ".join(percent(v) for v in figures["interval"]),
            "steps to success": "-" if steps is None else f"{steps:.1f} mean",
        },
    )
    return {"task": task, "obs": obs, "guide": p.guide, "horizon": p.horizon, **figures}


def _say_horizon(p: GraspEvaluateParams, policy: Any) -> str:
    return "to the end" if policy is None else f"for {p.horizon} steps"
