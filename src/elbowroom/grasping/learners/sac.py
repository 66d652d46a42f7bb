"""Soft actor-critic (Haarnoja et al. 2018, arXiv 1812.05905), with switches.

Two departures for sparse rewards: the entropy is left out of the target, and the target is cut to
the returns that are possible. A third for grippers: the last numbers of an action may be switches,
which are on or off. Gradients do not lead from off to on, so every setting g is valued and one is
drawn by its value:

    Q(s, a, g) = min_k Q_k(s, a, g),  p(g|s, a) ~ exp(Q(s, a, g) / t),  V(s, a) = sum_g p Q
    y = clip(r + b V'(s', a'), 0, ceiling),  a' ~ pi(s')
    L_Q = mean (Q_k(s, a, g) - y)^2
    L_pi = mean (w log pi(a'|s) - V(s, a') + c |m_g(s) - sum_g p g|^2)

b is the transition's bootstrap factor, t `switch_temperature`. The last term teaches the actor the
critics' settings, so that the actor alone is a policy; judged is its exponential moving average
over the updates. Without switches V is Q.
"""

from __future__ import annotations

import copy
import itertools
from typing import Any

import torch
from torch import Tensor

from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.learners.base import Batch, Learner, Single, make_batch
from elbowroom.grasping.networks.actor_critic import Actor, Critics

_TAUGHT = 0.1
"""c: weight of the settings that the actor is taught."""


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
        self.nets["ema"] = copy.deepcopy(self.nets["actor"]).requires_grad_(False).eval()
        self.add_optimiser("actor")
        self.add_optimiser("critic")
        self.free = self.action - self.count_switches()
        settings = list(itertools.product((-1.0, 1.0), repeat=self.action - self.free))
        self.settings = torch.tensor(settings).view(len(settings), 1, self.action - self.free)

    def count_switches(self) -> int:
        """How many of the last numbers of an action are switches."""
        return min(self.params.switches, self.action - 1)

    @property
    def policy(self) -> Any:
        """The average of the actor over its last updates."""
        return self.nets["ema"]

    def act(self, observation: Single, explore: bool) -> Single:
        """Actions, shape (B, a): the averaged actor's; to explore, the actor's, drawn.

        What explores takes the switches' settings from the critics.
        """
        x = self.check(observation)
        with torch.no_grad():
            if not explore:
                action = self.policy.mode(x)
                action[:, self.free :] = torch.where(action[:, self.free :] > 0, 1.0, -1.0)
                return action.numpy()
            action = self.nets["actor"].eval().draw(x, self.draw_noise(len(x)))
            if self.free < self.action:
                share, _ = self.weigh("critic", x, action)
                pick = torch.multinomial(share.T, 1, generator=self.noise)[:, 0]
                action[:, self.free :] = self.settings[pick, 0]
            return action.numpy()

    def weigh(self, net: str, observation: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        """Share p of every setting, and the value Q with it, shapes (G, B)."""
        count, batch = len(self.settings), len(action)
        free = action[:, : self.free].expand(count, -1, -1)
        whole = torch.cat([free, self.settings.expand(-1, batch, -1)], 2).flatten(0, 1)
        value = self.nets[net](observation.repeat(count, 1), whole).amin(0).view(count, batch)
        return torch.softmax(value.detach() / self.params.switch_temperature, 0), value

    def update(self, rows: Transitions) -> dict[str, float]:
        """One step of critics, actor and target."""
        batch = make_batch(rows)
        self.nets["actor"].train()
        critic_loss = self._fit_critics(batch)
        self.updates += 1
        told = {"critic_loss": critic_loss}
        if self.updates % self.policy_delay() == 0:
            told["value"] = self.improve(batch)
            self.average("ema", "actor", self.params.ema)
        self.average("target", "critic", self.params.tau)
        return told

    def imitate(self, rows: Transitions) -> float:
        """One step of the actor towards the given actions; returns the mean squared error."""
        loss = super().imitate(rows)
        self.average("ema", "actor", self.params.ema)
        return loss

    def policy_delay(self) -> int:
        """Updates of the critics for one of the actor."""
        return self.params.policy_delay

    def _fit_critics(self, batch: Batch) -> float:
        with torch.no_grad():
            later = batch.next_observation
            action = self.nets["actor"].draw(later, self.draw_noise(len(batch.reward)))
            share, value = self.weigh("target", later, action)
            target = self.cut(batch.reward + batch.bootstrap * (share * value).sum(0))
        loss = (self.nets["critic"](batch.observation, batch.action) - target).square().mean()
        self.descend("critic", loss + self.penalty(batch))
        return loss.item()

    def penalty(self, batch: Batch) -> Tensor | float:
        """What the critics' loss is raised by."""
        return 0.0

    def improve(self, batch: Batch) -> float:
        """One step of the actor; returns the mean value of its actions."""
        actor, critic = self.nets["actor"], self.nets["critic"]
        noise = self.draw_noise(len(batch.reward))
        action, density, own = actor.sample_about(batch.observation, noise, self.free)
        critic.requires_grad_(False)
        share, value = self.weigh("critic", batch.observation, action)
        value = (share * value).sum(0)
        loss = (self.params.entropy * density - value).mean()
        if self.free < self.action:
            wanted = (share[..., None] * self.settings).sum(0)
            loss = loss + _TAUGHT * (own[:, self.free :] - wanted).square().mean()
        self.descend("actor", loss)
        critic.requires_grad_(True)
        return value.mean().item()
