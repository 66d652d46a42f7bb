"""SmeLU against exact values."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.networks.actor_critic import Perceptrons
from elbowroom.grasping.networks.smelu import SmeLU


def test_values_and_slopes_are_the_published_ones() -> None:
    beside = Path(__file__).resolve().parents[3] / "shared"
    path = Path(os.environ.get("ELBOWROOM_SHARED", beside)) / "cases" / "smelu.json"
    if not path.exists():
        pytest.skip("the cases of SmeLU are not beside the repository")
    cases = json.loads(path.read_text())["cases"]
    assert len(cases) > 3
    for case in cases:
        x = torch.tensor(case["x"], dtype=torch.float64, requires_grad=True)
        y = SmeLU(case["beta"])(x)
        y.sum().backward()
        wanted = torch.tensor(case["y"], dtype=torch.float64)
        torch.testing.assert_close(y.detach(), wanted, rtol=0, atol=1e-12)
        if case["beta"] > 0:
            slope = torch.tensor(case["dy_dx"], dtype=torch.float64)
            torch.testing.assert_close(x.grad, slope, rtol=0, atol=1e-12)


def test_by_hand() -> None:
    x = torch.tensor([-1.0, -0.5, 0.0, 0.25, 0.5, 2.0])
    assert SmeLU(0.5)(x).tolist() == [0.0, 0.0, 0.125, 0.28125, 0.5, 2.0]
    assert SmeLU(0.0)(x).tolist() == [0.0, 0.0, 0.0, 0.25, 0.5, 2.0]


@pytest.mark.parametrize("beta", [-0.1, float("nan"), float("inf")])
def test_an_impossible_width_is_refused(beta: float) -> None:
    with pytest.raises(GraspError, match="beta"):
        SmeLU(beta)


def test_a_network_can_be_made_of_it() -> None:
    net = Perceptrons(1, 3, 2, (8, 8), "smelu")
    assert sum(isinstance(layer, SmeLU) for layer in net.layers) == 2
    with pytest.raises(GraspError, match="activation"):
        Perceptrons(1, 3, 2, (8,), "step")
