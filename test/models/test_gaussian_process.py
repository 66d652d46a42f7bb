from __future__ import annotations

import numpy as np
import pytest

from elbowroom.models.gaussian.fitting import (
    GaussianProcessFit,
    _condition,
    _negative_log_likelihood,
    fit_gaussian_process,
)
from elbowroom.models.gaussian.regression import GaussianProcess, kernel


def _surface(x: np.ndarray) -> np.ndarray:
    return np.column_stack([np.sin(x[:, 0]) * x[:, 1], 3.0 + np.cos(x[:, 1])])


def _data(count: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2.0, 2.0, (count, 2))
    return x, _surface(x) + noise * rng.normal(size=(count, 2))


@pytest.fixture(scope="module")
def fitted() -> GaussianProcess:
    return fit_gaussian_process(
        *_data(1200, 0.05), np.random.default_rng(1), GaussianProcessFit(inducing=80)
    )


def test_exact_posterior_equals_the_textbook_formula() -> None:
    rng = np.random.default_rng(0)
    inputs, targets, query = rng.normal(size=(30, 2)), rng.normal(size=(30, 2)), np.ones((1, 2))
    weights, factor = _condition(inputs, targets, inputs, 1.5, 0.2)
    inverse = np.linalg.inv(kernel(inputs, inputs, 1.5) + 0.04 * np.eye(30))
    cross = kernel(query, inputs, 1.5)
    np.testing.assert_allclose(cross @ weights, cross @ inverse @ targets, rtol=1e-3)
    np.testing.assert_allclose(
        np.sum((factor @ cross.T) ** 2), cross @ inverse @ cross.T, rtol=1e-4
    )


def test_fit_recovers_function_and_noise(fitted: GaussianProcess) -> None:
    x, _ = _data(300, 0.0, seed=5)
    mean, sigma = fitted.predict(x)
    error = np.abs(mean - _surface(x))
    assert np.sqrt(np.mean(error**2)) < 0.02
    assert np.mean(error < 3 * sigma + 1e-6) > 0.97
    np.testing.assert_allclose(fitted.noise, 0.05, rtol=0.1)


def test_likelihood_gradient_matches_differences() -> None:
    x, y = _data(60, 0.1)
    theta = np.array([0.3, -0.2, 0.1, -1.0])
    _, gradient = _negative_log_likelihood(theta, x, y)
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-5
        up, down = (_negative_log_likelihood(theta + s * step, x, y)[0] for s in (1, -1))
        assert gradient[i] == pytest.approx((up - down) / 2e-5, rel=1e-5)


def test_linearise_agrees_with_predict(fitted: GaussianProcess) -> None:
    point = np.array([0.4, -1.1])
    line = fitted.linearise(point)
    mean, sigma = fitted.predict(point[None])
    np.testing.assert_allclose(line.mean, mean[0], rtol=1e-9)
    np.testing.assert_allclose(line.sigma, sigma[0], rtol=1e-5)
    for i in range(2):
        step = np.zeros(2)
        step[i] = 1e-5
        slope = fitted.predict((point + step)[None])[0] - fitted.predict((point - step)[None])[0]
        np.testing.assert_allclose(line.jacobian[:, i], slope[0] / 2e-5, rtol=1e-5)


@pytest.mark.parametrize("size", [0.01, 0.1, 0.5, 2.0])
def test_bounds_hold_over_boxes(fitted: GaussianProcess, size: float) -> None:
    rng = np.random.default_rng(3)
    for centre in rng.uniform(-2.0, 2.0, (10, 2)):
        reach = size * rng.uniform(0.2, 1.0, 2)
        points = centre + reach * rng.uniform(-1.0, 1.0, (200, 2))
        line = fitted.linearise(centre)
        mean, sigma = fitted.predict(points)
        error = np.abs(mean - line.mean - (points - centre) @ line.jacobian.T).max(axis=0)
        assert np.all(error <= fitted.remainder(reach) + 1e-9)
        growth = (sigma - line.sigma).max(axis=0)
        assert np.all(growth <= fitted.spread(centre, reach) + 1e-7)


def test_remainder_is_continuous_where_its_two_forms_meet(fitted: GaussianProcess) -> None:
    for_unit = fitted.lengths * np.array([1.0, 0.0])
    below, above = fitted.remainder(0.04999 * for_unit), fitted.remainder(0.05001 * for_unit)
    np.testing.assert_allclose(below, above, rtol=3e-3)


def test_same_seed_same_process() -> None:
    a, b = (
        fit_gaussian_process(
            *_data(300, 0.1), np.random.default_rng(4), GaussianProcessFit(inducing=30)
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(a.weights, b.weights)


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        (np.zeros((5, 2)), np.zeros((4, 1))),
        (np.zeros(5), np.zeros((5, 1))),
        (np.full((5, 2), np.nan), np.zeros((5, 1))),
        (np.zeros((2, 2)), np.zeros((2, 1))),
    ],
)
def test_bad_data_is_refused(inputs: np.ndarray, outputs: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"finite|need"):
        fit_gaussian_process(inputs, outputs, np.random.default_rng(0))


@pytest.mark.parametrize("points", [np.zeros((1, 3)), np.zeros(2), np.full((1, 2), np.inf)])
def test_bad_points_are_refused(fitted: GaussianProcess, points: np.ndarray) -> None:
    with pytest.raises(ValueError, match="points must"):
        fitted.predict(points)
