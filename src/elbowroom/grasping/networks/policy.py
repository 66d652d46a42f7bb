"""A trained policy as an artefact: what the robot runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elbowroom.core import ARTEFACTS, Artefact, ArtefactError, load_artefact, save_artefact
from elbowroom.grasping.environments.tasks import TASKS, Task
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.networks.actor_critic import Actor, Critics
from elbowroom.grasping.networks.search import SearchPolicy

Single = NDArray[np.float32]

SCHEMA = "grasp_policy"
_SHAPE = ("observation", "action", "hidden", "activation")


class Policy:
    """A policy without noise: one observation in, one action out.

    Args:
        net: the network.
        facts: what the manifest says: task, obs, observation, action, hidden, activation, and
            how many of the last numbers of an action are switches, ...
        version: of the artefact, or empty.
    """

    def __init__(self, net: Actor | SearchPolicy, facts: dict[str, Any], version: str = "") -> None:
        self.net, self.facts, self.version = net.eval(), facts, version

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

    def check_eye(self, version: str) -> None:
        """Refuse another eye than the one that it was trained through, where that is known.

        Raises:
            GraspError: if it is another.
        """
        known = self.facts.get("inputs", {}).get("eye", version)
        if known != version:
            raise GraspError(f"the policy was trained through the eye {known}, this is {version}")

    def check_size(self, size: tuple[int, int], name: str = "the policy") -> None:
        """Refuse an environment of other lengths.

        Args:
            size: lengths of an observation and of an action of the environment.
            name: of the policy, for the message.

        Raises:
            GraspError: if they are not the policy's.
        """
        takes, gives = self.observation, int(self.facts["action"])
        if (takes, gives) != size:
            raise GraspError(
                f"{name} takes {takes} numbers and gives {gives}, "
                f"the environment gives {size[0]} and takes {size[1]}"
            )

    def __call__(self, observation: Single) -> Single:
        """Action in [-1, 1], shape (a,), for one observation, shape (o,); switches are -1 or 1.

        Raises:
            GraspError: if the observation has another shape or is not finite.
        """
        with torch.no_grad():
            action = self.net.mode(self._check(observation))[0].numpy()
        switches = int(self.facts.get("switches", 0))
        if switches:
            action[-switches:] = np.where(action[-switches:] > 0, 1.0, -1.0)
        return action

    def run_layers(self, observation: Single, action: Single) -> None:
        """Evaluate the layers of the perceptron one by one, for whoever has hooks on them.

        Args:
            observation: shape (o,).
            action: that was chosen for it, shape (a,); only a policy that searches looks at it.

        Raises:
            GraspError: if the observation has another shape or is not finite.
        """
        chosen = torch.from_numpy(np.asarray(action, np.float32))[None]
        with torch.no_grad():
            x = self.net.enter(self._check(observation), chosen)
            self.net.inner.layers(x.expand(self.net.inner.members, *x.shape))

    def _check(self, observation: Single) -> Tensor:
        array = np.asarray(observation, np.float32)
        if array.shape != (self.observation,) or not np.isfinite(array).all():
            raise GraspError(
                f"the policy takes {self.observation} finite numbers, got shape {array.shape}"
            )
        return torch.from_numpy(array)[None]


def save_policy(folder: Path, net: Actor | SearchPolicy, facts: dict[str, Any]) -> Artefact:
    """Write a policy as an artefact.

    Args:
        folder: of the artefact.
        net: the network.
        facts: must hold what `Policy` asks for, and `Learner.shape` where it is not an actor
            without dropout.

    Raises:
        GraspError: if the facts lack something.
    """
    missing = [k for k in (*_SHAPE, "task", "obs") if k not in facts]
    if missing:
        raise GraspError(f"the policy's facts lack {', '.join(missing)}")
    tensors = {k: v.detach().cpu().numpy() for k, v in net.state_dict().items()}
    return save_artefact(folder, SCHEMA, tensors, facts)


def load_policy(folder: Path) -> Policy:
    """Read a policy.

    Raises:
        ArtefactError: if it is missing, damaged, or its tensors do not have the shape it claims.
    """
    artefact = load_artefact(folder, SCHEMA)
    facts = artefact.facts
    try:
        net = _make_net(facts)
        net.load_state_dict({k: torch.from_numpy(v) for k, v in artefact.tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ArtefactError(f"{folder.name} does not hold the policy it claims: {error}") from error
    return Policy(net, facts, artefact.version)


def _make_net(facts: dict[str, Any]) -> Actor | SearchPolicy:
    observation, action = int(facts["observation"]), int(facts["action"])
    hidden, activation = tuple(int(w) for w in facts["hidden"]), str(facts["activation"])

    def make_actor() -> Actor:
        # Artefacts that do not tell were trained without dropout.
        return Actor(observation, action, hidden, activation, float(facts.get("dropout", 0.0)))

    kind = facts.get("kind", "actor")
    if kind == "actor":
        return make_actor()
    if kind != "search":
        raise ValueError(f"a policy is of the kind 'actor' or 'search', got {kind!r}")
    numbers = (int(facts[k]) for k in ("candidates", "elites", "rounds"))
    critics = Critics(observation, action, hidden, activation)
    return SearchPolicy(critics, make_actor() if facts["actor"] else None, action, *numbers)


def default_policy(obs: str = "state") -> Policy:
    """The policy that ships with the package for state or image observations."""
    return load_policy(ARTEFACTS / f"grasp_{obs}")
