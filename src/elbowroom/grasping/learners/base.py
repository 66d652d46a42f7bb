"""What every learner can do, and the settings they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from elbowroom.core import Params, param
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.networks.actor_critic import ACTIVATIONS

Single = NDArray[np.float32]

HEAVIEST = 100.0
"""Greatest weight of an imitated action, as published for advantage weighting."""


@dataclass(frozen=True)
class LearnerParams(Params):
    """Settings that the learners share; each reads those it needs."""

    width: int = param(128, "Width of the hidden layers.", low=8, high=2048)
    depth: int = param(2, "Number of hidden layers.", low=1, high=8)
    activation: str = param("relu", "Between the layers.", choices=ACTIVATIONS)
    dropout: float = param(0.0, "Share left out in the actor.", low=0.0, high=0.9)
    learning_rate: float = param(1e-3, "Learning rate.", low=1e-6, high=0.1)
    tau: float = param(
        0.01, "Share of the way that the target network goes at an update.", low=1e-5, high=1.0
    )
    ceiling: float = param(
        1.0, "Targets are cut to [0, ceiling]; 0 for not at all.", low=0.0, high=1e6
    )
    entropy: float = param(0.002, "Weight of the actor's entropy (SAC).", low=0.0, high=10.0)
    critics: int = param(2, "Value functions, of which the least counts.", low=1, high=20)
    switches: int = param(
        0,
        "Last numbers of an action of which only the sign counts (SAC, CQL); 1 for the tasks of "
        "this package: the gripper.",
        low=0,
        high=4,
    )
    switch_temperature: float = param(
        0.02, "Temperature at which a switch is drawn by its value (SAC, CQL).", low=1e-6, high=10.0
    )
    ema: float = param(
        0.005,
        "Share of the newest actor in the exponential moving average that is judged and ships "
        "(SAC, CQL, AWAC).",
        low=1e-5,
        high=1.0,
    )
    policy_delay: int = param(
        2, "Updates of the critics for one of the actor (SAC, CQL).", low=1, high=100
    )
    expectile: float = param(0.8, "Of the value (IQL).", low=0.5, high=0.999)
    temperature: float = param(
        5.0, "Inverse temperature of advantages (IQL, AWAC, AW-Opt).", low=0.0, high=1e3
    )
    candidates: int = param(32, "Actions in a search (QT-Opt, AW-Opt).", low=4, high=4096)
    elites: int = param(6, "Of which the best are kept.", low=2, high=512)
    rounds: int = param(2, "Rounds of the search.", low=1, high=20)
    spread: float = param(0.15, "Noise on explored actions (QT-Opt, AW-Opt).", low=0.0, high=2.0)
    epsilon: float = param(
        0.05, "Share of explored actions that are random (QT-Opt).", low=0.0, high=1.0
    )
    cql_alpha: float = param(0.2, "Weight of the penalty (CQL).", low=0.0, high=100.0)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Widths of the hidden layers."""
        return (self.width,) * self.depth


@dataclass(frozen=True)
class Batch:
    """`Transitions` as tensors."""

    observation: Tensor
    action: Tensor
    reward: Tensor
    next_observation: Tensor
    bootstrap: Tensor


def make_batch(rows: Transitions) -> Batch:
    """Tensors that share memory with the rows."""
    return Batch(
        torch.from_numpy(rows.observation),
        torch.from_numpy(rows.action),
        torch.from_numpy(rows.reward),
        torch.from_numpy(rows.next_observation),
        torch.from_numpy(rows.bootstrap),
    )


class Learner:
    """Base of the learners: networks and optimisers by name, and one source of noise.

    A learner sets `self.nets` and `self.optimisers`, and has `act` and `update`.

    Args:
        observation: length of an observation.
        action: length of an action.
        params: settings.
        seed: of the first weights and of all noise.
    """

    def __init__(self, observation: int, action: int, params: LearnerParams, seed: int) -> None:
        self.observation, self.action, self.params = observation, action, params
        self.noise = torch.Generator().manual_seed(seed)
        self.nets: Any = nn.ModuleDict()  # whose members mypy takes for tensors
        self.optimisers: dict[str, torch.optim.Optimizer] = {}
        self.updates = 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.build()

    def build(self) -> None:
        """Make the networks and optimisers."""
        raise NotImplementedError

    @property
    def shape(self) -> dict[str, Any]:
        """What a policy artefact has to say of the networks."""
        return {
            "observation": self.observation,
            "action": self.action,
            "hidden": list(self.params.hidden),
            "activation": self.params.activation,
            "dropout": self.params.dropout,
            "switches": self.count_switches(),
        }

    def count_switches(self) -> int:
        """How many of the last numbers of an action are switches to this learner."""
        return 0

    @property
    def policy(self) -> Any:
        """The network that is judged and ships: `mode` gives its actions."""
        return self.nets["actor"]

    def act(self, observation: Single, explore: bool) -> Single:
        """Actions of a batch.

        Args:
            observation: shape (B, o).
            explore: whether to add the learner's exploration noise.

        Returns:
            Shape (B, a), in [-1, 1].
        """
        x = self.check(observation)
        with torch.no_grad():
            action = self.explore(x) if explore else self.policy.eval().mode(x)
            return action.numpy()

    def explore(self, observation: Tensor) -> Tensor:
        """Actions with the learner's exploration noise, shape (B, a)."""
        noise = self.draw_noise(len(observation))
        action: Tensor = self.nets["actor"].eval().draw(observation, noise)
        return action

    def update(self, rows: Transitions) -> dict[str, float]:
        """One gradient step; returns what it measured."""
        raise NotImplementedError

    def imitate(self, rows: Transitions) -> float:
        """One step of the actor towards the given actions; returns the mean squared error."""
        batch = make_batch(rows)
        self.nets["actor"].train()
        actor = self.nets["actor"]
        loss = (actor.mode(batch.observation) - batch.action).square().mean()
        self.descend("actor", loss)
        return loss.item()

    def cut(self, target: Tensor) -> Tensor:
        """Targets cut to the returns that are possible; as they are where `ceiling` is 0."""
        ceiling = self.params.ceiling
        return target.clamp(0.0, ceiling) if ceiling > 0 else target

    def draw_noise(self, count: int) -> Tensor:
        """Standard normal numbers, shape (count, a)."""
        return torch.randn(count, self.action, generator=self.noise)

    def check(self, observation: Single) -> Tensor:
        """The observations as a tensor.

        Raises:
            GraspError: if they are of another length than this policy was made for.
        """
        if observation.ndim != 2 or observation.shape[1] != self.observation:
            raise GraspError(
                f"the policy takes observations of {self.observation} numbers, "
                f"got an array of shape {observation.shape}"
            )
        return torch.from_numpy(np.ascontiguousarray(observation, dtype=np.float32))

    def add_optimiser(self, name: str) -> None:
        """Adam for the network of that name."""
        self.optimisers[name] = torch.optim.Adam(
            [flatten(self.nets[name])], lr=self.params.learning_rate, fused=True
        )

    def descend(self, name: str, loss: Tensor) -> None:
        """One step of the network's optimiser."""
        optimiser = self.optimisers[name]
        optimiser.zero_grad(set_to_none=False)
        loss.backward()
        optimiser.step()

    def average(self, target: str, source: str, tau: float) -> None:
        """Polyak averaging: w_target <- (1 - tau) w_target + tau w_source."""
        with torch.no_grad():
            to: list[Tensor] = list(self.nets[target].parameters())
            of: list[Tensor] = list(self.nets[source].parameters())
            torch._foreach_lerp_(to, of, tau)

    def tensors(self) -> dict[str, Tensor]:
        """Everything that was learned, for a checkpoint: networks, optimisers, noise."""
        out = {f"nets.{k}": v for k, v in self.nets.state_dict().items()}
        for name, optimiser in self.optimisers.items():
            for index, entry in optimiser.state_dict()["state"].items():
                for key, value in entry.items():
                    out[f"optimisers.{name}.{index}.{key}"] = torch.as_tensor(value)
        out["noise"] = self.noise.get_state()
        out["updates"] = torch.tensor(self.updates)
        return {k: v.detach().clone().contiguous() for k, v in out.items()}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave.

        Raises:
            GraspError: if the tensors are those of another learner or of other shapes.
        """
        try:
            prefix = "nets."
            nets = {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
            self.nets.load_state_dict(nets)
            for name, optimiser in self.optimisers.items():
                _load_optimiser(optimiser, f"optimisers.{name}.", tensors)
            self.noise.set_state(tensors["noise"])
            self.updates = int(tensors["updates"])
        except (KeyError, RuntimeError) as error:
            raise GraspError(f"the checkpoint does not fit this learner: {error}") from error


def flatten(net: nn.Module) -> nn.Parameter:
    """Lay the network's weights side by side and return them as one, its gradient as well.

    The weights become views: what changes the one changes the others. An optimiser's step over
    one tensor costs a tenth of one over twenty.
    """
    weights = list(net.parameters())
    flat = nn.Parameter(torch.cat([w.detach().flatten() for w in weights]))
    flat.grad = torch.zeros_like(flat)
    first = 0
    for w in weights:
        part = slice(first, first + w.numel())
        w.data, w.grad = flat.data[part].view(w.shape), flat.grad[part].view(w.shape)
        first += w.numel()
    return flat


def _load_optimiser(
    optimiser: torch.optim.Optimizer, prefix: str, tensors: dict[str, Tensor]
) -> None:
    state = optimiser.state_dict()
    entries: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith(prefix):
            index, name = key[len(prefix) :].split(".")
            entries.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict({"state": entries, "param_groups": state["param_groups"]})
