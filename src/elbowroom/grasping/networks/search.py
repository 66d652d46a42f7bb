"""The cross-entropy method: the action that a value function likes best, without an actor.

Draw N actions from a Gaussian, keep the M best, fit the Gaussian to them, repeat (QT-Opt,
Kalashnikov et al. 2018, arXiv 1806.10293):

    a_n ~ N(m, diag s^2),  m, s <- mean, deviation of the M actions of greatest min_k Q_k(o, a_n)
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from elbowroom.grasping.networks.actor_critic import Actor, Critics, Perceptrons

_NARROWEST = 0.05
_WIDE, _ABOUT = 0.7, 0.3
"""Spread of the first actions about 0, and about a start that is given."""
_SEED = 0


def search(
    critics: nn.Module,
    observation: Tensor,
    start: Tensor | None,
    draws: list[Callable[[], Tensor]],
    elites: int,
) -> Tensor:
    """Search for the action of greatest value.

    Args:
        critics: values (M, B) of observations (B, o) and actions (B, a).
        observation: shape (B, o).
        start: mean of the first actions, shape (B, a); None for 0, with a wider spread.
        draws: gives the standard normal numbers of every round, shape (B or 1, N, a).
        elites: how many of N are kept.

    Returns:
        The best action of the last round, in [-1, 1], shape (B, a).
    """
    mean: Tensor | float = 0.0 if start is None else start[:, None]
    spread: Tensor | float = _WIDE if start is None else _ABOUT
    best = observation
    for draw in draws:
        drawn = (mean + spread * draw()).clamp(-1, 1).expand(len(observation), -1, -1)
        count, candidates, size = drawn.shape
        tiled = observation.repeat_interleave(candidates, 0)
        value = critics(tiled, drawn.reshape(-1, size)).amin(0)
        rank = value.view(count, candidates).topk(elites, 1).indices
        best = drawn.gather(1, rank[..., None].expand(-1, -1, size))
        mean = best.mean(1)[:, None]
        spread = best.std(1).clamp(min=_NARROWEST)[:, None]
    return best[:, 0]


class SearchPolicy(nn.Module):
    """The policy of a learner that searches: critics, and an actor where the search begins.

    The candidates come from numbers drawn once, so the same observation gives the same action,
    alone or in a batch.

    Args:
        critics: the value functions.
        actor: whose mode the search begins at; None to begin at 0.
        action: length a of an action.
        candidates: N.
        elites: M.
        rounds: how often.
    """

    noise: Tensor

    def __init__(
        self,
        critics: Critics,
        actor: Actor | None,
        action: int,
        candidates: int,
        elites: int,
        rounds: int,
    ) -> None:
        super().__init__()
        self.critics, self.actor, self._elites = critics, actor, elites
        own = torch.Generator().manual_seed(_SEED)
        noise = torch.randn(rounds, 1, candidates, action, generator=own)
        self.register_buffer("noise", noise, persistent=False)

    def mode(self, observation: Tensor) -> Tensor:
        """The action that is found, shape (B, a)."""
        start = None if self.actor is None else self.actor.mode(observation)
        draws = [noise.clone for noise in self.noise]
        return search(self.critics, observation, start, draws, self._elites)

    @property
    def inner(self) -> Perceptrons:
        """The perceptrons of the critics."""
        return self.critics.body

    def enter(self, observation: Tensor, action: Tensor) -> Tensor:
        """What goes into them once an action was found, shape (B, o + a)."""
        return torch.cat([observation, action], -1)
