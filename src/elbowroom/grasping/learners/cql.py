"""Conservative Q-learning (Kumar et al. 2020, arXiv 2006.04779), on soft actor-critic.

Actions that were never tried are valued low: to the critics' loss comes, with weight c,

    mean (log sum_a' exp Q_k(s, a') - Q_k(s, a)),

a' being actions drawn evenly from [-1, 1] and from the actor, each divided by its density.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from elbowroom.grasping.learners.base import Batch
from elbowroom.grasping.learners.sac import SAC

_DRAWN = 4
"""Actions of either kind for every observation."""


class CQL(SAC):
    """Conservative Q-learning."""

    def penalty(self, batch: Batch) -> Tensor:
        """What the critics' loss is raised by."""
        count = len(batch.reward)
        observation = batch.observation.repeat(_DRAWN, 1)
        even = torch.rand(len(observation), self.action, generator=self.noise) * 2 - 1
        with torch.no_grad():
            own, density = self.nets["actor"].sample(observation, self.draw_noise(len(observation)))
        critic = self.nets["critic"]
        q_even = critic(observation, even) + self.action * math.log(2.0)
        q_own = critic(observation, own) - density
        members = q_own.shape[0]
        both = torch.cat(
            [q_even.view(members, _DRAWN, count), q_own.view(members, _DRAWN, count)], 1
        )
        high = torch.logsumexp(both, 1) - math.log(2 * _DRAWN)
        low = critic(batch.observation, batch.action)
        return self.params.cql_alpha * (high - low).mean()
