"""Behaviour cloning: the actor's most likely action is drawn to the demonstrated one.

    L_pi = mean |tanh m(s) - a|^2

No reward is used. The spread of the actor is not trained, so the clone acts without noise.
"""

from __future__ import annotations

from torch import Tensor

from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.learners.base import Learner
from elbowroom.grasping.networks.actor_critic import Actor


class BC(Learner):
    """Behaviour cloning."""

    def build(self) -> None:
        """Make the actor."""
        p = self.params
        self.nets["actor"] = Actor(self.observation, self.action, p.hidden, p.activation, p.dropout)
        self.add_optimiser("actor")

    def explore(self, observation: Tensor) -> Tensor:
        """The actor's most likely actions, shape (B, a)."""
        mode: Tensor = self.policy.eval().mode(observation)
        return mode

    def update(self, rows: Transitions) -> dict[str, float]:
        """One step of the actor."""
        return {"actor_loss": self.imitate(rows)}
