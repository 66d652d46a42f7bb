"""What is read of a policy's layers when it decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from elbowroom.core import ParameterError
from elbowroom.grasping.networks.actor_critic import Actor, Critics
from elbowroom.grasping.networks.policy import Policy
from elbowroom.grasping.networks.search import SearchPolicy
from elbowroom.grasping.networks.tap import PolicyTap, PolicyTapParams, make_policy_tap

SEEN = np.linspace(-1, 1, 6, dtype=np.float32)


def make_policy(activation: str = "relu", kind: str = "actor") -> Policy:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        actor = Actor(6, 2, (8, 4), activation)
        net: Any = actor
        if kind == "search":
            net = SearchPolicy(Critics(6, 2, (8, 4), activation), actor, 2, 16, 4, 2)
    return Policy(net, {"observation": 6}, "v1")


@pytest.mark.parametrize("activation", ["relu", "smelu", "silu", "tanh"])
def test_the_layers_are_those_that_lead_to_the_action(activation: str) -> None:
    policy = make_policy(activation)
    tap = PolicyTap(policy, ["activations", "body.6"])
    action = policy(SEEN)
    reading = tap.read(SEEN, action, 2.5)
    assert reading is not None
    assert (reading.stamp, tap.version) == (2.5, "v1")
    shapes = {"body.2": (8,), "body.5": (4,), "body.6": (4,)}
    assert {k: v.shape for k, v in reading.layers.items()} == shapes
    np.testing.assert_allclose(np.tanh(reading.layers["body.6"][:2]), action, atol=1e-6)


def test_critics_are_read_at_the_action_that_was_found() -> None:
    policy = make_policy(kind="search")
    action = policy(SEEN)
    reading = PolicyTap(policy, ["body.6"]).read(SEEN, action, 0.0)
    assert reading is not None
    with torch.no_grad():
        values = policy.net.critics(torch.from_numpy(SEEN[None]), torch.from_numpy(action[None]))
    np.testing.assert_allclose(reading.layers["body.6"], values[:, 0].numpy(), atol=1e-6)


@pytest.mark.parametrize("kind", ["actor", "search"])
def test_watching_changes_no_action(kind: str) -> None:
    policy, watched = make_policy(kind=kind), make_policy(kind=kind)
    tap = PolicyTap(watched, ["activations"])
    for k in range(5):
        action = watched(SEEN + k)
        np.testing.assert_array_equal(action, policy(SEEN + k))
        tap.read(SEEN + k, action, float(k))


def test_layers_are_evaluated_only_where_a_reading_is_due() -> None:
    policy, runs = make_policy(), []
    policy.net.inner.layers.register_forward_hook(lambda *_: runs.append(1))
    tap, action, due = PolicyTap(policy, ["body.2"], every=3), policy(SEEN), []
    for k in range(5):
        due.append(tap.read(SEEN, action, float(k)) is not None)
    assert due == [True, False, False, True, False]
    assert len(runs) == 2
    tap.reset()
    assert tap.read(SEEN, action, 5.0) is not None


@pytest.mark.parametrize("layers", ["hidden", "body.2,body.2", "activations,body.5", "body"])
def test_layers_that_are_not_there_or_named_twice_are_refused(layers: str) -> None:
    with pytest.raises(ParameterError, match=r"activations or different ones of \['body.0', "):
        make_policy_tap(make_policy(), PolicyTapParams(layers=layers))


def test_without_a_policy_or_a_layer_there_is_no_tap() -> None:
    assert make_policy_tap(None, PolicyTapParams()) is None
    assert make_policy_tap(make_policy(), PolicyTapParams(layers="")) is None


def test_closing_takes_the_hooks_off() -> None:
    policy = make_policy()
    with PolicyTap(policy, ["activations"]):
        assert policy.net.inner.layers[2]._forward_hooks
    assert not policy.net.inner.layers[2]._forward_hooks
