"""Soft actor-critic (Haarnoja et al. 2018, arXiv 1812.05905).

Three departures, for sparse rewards: the entropy is left out of the target, the target is cut to
the returns that are possible, and good actions of the past are imitated.

    y = clip(r + b min_k Q'_k(s', a'), 0, ceiling),  a' ~ pi(s')
    L_Q = mean (Q_k(s, a) - y)^2
    L_pi = mean (w log pi(a'|s) - q(a') + c 1(q(a) > q(a')) |m(s) - a|^2),  q = min_k Q_k(s, .)

b is the transition's bootstrap factor, m the actor's most likely action, a the one that was done.
The last term imitates what was better than the actor's own (the Q-filter of Nair et al. 2018,
arXiv 1709.10089, over the whole memory).
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from elbowroom.grasping.learners.base import Batch, Learner, make_batch
from elbowroom.grasping.networks import Actor, Critics
from elbowroom.grasping.replay import Transitions


class SAC(Learner):
    """Soft actor-critic."""

    def build(self) -> None:
        """Make actor, critics and their target."""
        p = self.params
        self.nets["actor"] = Actor(self.observation, self.action, p.hidden, p.activation, p.dropout)
        self.nets["critic"] = Critics(
            self.observation, self.action, p.hidden, p.activation, p.critics
        )
        self.nets["target"] = copy.deepcopy(self.nets["critic"]).requires_grad_(False)
        self.add_optimiser("actor")
        self.add_optimiser("critic")

    def update(self, rows: Transitions) -> dict[str, float]:
        """One step of critics, actor and target."""
        batch = make_batch(rows)
        self.nets["actor"].train()
        critic_loss = self._fit_critics(batch)
        value = self.improve(batch)
        self.follow("target", "critic")
        return {"critic_loss": critic_loss, "value": value}

    def _fit_critics(self, batch: Batch) -> float:
        with torch.no_grad():
            action, _ = self.nets["actor"].sample(
                batch.next_observation, self.draw_noise(len(batch.reward))
            )
            value = self.nets["target"](batch.next_observation, action).amin(0)
            target = self.cut(batch.reward + batch.bootstrap * value)
        loss = (self.nets["critic"](batch.observation, batch.action) - target).square().mean()
        self.descend("critic", loss + self.penalty(batch))
        return loss.item()

    def penalty(self, batch: Batch) -> Tensor | float:
        """What the critics' loss is raised by."""
        return 0.0

    def improve(self, batch: Batch) -> float:
        """One step of the actor; returns the mean value of its actions."""
        p, actor, critic = self.params, self.nets["actor"], self.nets["critic"]
        noise = self.draw_noise(len(batch.reward))
        action, density, own = actor.sample_about(batch.observation, noise)
        critic.requires_grad_(False)
        value = critic(batch.observation, action).amin(0)
        loss = (p.entropy * density - value).mean()
        if p.imitation > 0:
            with torch.no_grad():
                given = critic(batch.observation, batch.action).amin(0)
                better = (given > value).float()
            loss = loss + p.imitation * (better * (own - batch.action).square().mean(-1)).mean()
        self.descend("actor", loss)
        critic.requires_grad_(True)
        return value.mean().item()
