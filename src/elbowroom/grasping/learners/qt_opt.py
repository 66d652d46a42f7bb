"""QT-Opt (Kalashnikov et al. 2018, arXiv 1806.10293): a value function and no actor.

The action is found by the cross-entropy method (`elbowroom.grasping.networks.search`).

    y = clip(r + b min_k Q'_k(s', a*)),  a* = argmax_a min_k Q'_k(s', a)
"""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import torch
from torch import Tensor

from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.learners.base import Batch, Learner, make_batch
from elbowroom.grasping.networks.actor_critic import Critics
from elbowroom.grasping.networks.search import SearchPolicy, search

_DENSER = 4
"""Candidates of the policy that is judged, by those of a search in training."""


class QTOpt(Learner):
    """Q-learning with the cross-entropy method."""

    def build(self) -> None:
        """Make critics and their target."""
        p = self.params
        self.nets["critic"] = Critics(self.observation, self.action, p.hidden, p.activation)
        self.nets["target"] = copy.deepcopy(self.nets["critic"]).requires_grad_(False)
        self.add_optimiser("critic")

    @property
    def shape(self) -> dict[str, Any]:
        """What a policy artefact has to say of the networks and of the search."""
        told = {"kind": "search", "actor": "actor" in self.nets, "rounds": self.params.rounds}
        return super().shape | told | self._count()

    @property
    def policy(self) -> SearchPolicy:
        """The search over the critics, about the actor's mode where there is one."""
        actor, rounds = dict(self.nets.items()).get("actor"), self.params.rounds
        critics = self.nets["critic"]
        return SearchPolicy(critics, actor, self.action, rounds=rounds, **self._count()).eval()

    def _count(self) -> dict[str, int]:
        # Candidates that are drawn once, not for every step anew, have to be more.
        p = self.params
        return {"candidates": _DENSER * p.candidates, "elites": _DENSER * p.elites}

    def explore(self, observation: Tensor) -> Tensor:
        """Actions of greatest value with noise on each number, some wholly random."""
        best = self.search("critic", observation)
        wild = torch.rand(best.shape, generator=self.noise) * 2 - 1
        random = torch.rand(len(best), 1, generator=self.noise) < self.params.epsilon
        best = best + self.params.spread * self.draw_noise(len(best))
        return torch.where(random, wild, best).clamp(-1, 1)

    def update(self, rows: Transitions) -> dict[str, float]:
        """One step of critics and target."""
        batch = make_batch(rows)
        loss, value = self.fit(batch)
        self.average("target", "critic", self.params.tau)
        return {"critic_loss": loss, "value": value}

    def fit(self, batch: Batch) -> tuple[float, float]:
        """One step of the critics; returns their loss and the mean target."""
        with torch.no_grad():
            later = batch.next_observation
            action = self.search("target", later, self.start(later))
            value = self.nets["target"](later, action).amin(0)
            target = self.cut(batch.reward + batch.bootstrap * value)
        loss = (self.nets["critic"](batch.observation, batch.action) - target).square().mean()
        self.descend("critic", loss)
        return loss.item(), target.mean().item()

    def start(self, observation: Tensor) -> Tensor | None:
        """Actions at which a search begins; None to begin wide about 0."""
        return None

    def search(self, net: str, observation: Tensor, start: Tensor | None = None) -> Tensor:
        """The best action of the last round, shape (B, a), by `grasping.networks.search`.

        Args:
            net: name of the critics.
            observation: shape (B, o).
            start: actions to begin from, shape (B, a); by default the Gaussian is wide about 0.
        """
        p = self.params
        shape = (len(observation), p.candidates, self.action)
        draw = partial(torch.randn, shape, generator=self.noise)
        return search(self.nets[net], observation, start, [draw] * p.rounds, p.elites)
