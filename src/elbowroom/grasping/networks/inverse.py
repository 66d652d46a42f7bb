"""The inverse model: which action leads from one observation to the next.

    a = tanh f((s - m) / d, (s' - s) / c),  L = mean |a - a_done| + w sum |W_1|

m and d are mean and standard deviation of the observations it is taught, c that of their changes;
W_1 are the weights of the first layer, of which few should matter: most of what is seen does not
tell what was done. Errors count absolutely, because where the world gives way no further nothing
tells it either, and such steps must not bend the others; those of switches count squared.

It is learned from steps whose actions are known, one's own, and labels steps whose actions are not:
those of a guide that only shows what it does (Torabi, Warnell, Stone 2018, arXiv 1805.01954, for
cloning; Schmeckpeper et al. 2020, arXiv 2011.06507, for reinforcement learning).
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from elbowroom.grasping.errors import GraspError

Single = NDArray[np.float32]

_WIDTH = 128
_LEAST = 1e-4
"""Least standard deviation that is a unit: a number that hardly varies is left in its own."""
_MOST = 5.0
"""Standard deviations to which inputs are cut."""
_SPARE = 1e-3
"""w."""


class InverseModel(nn.Module):
    """Infers actions in [-1, 1].

    Args:
        observation: length of an observation.
        action: length of an action.
        switches: how many of the last numbers of an action are on or off; inferred as -1 or 1.
    """

    middle: Tensor
    scale: Tensor
    change: Tensor

    def __init__(self, observation: int, action: int, switches: int = 0) -> None:
        super().__init__()
        self.free = action - switches
        self.first = nn.Linear(2 * observation, _WIDTH)
        self.body = nn.Sequential(
            nn.ReLU(), nn.Linear(_WIDTH, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, action), nn.Tanh()
        )
        self.register_buffer("middle", torch.zeros(observation))
        self.register_buffer("scale", torch.ones(observation))
        self.register_buffer("change", torch.ones(observation))

    def measure(self, observation: Single, later: Single) -> None:
        """Take the units of observations and of their changes from examples, shapes (N, o).

        Raises:
            GraspError: if there is none.
        """
        if not len(observation):
            raise GraspError("an inverse model needs steps whose actions are known, got none")
        self.middle.copy_(torch.from_numpy(observation.mean(0)))
        self.scale.copy_(_find_unit(observation))
        self.change.copy_(_find_unit(later - observation))

    def forward(self, observation: Tensor, later: Tensor) -> Tensor:
        """The most likely actions, shape (B, a), for observations (B, o)."""
        seen = (observation - self.middle) / self.scale
        change = (later - observation) / self.change
        made: Tensor = self.body(self.first(torch.cat([seen, change], -1).clamp(-_MOST, _MOST)))
        return made

    def loss(self, miss: Tensor) -> Tensor:
        """L, where the inferred actions differ from those that were done by `miss`, (B, a)."""
        free, switches = miss[:, : self.free].abs(), miss[:, self.free :].square()
        return torch.cat([free, switches], -1).mean() + _SPARE * self.first.weight.abs().sum()

    def infer(self, observation: Single, later: Single) -> Single:
        """Actions that lead from `observation` to `later`, shape (N, a), for shapes (N, o)."""
        with torch.no_grad():
            action = self(torch.from_numpy(observation), torch.from_numpy(later)).numpy()
        action[:, self.free :] = np.where(action[:, self.free :] > 0, 1.0, -1.0)
        return np.asarray(action, np.float32)


def _find_unit(values: Single) -> Tensor:
    spread = torch.from_numpy(values.std(0))
    return torch.where(spread < _LEAST, 1.0, spread)
