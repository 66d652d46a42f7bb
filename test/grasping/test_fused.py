"""The fused perceptron against torch's own modules, and weights laid side by side."""

from __future__ import annotations

import copy

import pytest
import torch

from elbowroom.grasping.learners.base import flatten
from elbowroom.grasping.networks.actor_critic import Critics, Perceptrons


def make(members: int, hidden: tuple[int, ...], seed: int = 0) -> Perceptrons:
    torch.manual_seed(seed)
    net = Perceptrons(members, 7, 3, hidden, "relu")
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(0.3 * torch.randn_like(weight))
    return net


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("hidden", [(), (16,), (16, 24)])
def test_values_and_gradients_are_those_of_the_modules(
    members: int, hidden: tuple[int, ...]
) -> None:
    net = make(members, hidden)
    other = copy.deepcopy(net)
    other._fused = False
    x = torch.randn(11, 7, requires_grad=True)
    y = x.detach().clone().requires_grad_()
    pull = torch.randn(members, 11, 3)
    (net(x) * pull).sum().backward()
    (other(y) * pull).sum().backward()
    torch.testing.assert_close(net(x), other(y), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(x.grad, y.grad, rtol=1e-3, atol=1e-4)
    for mine, theirs in zip(net.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-3, atol=1e-4)


def test_frozen_weights_get_no_gradient_and_the_action_still_does() -> None:
    critics = Critics(4, 2, (8, 8), "relu").requires_grad_(False)
    action = torch.zeros(5, 2, requires_grad=True)
    critics(torch.randn(5, 4), action).sum().backward()
    assert action.grad is not None
    assert action.grad.abs().sum() > 0
    assert all(w.grad is None for w in critics.parameters())


def test_flat_weights_are_the_networks_own() -> None:
    net, twin = make(2, (8, 8)), make(2, (8, 8))
    one = torch.optim.Adam([flatten(net)], lr=1e-2)
    many = torch.optim.Adam(twin.parameters(), lr=1e-2)
    for _ in range(5):
        x = torch.randn(6, 7)
        for model, optimiser in ((net, one), (twin, many)):
            optimiser.zero_grad(set_to_none=False)
            model(x).square().mean().backward()
            optimiser.step()
    torch.testing.assert_close(net.state_dict(), twin.state_dict(), rtol=1e-5, atol=1e-6)
