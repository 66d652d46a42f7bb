"""What the learners minimise, against independent calculations."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from scipy.stats import expectile
from torch.distributions import Independent, Normal, TransformedDistribution
from torch.distributions.transforms import TanhTransform

from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.learners import Batch, LearnerParams, make_learner
from elbowroom.grasping.learners import cql as cql_module
from elbowroom.grasping.networks.actor_critic import Actor


def make_actor() -> Actor:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Actor(3, 2, (16,), "relu").double()


def squashed(actor: Actor, seen: torch.Tensor) -> TransformedDistribution:
    mean, spread = actor.parameters_of(seen)
    gauss = Independent(Normal(mean, spread.exp()), 1)
    return TransformedDistribution(gauss, [TanhTransform(cache_size=1)])


def test_the_density_of_given_actions_is_that_of_a_gaussian_through_tanh() -> None:
    actor = make_actor()
    rng = np.random.default_rng(0)
    seen = torch.from_numpy(rng.normal(size=(50, 3)))
    action = torch.from_numpy(rng.uniform(-0.99, 0.99, (50, 2)))
    expected = squashed(actor, seen).log_prob(action)
    torch.testing.assert_close(actor.log_density(seen, action), expected, rtol=1e-9, atol=1e-9)


def test_drawn_actions_come_with_their_density() -> None:
    actor = make_actor()
    rng = np.random.default_rng(1)
    seen, noise = (
        torch.from_numpy(rng.normal(size=(50, 3))),
        torch.from_numpy(rng.normal(size=(50, 2))),
    )
    action, density = actor.sample(seen, noise)
    mean, spread = actor.parameters_of(seen)
    torch.testing.assert_close(action, torch.tanh(mean + spread.exp() * noise))
    expected = squashed(actor, seen).log_prob(action)
    torch.testing.assert_close(density, expected, rtol=1e-6, atol=1e-6)


def test_the_penalty_of_cql_is_the_integral_over_all_actions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """log of the integral of exp Q(s, a) da by a fine grid, where a has one number."""
    monkeypatch.setattr(cql_module, "_DRAWN", 20_000)
    learner = make_learner("cql", 2, 1, LearnerParams(width=16, cql_alpha=0.5), 0)
    rng = np.random.default_rng(0)
    seen = torch.from_numpy(rng.normal(size=(3, 2)).astype(np.float32))
    done = torch.from_numpy(rng.uniform(-1, 1, (3, 1)).astype(np.float32))
    batch = Batch(seen, done, torch.zeros(3), seen, torch.zeros(3))
    with torch.no_grad():
        # A spread that reaches the ends: a narrow one would need many more draws.
        last = learner.nets["actor"].body.layers[-1]
        last.weight.zero_()
        last.bias[:] = torch.tensor([0.0, 0.75])
        penalty = float(learner.penalty(batch))
        critic = learner.nets["critic"]
        grid = torch.linspace(-1, 1, 20_001)[:, None]
        whole = [
            torch.logsumexp(critic(s.expand(len(grid), -1), grid), 1) + math.log(2 / len(grid))
            for s in seen
        ]
        expected = 0.5 * float((torch.stack(whole, 1) - critic(seen, done)).mean())
    # Forty thousand draws an observation: the error was below 0.01.
    assert penalty == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_the_value_of_iql_is_the_expectile_of_the_returns(share: float) -> None:
    params = LearnerParams(width=32, expectile=share, learning_rate=3e-3, tau=0.1)
    learner = make_learner("iql", 1, 1, params, 0)
    rng = np.random.default_rng(0)
    done = rng.uniform(-1, 1, (256, 1)).astype(np.float32)
    reward = 0.5 + 0.4 * done[:, 0]
    seen = np.ones((256, 1), np.float32)
    rows = Transitions(seen, done, reward, seen, np.zeros(256, np.float32))
    for _ in range(400):
        learner.update(rows)
    with torch.no_grad():
        value = float(learner.nets["value"](torch.ones(1, 1))[0])
    assert value == pytest.approx(expectile(reward, share), abs=0.02)


class Hill(torch.nn.Module):
    """Values that are greatest where every number of the action is 0.5."""

    def forward(self, observation: torch.Tensor, action: torch.Tensor) -> torch.Tensor:
        return -(action - 0.5).square().sum(-1)[None]


def test_aw_opt_imitates_only_what_is_better_than_its_actor() -> None:
    learner = make_learner("aw-opt", 2, 2, LearnerParams(width=16), 0)
    learner.nets["critic"] = Hill()
    actor, seen = learner.nets["actor"], torch.zeros(8, 2)

    def improve(action: float) -> tuple[float, float]:
        """Share that is imitated, and by how much the actor comes nearer to the action."""
        done = torch.full((8, 2), action)
        before = (actor.mode(seen) - done).abs().mean().item()
        kept = learner._improve(Batch(seen, done, torch.zeros(8), seen, torch.zeros(8)))
        return kept, before - (actor.mode(seen) - done).abs().mean().item()

    assert improve(-0.9) == (0.0, 0.0)
    kept, nearer = improve(0.5)
    assert kept == 1.0
    assert nearer > 0


def test_a_search_finds_the_top_of_a_hill() -> None:
    from elbowroom.grasping.networks.search import search

    noise = torch.Generator().manual_seed(0)
    draws = [lambda: torch.randn(5, 64, 2, generator=noise)] * 6
    for start in (None, torch.full((5, 2), 0.1)):
        found = search(Hill(), torch.zeros(5, 1), start, draws, 8)
        assert (found - 0.5).abs().max() < 0.1


def test_targets_are_cut_only_where_a_ceiling_is_given() -> None:
    target = torch.tensor([-1.0, 0.5, 3.0])
    cut = make_learner("sac", 2, 2, LearnerParams(width=8), 0).cut(target)
    assert cut.tolist() == [0.0, 0.5, 1.0]
    free = dataclasses.replace(LearnerParams(width=8), ceiling=0.0)
    assert make_learner("sac", 2, 2, free, 0).cut(target).tolist() == target.tolist()
