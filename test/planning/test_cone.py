"""The compiled program, held against cvxpy's own way to the same answer."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest

from elbowroom.planning.optimiser.cone import ConeProgram, SolverError


class Nearest:
    """The point nearest to `wish` above a plane and within a ball."""

    def __init__(self) -> None:
        self.wish, self.normal = cp.Parameter(3), cp.Parameter(3)
        self.level, self.radius = cp.Parameter(), cp.Parameter(nonneg=True)
        self.point = cp.Variable((1, 3))
        self.problem = cp.Problem(
            cp.Minimize(cp.sum_squares(self.point[0] - self.wish)),
            [self.point[0] @ self.normal >= self.level, cp.norm(self.point[0]) <= self.radius],
        )
        self.tell(np.zeros(3), np.array([0.0, 0.0, 1.0]), 0.0, 1.0)
        self.cone = ConeProgram(self.problem)

    def tell(
        self, wish: np.ndarray, normal: np.ndarray, level: float, radius: float
    ) -> dict[cp.Parameter, np.ndarray | float]:
        values = {self.wish: wish, self.normal: normal, self.level: level, self.radius: radius}
        for parameter, value in values.items():
            parameter.value = value
        return values


@pytest.mark.parametrize("seed", range(6))
def test_it_answers_what_cvxpy_answers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nearest = Nearest()
    for _ in range(4):
        normal = rng.standard_normal(3)
        told = nearest.tell(2 * rng.standard_normal(3), normal, 0.3 * rng.uniform(), 1.5)
        nearest.problem.solve(solver=cp.CLARABEL)
        found = nearest.cone.pick(nearest.cone.solve(told), nearest.point)
        # The solver stops within 1e-8 of the least cost, where the cost is flat over 1e-4.
        np.testing.assert_allclose(found, nearest.point.value, atol=5e-4)


def test_the_answer_depends_on_the_question_alone() -> None:
    nearest = Nearest()
    asked = nearest.tell(np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 0.0]), 0.2, 1.0)
    first = nearest.cone.solve(asked)
    nearest.cone.solve(nearest.tell(np.ones(3), np.ones(3), 0.1, 2.0))
    assert np.array_equal(nearest.cone.solve(asked), first)


def test_an_impossible_question_is_refused_and_the_next_is_answered() -> None:
    nearest = Nearest()
    up = np.array([0.0, 0.0, 1.0])
    with pytest.raises(SolverError, match="Infeasible"):
        nearest.cone.solve(nearest.tell(up, up, 2.0, 1.0))
    assert nearest.cone.solve(nearest.tell(up, up, 0.5, 1.0)).shape[0] >= 3


def test_a_problem_that_cannot_be_compiled_is_refused() -> None:
    gain, wish, point = cp.Parameter(), cp.Parameter(3), cp.Variable(3)
    gain.value, wish.value = 1.0, np.zeros(3)
    problem = cp.Problem(cp.Minimize(cp.sum_squares(point - gain * wish)))
    with pytest.raises(ValueError, match="DPP"):
        ConeProgram(problem)
