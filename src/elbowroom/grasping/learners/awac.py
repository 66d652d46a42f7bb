"""Advantage-weighted actor-critic (Nair et al. 2020, arXiv 2006.09359).

The critics are those of soft actor-critic; the actor imitates every action, weighted by how much
better it was than one drawn from the actor:

    L_pi = -mean min(exp(T A), 100) log pi(a|s),  A = min_k Q_k(s, a) - min_k Q_k(s, a'), a' ~ pi(s)
"""

from __future__ import annotations

import torch

from elbowroom.grasping.learners.base import HEAVIEST, Batch
from elbowroom.grasping.learners.sac import SAC


class AWAC(SAC):
    """Advantage-weighted actor-critic."""

    def count_switches(self) -> int:
        """None: what is imitated leads from off to on."""
        return 0

    def policy_delay(self) -> int:
        """1: as published."""
        return 1

    def improve(self, batch: Batch) -> float:
        """One step of the actor."""
        actor, critic = self.nets["actor"], self.nets["critic"]
        with torch.no_grad():
            own, _ = actor.sample(batch.observation, self.draw_noise(len(batch.reward)))
            base = critic(batch.observation, own).amin(0)
            advantage = critic(batch.observation, batch.action).amin(0) - base
            factor = (self.params.temperature * advantage).exp().clamp(max=HEAVIEST)
        density = actor.log_density(batch.observation, batch.action)
        self.descend("actor", -(factor * density).mean())
        return float(base.mean())
