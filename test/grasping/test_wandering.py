"""Exploration by held random actions."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import torch

from elbowroom.grasping.training.loop import Training
from elbowroom.grasping.training.wandering import Wandering, choose
from grasping.toy import make_setting


def policy(_: Any) -> Any:
    return np.zeros(3, np.float32)


def wandering() -> Wandering:
    return Wandering(np.random.default_rng(5), 3)


def test_a_switch_is_on_or_off() -> None:
    wandering = Wandering(np.random.default_rng(0), 3, switches=1)
    actions = np.array([wandering(None) for _ in range(6000)])
    assert set(np.unique(actions[:, 2])) == {-1.0, 1.0}
    assert abs(actions[:, 2].mean()) < 0.15
    drawn = np.any(np.diff(actions[:, :2], axis=0) != 0, axis=1)
    flipped = np.diff(actions[:, 2]) != 0
    assert not np.any(flipped & ~drawn)
    assert abs(flipped.sum() / drawn.sum() - 0.35) < 0.05


def test_actions_are_even_and_held_for_up_to_ten_steps() -> None:
    wandering = Wandering(np.random.default_rng(0), 3)
    actions = np.array([wandering(None) for _ in range(6000)])
    changes = np.flatnonzero(np.any(np.diff(actions, axis=0) != 0, axis=1))
    held = np.diff(changes)
    assert (held.min(), held.max()) == (1, 10)
    assert abs(held.mean() - 5.5) < 0.3
    assert np.abs(actions.mean(axis=0)).max() < 0.1
    assert np.abs(actions.std(axis=0) - 1 / np.sqrt(3)).max() < 0.05


def test_the_share_of_such_episodes_falls_to_none() -> None:
    rng = np.random.default_rng(1)

    def share(steps: int) -> float:
        return float(
            np.mean([choose(rng, steps, 1000, wandering, policy) is not policy for _ in range(400)])
        )

    assert share(0) == 1.0
    assert abs(share(500) - 0.5) < 0.1
    assert share(1000) == 0.0


def test_without_wandering_no_random_number_is_used() -> None:
    rng = np.random.default_rng(2)
    before = rng.bit_generator.state
    assert choose(rng, 0, 0, wandering, policy) is policy
    assert rng.bit_generator.state == before


def test_a_training_that_wanders_goes_on_as_if_it_had_not_been_cut(tmp_path: Any) -> None:
    whole = make_setting(wander=60)
    Training(whole, tmp_path / "whole").run()
    plain = make_setting()
    Training(plain).run()

    class Killed(BaseException):
        pass

    calls = 0

    def kill(*_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise Killed

    with contextlib.suppress(Killed):
        Training(make_setting(wander=60), tmp_path / "cut", kill).run()
    cut = make_setting(wander=60)
    Training(cut, tmp_path / "cut").run()
    torch.testing.assert_close(cut.learner.tensors(), whole.learner.tensors(), rtol=0, atol=0)
    same = all(
        torch.equal(a, b)
        for a, b in zip(
            plain.learner.tensors().values(), whole.learner.tensors().values(), strict=True
        )
    )
    assert not same
