from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from elbowroom.core import JOINTS, OPTIONAL, SUBSETS, exp_so3
from elbowroom.models.features.causal import (
    GRID,
    NAMES,
    WIDTH,
    advance,
    extract,
    hide,
    is_ready,
    read,
    row_of,
    rows_of,
    start_memory,
)
from elbowroom.models.training.augment import AugmentParams, Batch, augment, rotate
from elbowroom.models.training.dataset import gather, guess_direction
from estimation.toy import draw_trial


def value(features, name, width=3):
    start = NAMES.index({1: name, 3: f"{name}_x", JOINTS: f"{name}_1"}[width])
    return features[..., start : start + width]


STILL = AugmentParams(yaw=0, shoulder=0, sighting=0, length=0, progress=0, effort=0, force=0)


@pytest.fixture(scope="module")
def trial():
    return draw_trial(5)


def test_rows_one_by_one_give_the_same_as_all_at_once(trial):
    features, index, _ = extract(trial.arm, rows_of(trial))
    memory, k = start_memory(trial.arm), 0
    for i, sample in enumerate(trial.samples()):
        advance(memory, row_of(sample))
        if k < len(index) and i == index[k]:
            assert is_ready(memory)
            np.testing.assert_array_equal(read(memory), features[k])
            k += 1
    assert k == len(index)


def test_the_grid_is_regular(trial):
    _, index, _ = extract(trial.arm, rows_of(trial))
    assert set(np.diff(index)) == {round(GRID * 240)}


def test_features_mean_what_their_names_say(trial):
    features, index, anchors = extract(trial.arm, rows_of(trial))
    assert features.shape[1] == WIDTH == len(NAMES)
    gripper = trial.gripper_position[index]
    np.testing.assert_allclose(value(features, "gripper_from_anchor"), gripper - anchors[index])
    np.testing.assert_allclose(value(features, "gripper_axis"), np.tile([0, 0, 1], (len(index), 1)))
    np.testing.assert_allclose(value(features, "gripper_side"), np.tile([1, 0, 0], (len(index), 1)))
    np.testing.assert_allclose(value(features, "time", 1)[:, 0], trial.time[index], atol=1e-12)
    np.testing.assert_allclose(value(features, "upper_arm", 1), trial.arm.upper_arm)
    np.testing.assert_allclose(value(features, "forearm", 1), trial.arm.forearm)
    slow = np.abs(value(features, "force_200ms") - trial.force[index]).max()
    assert slow < 2.0
    first = trial.true_elbow[0] - trial.true_shoulder[0]
    assert np.linalg.norm(value(features, "sighting_from_anchor0")[10] - first) < 0.03
    speed = (trial.true_shoulder[200] - trial.true_shoulder[152]) / 0.2
    assert np.linalg.norm(value(features, "anchor_speed")[18] - speed) < 0.06


def test_the_wrist_fades_when_it_is_lost(trial):
    features, index, _ = extract(trial.arm, rows_of(trial))
    weight = value(features, "wrist_weight", 1)[:, 0]
    seen = trial.time[index] % 1.0
    assert np.all(weight[(seen > 0.1) & (seen < 0.45)] > 0.95)
    assert np.all(weight[(seen > 0.9)] < 0.6)
    hidden, _, _ = extract(trial.arm, rows_of(trial, "none"))
    assert np.all(value(hidden, "wrist_weight", 1) == 0)
    assert np.all(value(hidden, "wrist_from_anchor") == 0)


def test_the_cuffs_way_is_smoothed_and_fades_when_it_is_lost(trial):
    features, index, _ = extract(trial.arm, rows_of(trial))
    weight, way, speed = (
        value(features, n, 1)[:, 0] for n in ("progress_weight", "progress", "progress_speed")
    )
    time = trial.time[index]
    since = time % 1.1
    assert np.all(weight[time < 0.4] == 0)
    assert np.all(way[time < 0.4] == 0)
    seen = (since > 0.5) & (time > 0.8)
    assert np.all(weight[seen] > 0.95)
    assert np.abs(way - trial.true_progress[index])[seen].max() < 0.02
    assert np.mean(speed[seen]) == pytest.approx(np.diff(trial.true_progress).mean() * 240, rel=0.3)
    lost = (since > 0.3) & (since < 0.4) & (time > 1.1)
    assert np.all((weight[lost] < 0.7) & (weight[lost] > 0.4))


def test_effort_is_smoothed_and_fades_when_it_is_lost(trial):
    exact = replace(trial, effort=np.tile(np.arange(7.0), (len(trial), 1)))
    features, index, _ = extract(trial.arm, rows_of(exact))
    np.testing.assert_allclose(value(features, "effort", JOINTS)[-1], np.arange(7.0))
    features, index, _ = extract(trial.arm, rows_of(trial))
    weight = value(features, "effort_weight", 1)[:, 0]
    since = trial.time[index] % 1.3
    assert np.all(weight[since < 0.7] > 0.95)
    assert np.all(weight[since > 1.2] < 0.5)


@pytest.mark.parametrize("inputs", SUBSETS)
def test_zeroed_features_equal_a_hidden_sensor(trial, inputs):
    features, _, _ = extract(trial.arm, rows_of(trial))
    hidden, _, _ = extract(trial.arm, rows_of(trial, inputs))
    np.testing.assert_array_equal(hide(features, inputs), hidden)
    assert (inputs == SUBSETS[-1]) == np.array_equal(hidden, features)


def test_hidden_inputs_leave_everything_else_alone(trial):
    features, _, _ = extract(trial.arm, rows_of(trial))
    kept = [i for i, n in enumerate(NAMES) if n.split("_")[0] not in OPTIONAL]
    assert len(kept) == 48
    np.testing.assert_array_equal(hide(features, "none")[:, kept], features[:, kept])


def test_turning_features_equals_turning_the_trial(trial):
    angle = 0.7
    turn = exp_so3([0, 0, angle])
    vectors = ("force", "torque", "gripper_position", "shoulder", "sighting", "wrist")
    turned = replace(
        trial,
        **{n: getattr(trial, n) @ turn.T for n in vectors},
        gripper_orientation=(
            Rotation.from_matrix(turn) * Rotation.from_quat(trial.gripper_orientation)
        ).as_quat(),
    )
    expected, _, _ = extract(trial.arm, rows_of(turned))
    features, _, _ = extract(trial.arm, rows_of(trial))
    found = rotate(torch.from_numpy(features)[None], torch.tensor([angle]))[0].numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_shifted_shoulder_equals_a_shifted_recording(trial):
    params = replace(STILL, shoulder=0.01)
    data = gather([("a", trial)], steps=45)
    batch = Batch(
        torch.from_numpy(data.features), torch.full((1, 45), 0.28), torch.from_numpy(data.elbow)
    )
    shifted = augment(batch, params, np.random.default_rng(3))
    shift = (batch.elbow - shifted.elbow)[0, 0].numpy()
    assert 1e-3 < np.linalg.norm(shift) < 0.05
    moved = gather([("a", replace(trial, shoulder=trial.shoulder + shift))], steps=45)
    np.testing.assert_allclose(shifted.features[0].numpy(), moved.features[0], atol=2e-5)
    np.testing.assert_allclose(shifted.elbow[0].numpy(), moved.elbow[0], atol=2e-5)


def test_a_biased_force_equals_a_biased_recording(trial):
    params = replace(STILL, force=0.5)
    data = gather([("a", trial)], steps=45)
    batch = Batch(
        torch.from_numpy(data.features), torch.full((1, 45), 0.28), torch.from_numpy(data.elbow)
    )
    biased = augment(batch, params, np.random.default_rng(4)).features[0].numpy()
    bias = value(biased, "force_50ms")[0] - value(data.features[0], "force_50ms")[0]
    moved = gather([("a", replace(trial, force=trial.force + bias))], steps=45)
    np.testing.assert_allclose(biased, moved.features[0], atol=2e-4)


@pytest.mark.parametrize("name", ["progress", "effort"])
def test_a_biased_input_equals_a_biased_recording(trial, name):
    params = replace(STILL, **{name: {"progress": 0.1, "effort": 0.5}[name]})
    data = gather([("a", trial)], steps=45)
    batch = Batch(
        torch.from_numpy(data.features), torch.full((1, 45), 0.28), torch.from_numpy(data.elbow)
    )
    biased = augment(batch, params, np.random.default_rng(4)).features[0].numpy()
    width = {"progress": 1, "effort": JOINTS}[name]
    last = np.flatnonzero(value(data.features[0], f"{name}_weight", 1)[:, 0] == 1)[-1]
    bias = (value(biased, name, width) - value(data.features[0], name, width))[last]
    assert np.all(np.abs(bias) > 1e-3)
    shifted = getattr(trial, name) + (bias if width > 1 else bias[0])
    moved = gather([("a", replace(trial, **{name: shifted}))], steps=45)
    np.testing.assert_allclose(biased, moved.features[0], atol=2e-5)


def test_the_first_guess_points_at_the_sighting(trial):
    features, _, _ = extract(trial.arm, rows_of(trial))
    truth = trial.true_elbow[0] - trial.true_shoulder[0]
    guess = guess_direction(features[8])
    assert guess @ truth / np.linalg.norm(truth) > 0.99
