"""AW-Opt (Lu et al. 2021, arXiv 2111.05424): QT-Opt with an actor that imitates good actions.

The actor imitates only transitions that were better than what it would have done (positive
filtering), weighted by their advantage, and gives the cross-entropy method its start, in the
targets and when acting:

    L_pi = -mean 1(A > 0) min(exp(T A), 100) log pi(a|s),  A = min_k Q_k(s, a) - min_k Q_k(s, pi(s))
"""

from __future__ import annotations

import torch

from elbowroom.grasping.learners.base import Batch, Single, make_batch
from elbowroom.grasping.learners.qt_opt import QTOpt
from elbowroom.grasping.networks import Actor
from elbowroom.grasping.replay import Transitions

_HEAVIEST = 100.0


class AWOpt(QTOpt):
    """QT-Opt with a filtered, advantage-weighted actor."""

    def build(self) -> None:
        """Make critics, their target and the actor."""
        super().build()
        p = self.params
        self.nets["actor"] = Actor(self.observation, self.action, p.hidden, p.activation, p.dropout)
        self.add_optimiser("actor")

    def act(self, observation: Single, explore: bool) -> Single:
        """The best action found about the actor's; a fifth of the explored ones are the actor's."""
        x = self.check(observation)
        with torch.no_grad():
            own = self.nets["actor"].mode(x)
            best = self.search("critic", x, own)
            if explore:
                noisy, _ = self.nets["actor"].sample(x, self.draw_noise(len(x)))
                best = best + self.params.spread * self.draw_noise(len(best))
                mine = torch.rand(len(best), 1, generator=self.noise) < _ACTORS_SHARE
                best = torch.where(mine, noisy, best)
            return best.clamp(-1, 1).numpy()

    def update(self, rows: Transitions) -> dict[str, float]:
        """One step of critics, actor and target."""
        batch = make_batch(rows)
        self.nets["actor"].train()
        loss, value = self.fit(batch)
        self.follow("target", "critic", self.params.target_rate)
        return {"critic_loss": loss, "value": value, "kept": self._improve(batch)}

    def fit(self, batch: Batch) -> tuple[float, float]:
        """One step of the critics; the target's action is searched about the actor's."""
        with torch.no_grad():
            own = self.nets["actor"].mode(batch.next_observation)
            action = self.search("target", batch.next_observation, own)
            value = self.nets["target"](batch.next_observation, action).amin(0)
            target = self.cut(batch.reward + batch.bootstrap * value)
        loss = (self.nets["critic"](batch.observation, batch.action) - target).square().mean()
        self.descend("critic", loss)
        return loss.item(), target.mean().item()

    def _improve(self, batch: Batch) -> float:
        """One step of the actor; returns the share of transitions that it imitated."""
        actor, critic = self.nets["actor"], self.nets["critic"]
        with torch.no_grad():
            base = critic(batch.observation, actor.mode(batch.observation)).amin(0)
            advantage = critic(batch.observation, batch.action).amin(0) - base
            better = (advantage > 0).float()
            factor = better * (self.params.temperature * advantage).exp().clamp(max=_HEAVIEST)
        density = actor.log_density(batch.observation, batch.action)
        self.descend("actor", -(factor * density).mean())
        return better.mean().item()


_ACTORS_SHARE = 0.2
