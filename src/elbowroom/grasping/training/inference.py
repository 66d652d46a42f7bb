"""Actions that may not be learned, inferred from what was seen before and after them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from elbowroom.grasping.experience.episode import Episode
from elbowroom.grasping.experience.replay import Transitions, join, look_ahead
from elbowroom.grasping.networks.inverse import InverseModel

_HELD_BACK = 0.1
_PREFIX = "inverse."
_RATE = 3e-3


class Inference:
    """An inverse model and how it comes about.

    Args:
        observation: length of an observation.
        action: length of an action.
        switches: how many of the last numbers of an action are on or off.
        seed: of the first weights.
    """

    def __init__(self, observation: int, action: int, switches: int, seed: int) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.model = InverseModel(observation, action, switches)
        self.ready = False
        self.error = float("nan")

    def fit(
        self,
        rows: Transitions,
        updates: int,
        batch: int,
        rng: np.random.Generator,
        augment: Callable[[Transitions], Transitions],
    ) -> None:
        """Learn from steps whose actions are known.

        `error` is then the root mean square by which the last tenth, held back, is missed, switches
        aside.

        Args:
            rows: the steps, each with the observation right after it.
            updates: of the model, by Adam at a rate that falls to 0 as half a cosine.
            batch: rows of an update.
            rng: draws them.
            augment: shows rows as their twins.
        """
        # The last ones: steps of one episode are too much alike to hold single ones back.
        first = len(rows) - int(_HELD_BACK * len(rows))
        rest, held = rows.take(np.arange(first)), rows.take(np.arange(first, len(rows)))
        self.model.measure(rest.observation, rest.next_observation)
        optimiser = torch.optim.Adam(self.model.parameters(), lr=_RATE)
        fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, updates)
        for _ in range(updates):
            some = augment(rest.take(rng.integers(len(rest), size=batch)))
            loss = self.model.loss(self._miss(some))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            fall.step()
        with torch.no_grad():
            miss = self._miss(held)[:, : self.model.free]
        self.error = float(miss.square().mean().sqrt())
        self.ready = True

    def _miss(self, rows: Transitions) -> Tensor:
        seen = torch.from_numpy(rows.observation), torch.from_numpy(rows.next_observation)
        inferred: Tensor = self.model(*seen)
        return inferred - torch.from_numpy(rows.action)

    def label(self, episode: Episode, first: int) -> Episode:
        """The episode, the actions of its first steps replaced by inferred ones."""
        if first == 0:
            return episode
        seen = episode.observation[: first + 1]
        inferred = self.model.infer(seen[:-1], seen[1:])
        return replace(episode, action=np.concatenate([inferred, episode.action[first:]]))

    def tensors(self) -> dict[str, Tensor]:
        """What was learned, for a checkpoint; nothing before it was."""
        if not self.ready:
            return {}
        state = {_PREFIX + k: v.detach().clone() for k, v in self.model.state_dict().items()}
        return {**state, _PREFIX + "error": torch.tensor(self.error, dtype=torch.float64)}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave."""
        mine = {k.removeprefix(_PREFIX): v for k, v in tensors.items() if k.startswith(_PREFIX)}
        if mine:
            self.error, self.ready = float(mine.pop("error")), True
            self.model.load_state_dict(mine)


def find_own(episodes: list[Episode]) -> Transitions:
    """The steps of episodes that were not the guide's, each with the observation right after it."""
    # Neither rewards nor what comes later count here: the discount does not matter.
    steps = [look_ahead(e.observation, e.action, e.reward, e.ended, 1.0) for e in episodes]
    pairs = zip(episodes, steps, strict=True)
    return join([rows.take(np.arange(e.guided, len(rows))) for e, rows in pairs])
