"""The tap on a torch module, such as a grasp policy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from elbowroom.core import ParameterError
from elbowroom.models.layers.torch_tap import TorchTap


@pytest.fixture
def policy():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))


def test_the_reading_is_what_the_layers_put_out(policy):
    x = torch.randn(1, 3)
    with TorchTap(policy, ["1", "2"], version="v1") as tap:
        y = policy(x)
        reading = tap.read(2.5)
    assert (reading.stamp, tap.version) == (2.5, "v1")
    np.testing.assert_array_equal(reading.layers["2"], y.detach().numpy()[0])
    np.testing.assert_array_equal(reading.layers["1"], torch.tanh(policy[0](x)).detach().numpy()[0])
    assert reading.layers["1"].dtype == np.float32


def test_only_every_nth_evaluation_is_read(policy):
    tap, found = TorchTap(policy, ["1"], every=3), []
    for k in range(7):
        policy(torch.randn(1, 3))
        found.append(tap.read(float(k)) is not None)
    assert found == [True, False, False, True, False, False, True]
    tap.close()


def test_without_an_evaluation_there_is_no_reading_and_closing_takes_hooks_off(policy):
    tap = TorchTap(policy, ["0"])
    assert tap.read(0.0) is None
    policy(torch.randn(1, 3))
    assert tap.read(1.0) is not None
    assert tap.read(2.0) is None
    tap.close()
    policy(torch.randn(1, 3))
    assert tap.read(3.0) is None


@pytest.mark.parametrize("layers", [[], ["nine"]])
def test_unknown_layers_are_refused(policy, layers):
    with pytest.raises(ParameterError, match="layers must be some of"):
        TorchTap(policy, layers)
