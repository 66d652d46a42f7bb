"""AW-Opt (Lu et al. 2021, arXiv 2111.05424): QT-Opt with an actor that imitates good actions.

The actor imitates only transitions that were better than what it would have done (positive
filtering), weighted by their advantage, and gives the cross-entropy method its start, in the
targets and when acting:

    L_pi = -mean 1(A > 0) min(exp(T A), 100) log pi(a|s),  A = min_k Q_k(s, a) - min_k Q_k(s, pi(s))
"""

from __future__ import annotations

import torch
from torch import Tensor

from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.learners.base import HEAVIEST, Batch, make_batch
from elbowroom.grasping.learners.qt_opt import QTOpt
from elbowroom.grasping.networks.actor_critic import Actor

_ACTORS_SHARE = 0.2


class AWOpt(QTOpt):
    """QT-Opt with a filtered, advantage-weighted actor."""

    def build(self) -> None:
        """Make critics, their target and the actor."""
        super().build()
        p = self.params
        self.nets["actor"] = Actor(self.observation, self.action, p.hidden, p.activation, p.dropout)
        self.add_optimiser("actor")

    def explore(self, observation: Tensor) -> Tensor:
        """The best action found about the actor's, with noise; a fifth are the actor's own."""
        actor = self.nets["actor"].eval()
        best = self.search("critic", observation, actor.mode(observation))
        noisy, _ = actor.sample(observation, self.draw_noise(len(observation)))
        best = best + self.params.spread * self.draw_noise(len(best))
        mine = torch.rand(len(best), 1, generator=self.noise) < _ACTORS_SHARE
        return torch.where(mine, noisy, best).clamp(-1, 1)

    def update(self, rows: Transitions) -> dict[str, float]:
        """One step of critics, actor and target."""
        batch = make_batch(rows)
        self.nets["actor"].train()
        loss, value = self.fit(batch)
        self.average("target", "critic", self.params.tau)
        return {"critic_loss": loss, "value": value, "kept": self._improve(batch)}

    def start(self, observation: Tensor) -> Tensor:
        """The actor's mode."""
        mode: Tensor = self.nets["actor"].mode(observation)
        return mode

    def _improve(self, batch: Batch) -> float:
        """One step of the actor; returns the share of transitions that it imitated."""
        actor, critic = self.nets["actor"], self.nets["critic"]
        with torch.no_grad():
            base = critic(batch.observation, actor.mode(batch.observation)).amin(0)
            advantage = critic(batch.observation, batch.action).amin(0) - base
            better = (advantage > 0).float()
            factor = better * (self.params.temperature * advantage).exp().clamp(max=HEAVIEST)
        density = actor.log_density(batch.observation, batch.action)
        self.descend("actor", -(factor * density).mean())
        return better.mean().item()
