"""QT-Opt (Kalashnikov et al. 2018, arXiv 1806.10293): a value function and no actor.

The action is found by the cross-entropy method: draw N actions from a Gaussian, keep the M best,
fit the Gaussian to them, repeat.

    y = clip(r + b min_k Q'_k(s', a*)),  a* = argmax_a min_k Q'_k(s', a)
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from elbowroom.grasping.learners.base import Batch, Learner, Single, make_batch
from elbowroom.grasping.networks import Critics
from elbowroom.grasping.replay import Transitions

_NARROWEST = 0.05


class QTOpt(Learner):
    """Q-learning with the cross-entropy method."""

    def build(self) -> None:
        """Make critics and their target."""
        p = self.params
        self.nets["critic"] = Critics(self.observation, self.action, p.hidden, p.activation)
        self.nets["target"] = copy.deepcopy(self.nets["critic"]).requires_grad_(False)
        self.add_optimiser("critic")

    def act(self, observation: Single, explore: bool) -> Single:
        """Actions of greatest value; with `explore` each number with noise, some wholly random."""
        x = self.check(observation)
        with torch.no_grad():
            best = self.search("critic", x)
            if explore:
                wild = torch.rand(best.shape, generator=self.noise) * 2 - 1
                random = torch.rand(len(best), 1, generator=self.noise) < self.params.random
                best = best + self.params.spread * self.draw_noise(len(best))
                best = torch.where(random, wild, best)
            return best.clamp(-1, 1).numpy()

    def update(self, rows: Transitions) -> dict[str, float]:
        """One step of critics and target."""
        batch = make_batch(rows)
        loss, value = self.fit(batch)
        self.follow("target", "critic", self.params.target_rate)
        return {"critic_loss": loss, "value": value}

    def fit(self, batch: Batch) -> tuple[float, float]:
        """One step of the critics; returns their loss and the mean target."""
        with torch.no_grad():
            action = self.search("target", batch.next_observation)
            value = self.nets["target"](batch.next_observation, action).amin(0)
            target = self.cut(batch.reward + batch.bootstrap * value)
        loss = (self.nets["critic"](batch.observation, batch.action) - target).square().mean()
        self.descend("critic", loss)
        return loss.item(), target.mean().item()

    def search(self, net: str, observation: Tensor, first: Tensor | None = None) -> Tensor:
        """The cross-entropy method.

        Args:
            net: name of the critics.
            observation: shape (B, o).
            first: actions to begin from, shape (B, a); by default the Gaussian is wide about 0.

        Returns:
            The best action found, shape (B, a).
        """
        p, count = self.params, len(observation)
        mean = torch.zeros(count, self.action) if first is None else first
        spread = torch.full_like(mean, 0.7 if first is None else 0.3)
        tiled = observation.repeat_interleave(p.candidates, 0)
        for _ in range(p.rounds):
            noise = torch.randn(count, p.candidates, self.action, generator=self.noise)
            drawn = (mean[:, None] + spread[:, None] * noise).clamp(-1, 1)
            value = self.nets[net](tiled, drawn.view(-1, self.action)).amin(0)
            rank = value.view(count, p.candidates).topk(p.elites, 1).indices
            best = drawn.gather(1, rank[..., None].expand(-1, -1, self.action))
            mean, spread = best.mean(1), best.std(1).clamp(min=_NARROWEST)
        return best[:, 0]
