from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from elbowroom.motion.movements.mixture import Mixture, fit_mixture


def _mixture() -> Mixture:
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(2, 3, 3))
    return Mixture(
        np.array([0.3, 0.7]),
        np.array([[0.0, 1.0, 2.0], [5.0, -3.0, 0.0]]),
        roots @ np.swapaxes(roots, 1, 2) + 0.2 * np.eye(3),
    )


def test_log_densities_are_those_of_scipy() -> None:
    mixture = _mixture()
    rows = np.random.default_rng(1).normal(size=(5, 3))
    expected = np.stack(
        [
            np.log(w) + multivariate_normal(m, c).logpdf(rows)
            for w, m, c in zip(mixture.weights, mixture.means, mixture.covariances, strict=True)
        ],
        axis=1,
    )
    np.testing.assert_allclose(mixture.log_densities(rows), expected)


def test_conditioning_divides_the_joint_density_by_the_marginal_one() -> None:
    mixture = _mixture()
    known = np.array([0.5, 0.4])
    given = mixture.condition(known)

    def total(m: Mixture, row: np.ndarray) -> float:
        return float(np.exp(m.log_densities(row[None])).sum())

    marginal = Mixture(mixture.weights, mixture.means[:, :2], mixture.covariances[:, :2, :2])
    for last in (-1.0, 0.3, 2.0):
        joint = total(mixture, np.append(known, last))
        assert total(given, np.array([last])) == pytest.approx(joint / total(marginal, known))


def test_fitting_finds_two_separate_clouds() -> None:
    truth = _mixture()
    rng = np.random.default_rng(2)
    rows = np.array([truth.draw(rng) for _ in range(3000)])
    fitted = fit_mixture(rows, 2, np.random.default_rng(0))
    order = np.argsort(fitted.means[:, 0])
    np.testing.assert_allclose(fitted.weights[order], truth.weights, atol=0.05)
    np.testing.assert_allclose(fitted.means[order], truth.means, atol=0.35)


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="need more"):
        fit_mixture(np.zeros((3, 4)), 2, np.random.default_rng(0))
