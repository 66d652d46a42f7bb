"""Measure a grasping policy over fresh episodes: alone, or after h steps of a guide."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.core import Params, param
from elbowroom.verbs.grasp_train import METHOD_NAMES, TASK_NAMES, Progress, find_folder, tell_limit
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import percent, show_figures
from elbowroom.verbs.threads import one_thread


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
        "",
        "default (it ships with the package), the folder of a policy, or none; by default that of "
        "--method, else default",
    )
    method: str = param(
        "",
        "how it was trained: takes the policy that elbowroom grasp train wrote for this task, obs, "
        "method and seed",
        choices=("", *METHOD_NAMES),
    )
    guide: str = param(
        "",
        "who acts first: scripted, clumsy, clone or recorded (made of --demos as a training with "
        "this seed and default settings makes them), sb3:ALGORITHM:FILE, torchscript:FILE or the "
        "folder of a policy",
    )
    demos: int = param(20, "demonstrations; with --offline 0 takes all", low=0, high=10_000_000)
    offline: str = param(
        "",
        "npz of recorded episodes to take demonstrations from, their actions in the units of the "
        "environment",
    )
    horizon: int = param(0, "steps of the guide", low=0, high=1_000_000)
    episodes: int = param(100, "fresh episodes", low=1, high=1_000_000)


GROUPS = {"": GraspEvaluateParams}
RESUME = "nothing was written; run it again"


@one_thread()
def run(options: Options) -> dict[str, Any]:
    """Evaluate and print."""
    from elbowroom.grasping.environments.gymnasium_world import require_success
    from elbowroom.grasping.errors import GraspError
    from elbowroom.grasping.seeing.estimator import SeeingEnv
    from elbowroom.grasping.training.evaluation import evaluate
    from elbowroom.grasping.training.experiment import Experiment
    from elbowroom.grasping.training.setup import find_sizes, prepare_guide
    from elbowroom.grasping.worlds import make_env

    p = options.of(GraspEvaluateParams)
    if p.task and p.task not in TASK_NAMES:
        raise GraspError(f"a task is one of {list(TASK_NAMES)}, got {p.task!r}")
    name, policy = _find_policy(p, options.seed)
    trained = policy.facts if policy else {"task": "instance", "obs": "state"}
    task, obs = p.env or p.task or trained["task"], p.obs or trained["obs"]
    if policy and obs != trained["obs"]:
        raise GraspError(f"the policy was trained on --obs {trained['obs']}, got --obs {obs}")
    env = make_env(task, obs)
    tell_limit(env, task)
    if task not in TASK_NAMES:
        require_success(env, task)
    if policy:
        policy.check_size(find_sizes(env))
    if policy and isinstance(env, SeeingEnv):
        policy.check_eye(env.eye_version)
    progress = Progress()
    guide = None
    if p.guide:
        what = Experiment(
            task, obs, guide=p.guide, demos=p.demos, offline=p.offline, seed=options.seed
        )
        guide = prepare_guide(what, env, progress)
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
            "policy": "none" if policy is None else f"{name} {policy.version}",
            "guide": f"{p.guide} {_say_horizon(p, policy)}" if p.guide else "none",
            "success": percent(figures["success"]),
            "95 % interval": " to ".join(percent(v) for v in figures["interval"]),
            "steps to success": "-" if steps is None else f"{steps:.1f} mean",
        },
    )
    said = {"task": task, "obs": obs, "method": trained.get("method", ""), "guide": p.guide}
    return {**said, "horizon": p.horizon, **figures}


def _find_policy(p: GraspEvaluateParams, seed: int) -> tuple[str, Any]:
    """Which policy is meant, and it; None where a guide is to act alone."""
    from elbowroom.grasping.errors import GraspError
    from elbowroom.grasping.networks.policy import default_policy, load_policy

    name = p.policy
    if not name and p.method:
        folder = find_folder(p.env or p.task or "instance", p.obs or "state", p.method, seed)
        name = str(folder / "policy")
        if not (folder / "policy").is_dir():
            raise GraspError(f"there is no {name}: train it first, or name another with --policy")
    if name == "none":
        return name, None
    if name in ("", "default"):
        name, policy = "default", default_policy(p.obs or "state")
    else:
        policy = load_policy(Path(name))
    method = policy.facts.get("method", p.method)
    if p.method and method != p.method:
        raise GraspError(f"the policy was trained by --method {method}, got --method {p.method}")
    return name, policy


def _say_horizon(p: GraspEvaluateParams, policy: Any) -> str:
    return "to the end" if policy is None else f"for {p.horizon} steps"
