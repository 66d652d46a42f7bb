"""Implicit Q-learning (Kostrikov, Nair, Levine 2021, arXiv 2110.06169).

No action outside the data is ever asked for its value:

    L_V = mean |e - 1(u < 0)| u^2,  u = min_k Q'_k(s, a) - V(s)      (expectile e)
    L_Q = mean (Q_k(s, a) - clip(r + b V(s')))^2
    L_pi = -mean min(exp(T u), 100) log pi(a|s)                       (inverse temperature T)
"""

from __future__ import annotations

import copy

import torch

from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.learners.base import HEAVIEST, Learner, make_batch
from elbowroom.grasping.networks.actor_critic import Actor, Critics


class IQL(Learner):
    """Implicit Q-learning."""

    def build(self) -> None:
        """Make actor, critics, their target, and the value function."""
        p = self.params
        self.nets["actor"] = Actor(self.observation, self.action, p.hidden, p.activation, p.dropout)
        self.nets["critic"] = Critics(self.observation, self.action, p.hidden, p.activation)
        self.nets["value"] = Critics(self.observation, 0, p.hidden, p.activation, members=1)
        self.nets["target"] = copy.deepcopy(self.nets["critic"]).requires_grad_(False)
        for name in ("actor", "critic", "value"):
            self.add_optimiser(name)

    def update(self, rows: Transitions) -> dict[str, float]:
        """One step of value, critics, actor and target."""
        p, batch = self.params, make_batch(rows)
        self.nets["actor"].train()
        with torch.no_grad():
            q = self.nets["target"](batch.observation, batch.action).amin(0)
        advantage = q - self.nets["value"](batch.observation)[0]
        weight = torch.where(advantage < 0, 1 - p.expectile, p.expectile)
        self.descend("value", (weight * advantage.square()).mean())
        with torch.no_grad():
            target = batch.reward + batch.bootstrap * self.nets["value"](batch.next_observation)[0]
            target = self.cut(target)
        loss = (self.nets["critic"](batch.observation, batch.action) - target).square().mean()
        self.descend("critic", loss)
        self.average("target", "critic", self.params.tau)
        factor = (p.temperature * advantage.detach()).exp().clamp(max=HEAVIEST)
        density = self.nets["actor"].log_density(batch.observation, batch.action)
        self.descend("actor", -(factor * density).mean())
        return {"critic_loss": loss.item(), "value": q.mean().item()}
