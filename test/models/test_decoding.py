from __future__ import annotations

import numpy as np
import pytest

from elbowroom.models.elbow.decoding import decode
from elbowroom.models.elbow.heads import OUTPUTS
from elbowroom.models.elbow.scale import INPUTS, Scale, neutral_scale
from elbowroom.models.elbow.scale import OUTPUTS as MULTIPLIERS
from elbowroom.models.features.names import NAMES, WIDTH
from elbowroom.models.training.dataset import gather, guess_direction
from estimation.toy import draw_trial
from models.oracles import apply_scale, decode_plainly


@pytest.fixture(scope="module")
def features():
    return gather([(str(i), draw_trial(i, 1.0)) for i in range(4)], steps=30).features


def draw_scale(rng, width=5):
    return Scale(
        rng.normal(0, 0.3, (INPUTS, width)),
        rng.normal(0, 0.3, width),
        rng.normal(0, 0.5, (width, MULTIPLIERS)),
        rng.normal(0, 0.5, MULTIPLIERS),
    )


@pytest.mark.parametrize("members", [1, 4])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_compiled_decoding_equals_the_plain_one(features, members, kind):
    rng = np.random.default_rng(members)
    raw = rng.normal(0, 0.8, (members, *features.shape[:2], OUTPUTS)).astype(np.float32)
    f = features.astype(kind)
    scale = draw_scale(rng)
    found = decode(raw, f, scale)
    length = f[..., NAMES.index("upper_arm")].astype(float)
    expected = apply_scale(scale, decode_plainly(raw, guess_direction(f), length), f)
    # The plain one computes speeds in the features' own precision.
    rtol = 1e-9 if kind is np.float64 else 1e-6
    for name, value in vars(expected).items():
        np.testing.assert_allclose(getattr(found, name), value, rtol, 1e-12, err_msg=name)


def test_a_single_row_equals_its_row_of_a_batch(features):
    rng = np.random.default_rng(3)
    raw = rng.normal(0, 0.8, (3, *features.shape[:2], OUTPUTS)).astype(np.float32)
    scale = draw_scale(rng)
    batch, row = decode(raw, features, scale), decode(raw[:, 2, 7], features[2, 7], scale)
    for name, value in vars(row).items():
        np.testing.assert_array_equal(value, getattr(batch, name)[2, 7], err_msg=name)


def test_outputs_and_multipliers_beyond_their_range_are_cut(features):
    scale = Scale(
        np.zeros((INPUTS, 1)), np.zeros(1), np.zeros((1, MULTIPLIERS)), np.full(MULTIPLIERS, 9.0)
    )
    raw = np.full((1, *features.shape[:2], OUTPUTS), 50.0, np.float32)
    found, cut = decode(raw, features, scale), decode(raw, features, neutral_scale())
    np.testing.assert_allclose(found.radial, cut.radial * np.exp(3.0))
    np.testing.assert_allclose(cut.radial, 0.03 * np.exp(4.0))


def test_padding_is_decoded_to_something_finite():
    raw = np.zeros((2, 1, 3, OUTPUTS), np.float32)
    found = decode(raw, np.zeros((1, 3, WIDTH), np.float32), neutral_scale())
    assert all(np.isfinite(v).all() for v in vars(found).values())
    np.testing.assert_array_equal(found.direction[0, 0], [1.0, 0, 0])
