"""A parametrised convex problem compiled once, so that a solve costs the solver's time alone.

cvxpy turns a problem with parameters (DPP) into the cone program

    minimise 1/2 x' P x + q' x   subject to   A x + s = b,  s in K,

whose numbers are affine in the parameters (Agrawal et al. 2019, arXiv 1910.12430). The affine maps
are taken from cvxpy at the start; a solve multiplies them by the parameters and hands the result to
Clarabel, which keeps its memory and its ordering. Clarabel is an interior-point method: it has no
warm start, and its answer depends on nothing but the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from elbowroom.core.types import Array

SOLVED = ("Solved", "AlmostSolved")


class SolverError(RuntimeError):
    """The program has no usable solution."""


class ConeProgram:
    """A cvxpy problem, compiled.

    Args:
        problem: cvxpy problem that obeys DPP and whose parameters have values. Its objective's
            quadratic part must not depend on parameters.

    Raises:
        ValueError: if the problem does not obey DPP.
    """

    def __init__(self, problem: Any) -> None:
        import clarabel
        import cvxpy as cp
        from cvxpy.reductions.solvers.conic_solvers.clarabel_conif import dims_to_solver_cones

        if not problem.is_dcp(dpp=True):
            raise ValueError("the problem must obey DPP")
        data, _, _ = problem.get_problem_data(cp.CLARABEL)
        form = data["param_prob"]
        self._columns = form.param_id_to_col
        self._sizes = form.param_id_to_size
        self._variables = form.var_id_to_col
        self._theta = np.zeros(form.total_param_size + 1)
        self._theta[-1] = 1.0
        form.reduced_A.cache(keep_zeros=True)
        rows, starts, (height, width) = form.reduced_A.problem_data_index
        split = int(starts[width - 1])
        whole = sp.csr_array(form.reduced_A.reduced_mat)
        self._matrix, self._offset_rows = -whole[:split], rows[split:]
        self._offset, self._height = whole[split:], height
        self._linear = sp.csr_array(form.q)[: width - 1]
        self._fill({p.id: p.value for p in problem.parameters()})
        matrix = sp.csc_array(
            (self._matrix @ self._theta, rows[:split], starts[:width]), shape=(height, width - 1)
        )
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        settings.presolve_enable = False
        quadratic = sp.csc_matrix(sp.triu(data["P"]))
        self._solver = clarabel.DefaultSolver(
            quadratic,
            self._linear @ self._theta,
            sp.csc_matrix(matrix),
            self._right_side(),
            dims_to_solver_cones(data["dims"]),
            settings,
        )

    def solve(self, values: Mapping[Any, Array | float]) -> Array:
        """The solution x, shape (n,); `pick` finds a variable in it.

        Args:
            values: of every cvxpy parameter whose value has changed.

        Raises:
            SolverError: if the problem is infeasible or the solver failed.
        """
        self._fill({parameter.id: value for parameter, value in values.items()})
        self._solver.update(
            q=self._linear @ self._theta, A=self._matrix @ self._theta, b=self._right_side()
        )
        answer = self._solver.solve()
        x = np.asarray(answer.x)
        if str(answer.status) not in SOLVED or not np.all(np.isfinite(x)):
            raise SolverError(f"the plan is not solved: {answer.status}")
        return x

    def pick(self, x: Array, variable: Any) -> Array:
        """The part of a solution that belongs to a cvxpy variable, in the variable's shape."""
        start = self._variables[variable.id]
        return x[start : start + variable.size].reshape(variable.shape, order="F")

    def _fill(self, values: Mapping[int, Array | float]) -> None:
        for key, value in values.items():
            start = self._columns[key]
            self._theta[start : start + self._sizes[key]] = np.ravel(value, order="F")

    def _right_side(self) -> Array:
        right = np.zeros(self._height)
        right[self._offset_rows] = self._offset @ self._theta
        return right
