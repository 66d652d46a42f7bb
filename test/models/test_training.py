from __future__ import annotations

import os

import numpy as np
import pytest
import torch

from elbowroom.core import ARTEFACTS
from elbowroom.estimation.membership.training import train_set
from elbowroom.models.elbow.ensemble import stack, unpack, unstack
from elbowroom.models.elbow.network import ElbowNetwork
from elbowroom.models.training.dataset import gather
from elbowroom.models.training.member import TrainParams, train_member
from estimation.toy import draw_trial

PARAMS = TrainParams(members=1, epochs=2, refine=1, hidden=8, batch=8)


@pytest.fixture(scope="module")
def data():
    return gather([(str(i), draw_trial(i, 1.0)) for i in range(16)], steps=26)


def test_numpy_inference_equals_torch(data, tmp_path):
    state = train_member(data, PARAMS, 0, tmp_path / "a")
    network = ElbowNetwork(8, torch.zeros(1), torch.ones(1))
    network.mean, network.scale = torch.tensor(state["mean"]), torch.tensor(state["scale"])
    network.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    network.eval()
    expected = network(torch.from_numpy(data.features)).detach().numpy()
    np.testing.assert_allclose(stack([state]).run(data.features)[0], expected, atol=2e-5)


def test_an_interrupted_run_ends_like_an_uninterrupted_one(data, tmp_path):
    whole = train_member(data, PARAMS, 0, tmp_path / "whole")

    def interrupt(epoch, epochs, value):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_member(data, PARAMS, 0, tmp_path / "cut", interrupt)
    seen = []
    resumed = train_member(data, PARAMS, 0, tmp_path / "cut", lambda e, n, v: seen.append(e))
    assert seen == [3]
    for name, value in whole.items():
        np.testing.assert_array_equal(resumed[name], value)


def test_a_kill_between_two_checkpoints_loses_nothing(data, tmp_path, monkeypatch):
    whole = train_member(data, PARAMS, 0, tmp_path / "whole")
    replace, done = os.replace, []

    def kill(old, new):
        replace(old, new)
        done.append(new)
        if len(done) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", kill)
    with pytest.raises(KeyboardInterrupt):
        train_member(data, PARAMS, 0, tmp_path / "cut")
    monkeypatch.undo()
    resumed = train_member(data, PARAMS, 0, tmp_path / "cut")
    for name, value in whole.items():
        np.testing.assert_array_equal(resumed[name], value)


def test_a_broken_checkpoint_is_told_and_begun_anew(data, tmp_path, caplog):
    whole = train_member(data, PARAMS, 0, tmp_path / "a")
    path = tmp_path / "a.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    again = train_member(data, PARAMS, 0, tmp_path / "a")
    assert "cannot be read, its training begins anew" in caplog.text
    for name, value in whole.items():
        np.testing.assert_array_equal(again[name], value)


def test_training_lowers_the_held_out_loss(data, tmp_path):
    losses = []
    params = TrainParams(members=1, epochs=24, refine=0, hidden=8, batch=8)
    train_member(data, params, 0, tmp_path / "a", lambda e, n, v: losses.append(v))
    assert losses[-1] < losses[0] - 0.2


def test_training_goes_on_from_given_networks(data, tmp_path):
    first = train_member(data, PARAMS, 0, tmp_path / "first")
    gentle = TrainParams(members=1, epochs=1, refine=0, hidden=8, batch=8, rate=1e-6)
    (given,) = unstack(stack([first]))
    onwards = train_member(data, gentle, 5, tmp_path / "on", first=given)
    assert set(onwards) == set(first)
    for name, value in first.items():
        np.testing.assert_allclose(onwards[name], value, atol=1e-4)


def test_networks_of_another_number_are_not_trained_on(data, tmp_path):
    other = TrainParams(members=2, hidden=160, start=str(ARTEFACTS / "elbow_set"))
    with pytest.raises(ValueError, match="are 5 of width 160, not 2 of width 160"):
        train_set(data, other, tmp_path)


def test_an_ensemble_of_another_width_is_refused(data, tmp_path):
    tensors = stack([train_member(data, PARAMS, 0, tmp_path / "a")]).tensors()
    with pytest.raises(ValueError, match="lacks out_bias"):
        unpack({k: v for k, v in tensors.items() if k != "out_bias"})
    with pytest.raises(ValueError, match="maps 9 features"):
        unpack(tensors | {"embed": tensors["embed"][:, :9]})
