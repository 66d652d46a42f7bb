"""The training loop: play, remember, update, evaluate, save; exact in its continuation."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.episode import Episode, play
from elbowroom.grasping.experience.replay import Replay, Transitions, join, look_ahead
from elbowroom.grasping.guides.demonstrations import to_transitions
from elbowroom.grasping.guides.jumpstart import Combined
from elbowroom.grasping.training.checkpoint import load_checkpoint, save_checkpoint
from elbowroom.grasping.training.evaluation import find_successes
from elbowroom.grasping.training.inference import Inference, find_own
from elbowroom.grasping.training.seeds import ALONE, APART, EVALUATION, FINAL, TEST, TRAIN
from elbowroom.grasping.training.setting import Setting
from elbowroom.grasping.training.wandering import Wandering, choose

Row = dict[str, Any]


class Training:
    """A training that can be killed at any moment and goes on from its last checkpoint.

    The same setting gives the same curve, interrupted or not: checkpoints lie between episodes
    and hold networks, optimisers, memory, schedule and every source of randomness.

    Args:
        setting: what it is made of.
        folder: of the checkpoints, or None to keep none; two processes must not share it, see
            `folder.hold`.
        progress: told the stage, how far, of how much, and the newest success rate.
    """

    def __init__(
        self,
        setting: Setting,
        folder: Path | None = None,
        progress: Callable[[str, int, int, float], None] | None = None,
    ) -> None:
        self.setting, self._folder, self._progress = setting, folder, progress
        s = setting
        size = s.learner.observation, s.learner.action
        self.memory = Replay(s.params.memory, *size)
        self.given = s.demonstrations
        self.inference: Inference | None = None
        if s.params.infer:
            self.inference = Inference(*size, s.learner.params.switches, s.seed)
        self.steps = self.episodes = self.pretrained = self._evaluations = 0
        self._due, self._saved, self._newest = 0.0, 0, 0.0
        self._kept = 0
        self.seconds = 0.0
        self.rows: list[Row] = []
        self.rng = np.random.default_rng([s.seed, 2])
        self._global = torch.Generator().manual_seed(s.seed).get_state()
        self._resume()

    def run(self) -> dict[str, Any]:
        """Train to the end; returns the result of the last evaluation and the curve."""
        before = torch.get_rng_state()
        torch.set_rng_state(self._global)  # of dropout
        self._clock = time.process_time()
        try:
            self._infer()
            self._pretrain()
            if self.setting.method.online:
                self._learn()
            return self._finish()
        finally:
            torch.set_rng_state(before)

    def _infer(self) -> None:
        """Experience by held random actions, and what the inverse model makes of all others."""
        s, p = self.setting, self.setting.params
        if self.inference is None:
            return
        new = not self.inference.ready
        if new:
            self._wander(self.inference)
        if s.shown:
            labelled = [self.inference.label(e, len(e)) for e in s.shown]
            self.given = to_transitions(labelled, p.discount, p.n_step)
        if new:
            self.save()

    def _wander(self, inference: Inference) -> None:
        p = self.setting.params
        episodes = []
        while self.steps < p.infer:
            episodes.append(self._play(self._wandering(), self._horizon()))
            self._tell("wander", min(self.steps, p.infer), p.infer)
        inference.fit(find_own(episodes), p.pretrain, p.batch, self.rng, self._augment)
        for episode in episodes:
            self._remember(episode)
        self._due = self.steps * p.utd  # made up for once the learner acts
        self._evaluations = self.steps // p.evaluate_every

    def _pretrain(self) -> None:
        s, p = self.setting, self.setting.params
        if not s.method.pretrain or self.given is None:
            return
        while self.pretrained < p.pretrain:
            rows = self._augment(self._shown(p.batch))
            if s.method.pretrain == "imitate":
                s.learner.imitate(rows)
            else:
                s.learner.update(rows)
            self.pretrained += 1
            if self.pretrained % 1000 == 0 or self.pretrained == p.pretrain:
                self.save()
                self._tell("pretrain", self.pretrained, p.pretrain)

    def _learn(self) -> None:
        p = self.setting.params
        if not self.rows:
            self._evaluate()
        while self.steps < p.steps:
            episode = self._explore()
            self._remember(episode)
            self._update(len(episode))
            if self.steps >= (self._evaluations * p.evaluate_every):
                self._evaluate()
            if self.steps - self._saved >= p.save_every:
                self.save()
            self._tell("train", min(self.steps, p.steps), p.steps)
        self.save()

    def _explore(self) -> Episode:
        """An episode of training."""
        s = self.setting
        h = self._horizon()
        explore = choose(
            self.rng,
            self.steps,
            s.params.wander,
            self._wandering,
            lambda o: s.learner.act(o[None], True)[0],
        )
        return self._play(explore, h)

    def _play(self, explore: Callable[[Any], Any], h: int) -> Episode:
        s = self.setting
        actor = Combined(s.guide, explore, h)
        seed = TRAIN + APART * s.seed + self.episodes
        episode = play(s.env, actor, seed, guided=h)
        self.episodes += 1
        self.steps += len(episode)
        return episode

    def _horizon(self) -> int:
        s = self.setting
        return s.schedule.draw(self.rng) if s.guide is not None else 0

    def _wandering(self) -> Wandering:
        learner = self.setting.learner
        return Wandering(self.rng, learner.action, learner.params.switches)

    def _remember(self, e: Episode) -> None:
        p = self.setting.params
        if self.inference is not None:
            e = self.inference.label(e, e.guided)
        rows = look_ahead(e.observation, e.action, e.reward, e.ended, p.discount, p.n_step)
        if not (p.labels or p.infer):
            rows = rows.take(np.arange(e.guided, len(rows)))
        self.memory.add(rows)

    def _update(self, steps: int) -> None:
        p = self.setting.params
        if self.steps < p.warm_up or len(self.memory) < 2:
            return
        self._due += steps * p.utd
        while self._due >= 1:
            self._due -= 1
            self.setting.learner.update(self._draw())

    def _draw(self) -> Transitions:
        s, p = self.setting, self.setting.params
        given = 0 if self.given is None else round(s.method.share * p.batch)
        rows = self.memory.draw(self.rng, p.batch - given)
        return self._augment(join([rows, self._shown(given)]) if given else rows)

    def _shown(self, count: int) -> Transitions:
        assert self.given is not None
        return self.given.take(self.rng.integers(len(self.given), size=count))

    def _augment(self, rows: Transitions) -> Transitions:
        s = self.setting
        return s.twin(rows, self.rng) if s.twin is not None and s.params.symmetry else rows

    def _evaluate(self) -> None:
        s, p = self.setting, self.setting.params
        h = s.schedule.horizon() if s.guide is not None else 0
        first = TEST + APART * s.seed + EVALUATION * self._evaluations
        combined = self.measure(h, p.evaluate_episodes, first)
        alone: float | None = combined if h == 0 else None
        if h > 0 and self._evaluations % p.alone_every == 0:
            alone = self.measure(0, p.evaluate_episodes, first + ALONE)
        s.schedule.record(combined)
        self._evaluations += 1
        self._newest = combined
        self.rows.append(
            {
                "steps": self.steps,
                "episodes": self.episodes,
                "horizon": h,
                "combined": combined,
                "alone": alone,
                "cpu_s": round(self._spent(), 1),
            }
        )

    def measure(self, horizon: int, episodes: int, first_seed: int) -> float:
        """Success rate of the combined policy at h = `horizon`, without exploration."""
        s = self.setting
        actor = Combined(s.guide, lambda o: s.learner.act(o[None], False)[0], horizon)
        return len(find_successes(s.test_env, actor, first_seed, episodes)) / episodes

    def _finish(self) -> dict[str, Any]:
        s, p = self.setting, self.setting.params
        spent = self._spent()
        score = self.measure(0, p.final_episodes, FINAL) if p.final_episodes else None
        self._tell("evaluate", p.final_episodes, p.final_episodes, score)
        return {
            **s.facts,
            "success": score,
            "episodes_judged": p.final_episodes,
            "steps": self.steps,
            "stage": s.schedule.state().get("stage"),
            "cpu_s": round(spent, 1),
            "curve": self.rows,
            **({"inferred_within": self.inference.error} if self.inference is not None else {}),
        }

    def _spent(self) -> float:
        return self.seconds + time.process_time() - self._clock

    def _tell(self, stage: str, done: int, total: int, value: float | None = None) -> None:
        if self._progress is not None:
            self._progress(stage, done, total, self._newest if value is None else value)

    def save(self) -> None:
        """Write a checkpoint; only between episodes, as from `progress`."""
        if self._folder is None:
            return
        self._saved = self.steps
        new = self.memory.recent(self._kept)
        self._kept = self.memory.added
        facts = {
            "setting": self.setting.facts,
            "counts": [self.steps, self.episodes, self.pretrained, self._evaluations, self._kept],
            "due": self._due,
            "seconds": self._spent(),
            "rows": self.rows,
            "rng": self.rng.bit_generator.state,
            "schedule": self.setting.schedule.state(),
        }
        tensors = {**self.setting.learner.tensors(), "torch_rng": torch.get_rng_state()}
        if self.inference is not None:
            tensors |= self.inference.tensors()
        piece = {k: getattr(new, k) for k in vars(new)} if len(new) else None
        save_checkpoint(self._folder, facts, tensors, piece, self.memory.capacity)

    def _resume(self) -> None:
        found = None if self._folder is None else load_checkpoint(self._folder)
        if found is None:
            return
        facts = found.facts
        if facts["setting"] != json.loads(json.dumps(self.setting.facts)):
            raise GraspError(f"{self._folder} holds another training; choose another folder")
        counts = facts["counts"]
        self.steps, self.episodes, self.pretrained, self._evaluations, self._kept = counts
        self._due, self.seconds, self.rows = facts["due"], facts["seconds"], facts["rows"]
        self._saved = self.steps
        self._newest = self.rows[-1]["combined"] if self.rows else 0.0
        self.rng.bit_generator.state = facts["rng"]
        self.setting.schedule.restore(facts["schedule"])
        self._global = found.tensors.pop("torch_rng")
        self.setting.learner.load(found.tensors)
        if self.inference is not None:
            self.inference.load(found.tensors)
        self._refill([Transitions(**piece) for piece in found.pieces])

    def _refill(self, pieces: list[Transitions]) -> None:
        # The forgotten rows still turn the ring to where it was.
        self.memory.added = self._kept - sum(map(len, pieces))
        for piece in pieces:
            self.memory.add(piece)
