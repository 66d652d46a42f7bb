"""A trained policy as an artefact: what the robot runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from elbowroom.core import Artefact, ArtefactError, load_artefact, save_artefact
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.networks import Actor
from elbowroom.grasping.smelu import SmeLU
from elbowroom.grasping.tasks import TASKS, Task

Single = NDArray[np.float32]

SCHEMA = "grasp_policy"
ARTEFACTS = Path(__file__).resolve().parent.parent / "artefacts"
_SHAPE = ("observation", "action", "hidden", "activation")


class Policy:
    """A policy without noise: one observation in, one action out.

    Args:
        actor: the network.
        facts: what the manifest says: task, obs, observation, action, hidden, activation, and
            how many of the last numbers of an action are switches, ...
        version: of the artefact, or empty.
    """

    def __init__(self, actor: Actor, facts: dict[str, Any], version: str = "") -> None:
        self.actor, self.facts, self.version = actor.eval(), facts, version

    @property
    def task(self) -> Task:
        """What it was trained for.

        Raises:
            GraspError: if it is none of this package's tasks.
        """
        name = self.facts["task"]
        if name not in TASKS:
            raise GraspError(f"the policy was trained for {name!r}, not for one of {sorted(TASKS)}")
        return TASKS[name]

    @property
    def observation(self) -> int:
        """Length of an observation."""
        return int(self.facts["observation"])

    def __call__(self, observation: Single) -> Single:
        """Action in [-1, 1], shape (a,), for one observation, shape (o,); switches are -1 or 1.

        Raises:
            GraspError: if the observation has another shape or is not finite.
        """
        with torch.no_grad():
            action = self.actor.mode(self._check(observation))[0].numpy()
        switches = int(self.facts.get("switches", 0))
        if switches:
            action[-switches:] = np.where(action[-switches:] > 0, 1.0, -1.0)
        return action

    def activations(self, observation: Single) -> dict[str, Single]:
        """Output of every activation layer by its name, for the monitor; shapes (width,)."""
        kept: dict[str, Single] = {}
        x = self._check(observation)[None]
        with torch.no_grad():
            for name, layer in self.actor.body.layers.named_children():
                x = layer(x)
                if isinstance(layer, nn.ReLU | nn.SiLU | nn.Tanh | SmeLU):
                    kept[f"body.{name}"] = x[0, 0].numpy().copy()
        return kept

    def _check(self, observation: Single) -> Tensor:
        array = np.asarray(observation, np.float32)
        if array.shape != (self.observation,) or not np.isfinite(array).all():
            raise GraspError(
                f"the policy takes {self.observation} finite numbers, got shape {array.shape}"
            )
        return torch.from_numpy(array)[None]


def save_policy(folder: Path, actor: Actor, facts: dict[str, Any]) -> Artefact:
    """Write an actor as an artefact.

    Args:
        folder: of the artefact.
        actor: the network.
        facts: must hold what `Policy` asks for.
    """
    missing = [k for k in (*_SHAPE, "task", "obs") if k not in facts]
    if missing:
        raise GraspError(f"the policy's facts lack {', '.join(missing)}")
    tensors = {k: v.detach().cpu().numpy() for k, v in actor.state_dict().items()}
    return save_artefact(folder, SCHEMA, tensors, facts)


def load_policy(folder: Path) -> Policy:
    """Read a policy.

    Raises:
        ArtefactError: if it is missing, damaged, or its tensors do not have the shape it claims.
    """
    artefact = load_artefact(folder, SCHEMA)
    facts = artefact.facts
    try:
        actor = Actor(
            int(facts["observation"]),
            int(facts["action"]),
            tuple(int(w) for w in facts["hidden"]),
            str(facts["activation"]),
        )
        actor.load_state_dict({k: torch.from_numpy(v) for k, v in artefact.tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ArtefactError(f"{folder.name} does not hold the policy it claims: {error}") from error
    return Policy(actor, facts, artefact.version)


def default_policy(obs: str = "state") -> Policy:
    """The policy that ships with the package for state or image observations."""
    return load_policy(ARTEFACTS / f"grasp_{obs}")
