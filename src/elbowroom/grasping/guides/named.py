"""Guides by name."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.guides.guide import Guide, PolicyGuide
from elbowroom.grasping.guides.scripted import ScriptedGuide

CLUMSY = (0.016, 0.25, 0.1)
"""Errors of place [m] and turn [rad], and noise, of the clumsy guide."""
_SCRIPTED = {"scripted": (0.0, 0.0, 0.0), "clumsy": CLUMSY}
_FORMS = "sb3:ALGORITHM:FILE, torchscript:FILE or the folder of a policy"


def find_guide(name: str, size: tuple[int, int], task: str, obs: str = "state") -> Guide:
    """A guide that needs no demonstrations.

    A policy that was trained on states is shown the state, also where the learner sees images.

    Args:
        name: scripted, clumsy, sb3:ALGORITHM:FILE, torchscript:FILE, or the folder of a policy.
        size: lengths of an observation and of an action.
        task: of this package, or the id of an environment.
        obs: "state" or "image", what the learner sees.

    Raises:
        GraspError: if there is none of that name, or it takes other observations, gives other
            actions or acts in other tasks.
    """
    form, _, file = name.partition(":")
    if name in _SCRIPTED:
        if task not in TASKS:
            raise GraspError(
                f"the guide {name} grasps in the tasks {sorted(TASKS)}, not in {task}; for that a "
                f"guide is {_FORMS}, or with --offline clone or recorded"
            )
        return ScriptedGuide(*_SCRIPTED[name])
    if form == "sb3":
        from elbowroom.grasping.guides.sb3 import load_sb3_guide

        return load_sb3_guide(file, size)
    if form == "torchscript":
        return PolicyGuide(_load_module(Path(file)), action=size[1])
    if Path(name).is_dir():
        return _read_policy(Path(name), size, obs)
    raise GraspError(f"a guide is scripted, clumsy, {_FORMS}, got {name!r}")


def _read_policy(folder: Path, size: tuple[int, int], obs: str) -> PolicyGuide:
    from elbowroom.grasping.networks.policy import load_policy

    policy = load_policy(folder)
    policy.check_size(size, f"the guide {folder.name}")
    trained = policy.facts["obs"]
    if trained == "image" and obs == "state":
        raise GraspError(f"the guide {folder.name} was trained on images; here are states only")
    key = "state" if trained == "state" and obs == "image" else "observation"
    return PolicyGuide(policy, key=key, action=size[1])


def _load_module(path: Path) -> torch.nn.Module:
    if not path.is_file():
        raise GraspError(f"there is no file {path}")
    try:
        with warnings.catch_warnings():
            # PyTorch writes such files no more, but there are many.
            warnings.simplefilter("ignore", DeprecationWarning)
            module: torch.nn.Module = torch.jit.load(str(path), map_location="cpu")
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise GraspError(f"{path} does not hold a TorchScript module: {reason}") from error
    return module
