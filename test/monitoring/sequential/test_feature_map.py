from __future__ import annotations

import numpy as np
import pytest

from elbowroom.monitoring import MonitoringError, fit_scaler
from elbowroom.monitoring.sequential.feature_map import (
    fit_feature_map,
    fit_whitening,
    shrink_covariance,
)


def test_scaler_floors_a_nearly_constant_feature():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((50, 5)) * [1.0, 2.0, 3.0, 2.0, 1e-9]
    scaler = fit_scaler(rows)
    assert scaler.deviation[:4] == pytest.approx(rows[:, :4].std(axis=0, ddof=1))
    assert abs(scaler.scale(rows + [0, 0, 0, 0, 1e-6])[:, 4]).max() < 1e-4


def test_a_constant_reference_is_refused():
    with pytest.raises(MonitoringError, match="constant"):
        fit_scaler(np.full((10, 2), 0.1))


def test_whitened_rows_have_nearly_the_identity_as_covariance():
    rng = np.random.default_rng(1)
    mix = rng.standard_normal((4, 4))
    whitening = fit_whitening(rng.standard_normal((2000, 4)) @ mix + 5.0)
    fresh = whitening.apply(rng.standard_normal((4000, 4)) @ mix + 5.0)
    assert fresh.mean(axis=0) == pytest.approx(np.zeros(4), abs=0.15)
    assert np.cov(fresh.T) == pytest.approx(np.eye(4), abs=0.15)


def test_few_rows_give_few_directions_and_a_shrunk_covariance():
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((20, 50))
    shrunk = shrink_covariance(rows)
    eigenvalues = np.linalg.eigvalsh(shrunk)
    assert eigenvalues.min() > 0.2
    assert np.trace(shrunk) == pytest.approx(rows.var(axis=0).sum())
    assert fit_whitening(rows).matrix.shape == (50, 5)


def test_features_of_the_fitting_units_are_centred_and_of_one_scale():
    units = np.random.default_rng(3).gamma(2.0, 1.0, (500, 3))
    mapping = fit_feature_map(units, np.random.default_rng(0))
    features = mapping.apply(units)
    assert features.shape == (500, mapping.size) == (500, sum(mapping.sizes))
    assert features.mean(axis=0) == pytest.approx(np.zeros(mapping.size), abs=1e-9)
    assert features[:, :6].std(axis=0) == pytest.approx(np.ones(6), abs=0.05)


def test_too_few_units_to_fit_to_are_refused():
    with pytest.raises(MonitoringError, match="at least 8"):
        fit_feature_map(np.zeros((7, 2)), np.random.default_rng(0))
