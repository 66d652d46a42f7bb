from __future__ import annotations

import numpy as np
import pytest
import torch

from elbowroom.estimation.membership.kernel import frame, measure_ratio
from elbowroom.models.elbow.ensemble import stack
from elbowroom.models.elbow.heads import OUTPUTS
from elbowroom.models.features.causal import hide
from elbowroom.models.training.augment import first_guess
from elbowroom.models.training.dataset import gather, guess_direction
from elbowroom.models.training.member import TrainParams, train_member
from elbowroom.models.training.refinement import UnitBounds, edge_loss, soft_quantile, unit_bounds
from estimation.toy import draw_trial
from models.oracles import decode_plainly


def test_ratios_are_those_of_the_filter():
    rng = np.random.default_rng(0)
    raw = rng.normal(0, 0.4, (1, 40, OUTPUTS))
    guess = rng.normal(size=(40, 3))
    guess /= np.linalg.norm(guess, axis=-1, keepdims=True)
    length = rng.uniform(0.25, 0.32, 40)
    elbow = guess * length[:, None] + rng.normal(0, 0.02, (40, 3))
    expected = []
    prediction = decode_plainly(raw, guess, length)
    for k in range(40):
        axes, across = frame(prediction.direction[k], prediction.spread[k])
        unit = np.array([prediction.radial[k], *across])
        expected.append(measure_ratio(axes, prediction.radius[k], unit, elbow[k]))
    found = unit_bounds(*(torch.from_numpy(a)[None] for a in (raw[0], guess, length, elbow)))
    np.testing.assert_allclose(found.ratio[0], expected, rtol=1e-6)


def test_the_edge_does_not_depend_on_the_unit():
    torch.manual_seed(0)
    ratio, mask = torch.rand(60, 20), torch.ones(60, 20)
    bounds = 0.02 + 0.02 * torch.rand(60, 20, 2), 0.01 * torch.ones(60, 20)
    radius = 0.3 * torch.ones(60, 20)
    one = edge_loss(UnitBounds(ratio, *bounds, radius), mask)
    other = edge_loss(UnitBounds(ratio / 5, *(5 * b for b in bounds), radius), mask)
    assert float(one) == pytest.approx(float(other), abs=1e-5)


def test_steps_past_the_end_count_for_nothing():
    ratio, mask = torch.rand(40, 20), torch.ones(40, 20)
    mask[:, 12:] = 0
    bounds = 0.03 * torch.ones(40, 20, 2), 0.01 * torch.ones(40, 20), 0.3 * torch.ones(40, 20)
    before = edge_loss(UnitBounds(ratio, *bounds), mask)
    ratio[:, 12:] = 1e6
    assert float(edge_loss(UnitBounds(ratio, *bounds), mask)) == float(before)


def test_the_soft_quantile_is_near_the_quantile():
    scores = torch.linspace(0, 1, 1001)
    assert float(soft_quantile(scores, 0.05)) == pytest.approx(0.95, abs=5e-3)


def test_the_first_guess_is_the_datasets():
    data = gather([(str(i), draw_trial(i, 1.0)) for i in range(3)], steps=26)
    features = np.asarray(data.features).reshape(-1, 26, data.features.shape[-1])
    found = first_guess(torch.from_numpy(features)).numpy()
    np.testing.assert_allclose(found, guess_direction(features), atol=1e-6)


def test_refining_makes_the_boxes_of_other_people_smaller(tmp_path):
    data = gather([(str(i), draw_trial(i, 1.5)) for i in range(200)], steps=38)
    people = gather([(str(i), draw_trial(i, 1.5)) for i in range(500, 700)], steps=38)
    features = torch.from_numpy(hide(people.features, "none"))
    length = torch.from_numpy(people.length.astype(np.float32))[:, None].expand(features.shape[:2])
    mask = torch.from_numpy(people.mask.astype(np.float32))

    def held_out(refine):
        params = TrainParams(members=1, epochs=12, refine=refine, hidden=8, batch=32)
        state = train_member(data, params, 0, tmp_path / str(refine))
        raw = torch.from_numpy(stack([state]).run(features.numpy())[0])
        elbow = torch.from_numpy(people.elbow)
        found = unit_bounds(raw, first_guess(features), length, elbow)
        return float(edge_loss(found, mask, power=200.0))

    assert held_out(20) < held_out(0) - 0.03
