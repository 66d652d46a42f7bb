"""Soft actor-critic (Haarnoja et al. 2018, arXiv 1812.05905), for sparse rewards.

Two departures, both measured to matter where success is rare: the entropy is left out of the
target, and the target is cut to the returns that are possible.

    y = clip(r + b min_k Q'_k(s', a'), 0, ceiling),  a' ~ pi(s')
    L_Q = mean (Q_k(s, a) - y)^2,  L_pi = mean (w log pi(a|s) - min_k Q_k(s, a))

b is the transition's bootstrap factor.
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
        action, density = actor.sample(batch.observation, noise)
        critic.requires_grad_(False)
        value = critic(batch.observation, action).amin(0)
        loss = (p.entropy * density - value).mean()
        if p.imitation > 0:
            own = actor.mode(batch.observation)
            with torch.no_grad():
                given = critic(batch.observation, batch.action).amin(0)
                better = (given > critic(batch.observation, own).amin(0)).float()
            loss = loss + p.imitation * (better * (own - batch.action).square().mean(-1)).mean()
        self.descend("actor", loss)
        critic.requires_grad_(True)
        return value.mean().item()
