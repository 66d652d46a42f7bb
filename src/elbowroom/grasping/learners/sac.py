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

from elbowroom.grasping.learners.base import Batch, Learner, make_batch
from elbowroom.grasping.networks import Actor, Critics
from elbowroom.grasping.replay import Transitions


class SAC(Learner):
    """Soft actor-critic."""

    def build(self) -> None:
        """Make actor, critics and their target."""
        p = self.params
        self.nets["actor"] = Actor(self.observation, self.action, p.hidden, p.activation, p.dropout)
        self.nets["critic"] = Critics(self.observation, self.action, p.hidden, p.activation)
        self.nets["target"] = copy.deepcopy(self.nets["critic"]).requires_grad_(False)
        self.add_optimiser("actor")
        self.add_optimiser("critic")

    def update(self, rows: Transitions) -> dict[str, float]:
        """One step of critics, actor and target."""
        batch = make_batch(rows)
        self.nets["actor"].train()
        critic_loss = self._fit_critics(batch)
        value = self._improve(batch)
        self.follow("target", "critic")
        return {"critic_loss": critic_loss, "value": value}

    def _fit_critics(self, batch: Batch) -> float:
        p = self.params
        with torch.no_grad():
            action, _ = self.nets["actor"].sample(
                batch.next_observation, self.draw_noise(len(batch.reward))
            )
            value = self.nets["target"](batch.next_observation, action).amin(0)
            target = batch.reward + batch.bootstrap * value
            target = target.clamp(0.0, p.ceiling)
        loss = (self.nets["critic"](batch.observation, batch.action) - target).square().mean()
        self.descend("critic", loss)
        return loss.item()

    def _improve(self, batch: Batch) -> float:
        noise = self.draw_noise(len(batch.reward))
        action, density = self.nets["actor"].sample(batch.observation, noise)
        self.nets["critic"].requires_grad_(False)
        value = self.nets["critic"](batch.observation, action).amin(0)
        self.descend("actor", (self.params.entropy * density - value).mean())
        self.nets["critic"].requires_grad_(True)
        return value.mean().item()
