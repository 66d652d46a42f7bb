"""Makes the skill that the parameters of the grasping node ask for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elbowroom.core import ArtefactError, ParameterError, Params, param
from elbowroom.grasping.environments.action import SIZE
from elbowroom.grasping.environments.observation import state_size
from elbowroom.grasping.environments.tasks import Task, find_task
from elbowroom.grasping.guides.named import find_guide
from elbowroom.grasping.networks.policy import Policy, default_policy, load_policy
from elbowroom.grasping.networks.tap import PolicyTapParams, make_policy_tap
from elbowroom.grasping.seeing.estimator import find_eye
from elbowroom.nodes.grasping.observer import ImageObserver, Observer, StateObserver
from elbowroom.nodes.grasping.sight import Table, TableParams
from elbowroom.nodes.grasping.skill import Skill


@dataclass(frozen=True)
class SkillParams(Params):
    """Who acts, and what is observed."""

    task: str = param(
        "instance",
        "what the policy was made for",
        choices=("indiscriminate", "instance", "hard", "cuff"),
    )
    obs: str = param("state", "what the policy looks at", choices=("state", "image"))
    control: str = param(
        "guide",
        "who acts: the guide, the learned policy, or the guide for the first `horizon` steps",
        choices=("guide", "exploration", "combined"),
    )
    horizon: int = param(
        0, "steps that the guide acts first when control is combined", low=0, high=1000
    )
    guide: str = param(
        "scripted",
        "the guide: scripted, clumsy, sb3:ALGORITHM:FILE, torchscript:FILE, or a policy's folder",
    )
    policy: str = param("", "folder of a learned policy; empty for the one that ships")
    eye: str = param("", "folder of the eye that sees images; empty for the one that ships")
    seed: int = param(0, "seed of the guide", low=0, high=2**31)


def make_skill(
    params: SkillParams, place: TableParams, features: PolicyTapParams | None = None
) -> Skill:
    """The skill of a node's parameters.

    Args:
        params: who acts.
        place: where the gripper may go.
        features: which of the policy's layers are read; by default as declared.

    Raises:
        ParameterError: if the horizon is longer than the task, or the policy lacks a layer.
        ArtefactError: if the policy cannot be read or is for something else.
        GraspError: if there is no such guide, or guide or eye do not fit.
    """
    task, table = find_task(params.task), Table(place)
    if params.horizon > task.horizon:
        raise ParameterError(
            f"horizon must lie in 0..{task.horizon} for the task {task.name}, got {params.horizon}"
        )
    guided = params.control != "exploration"
    taught = params.control != "guide" or params.policy
    policy = find_policy(params, task) if taught else None
    obs = params.obs if policy else "state"
    size = state_size(task), SIZE
    return Skill(
        task,
        find_guide(params.guide, size, task.name, obs) if guided else None,
        policy,
        make_observer(params, task, table, guided, policy),
        table,
        {"guide": task.horizon, "exploration": 0, "combined": params.horizon}[params.control],
        params.seed,
        make_policy_tap(policy, features or PolicyTapParams()),
    )


def make_observer(
    params: SkillParams, task: Task, table: Table, guided: bool, policy: Policy | None
) -> Observer:
    """What the policy of a node's parameters looks at; without a policy the state is enough."""
    if params.obs == "state" or policy is None:
        return StateObserver(task, table)
    eye = find_eye(task, Path(params.eye) if params.eye else None)
    policy.check_eye(eye.version)
    return ImageObserver(task, table, eye, guided)


def find_policy(params: SkillParams, task: Task) -> Policy:
    """The learned policy of a node's parameters.

    Raises:
        ArtefactError: if it cannot be read, or was trained on other observations, for another
            task, or for a hand with other actions.
    """
    policy = load_policy(Path(params.policy)) if params.policy else default_policy(params.obs)
    facts = policy.facts
    wanted = {
        "obs": params.obs,
        "task": task.name,
        "observation": state_size(task),
        "action": SIZE,
    }
    wrong = [f"{k} {facts[k]!r} instead of {v!r}" for k, v in wanted.items() if facts[k] != v]
    if wrong:
        raise ArtefactError(f"the policy does not fit: it has {', '.join(wrong)}")
    return policy
