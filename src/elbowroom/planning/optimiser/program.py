"""The receding-horizon program of the cuff's way: convex, parametrised once (DPP), Clarabel.

Over positions p_0 .. p_N of the cuff's centre, a time h apart,

    minimise   sum_k |p_k - r_k|^2 w_k + smooth |p_{k+1} - 2 p_k + p_{k-1}|^2 + slack terms
    subject to n_k . p_k >= a_k - i_k         inside of the bend, for every elbow in the box
               n_k . p_k <= b_k + o_k         not farther outside than the cloth gives
               |p_k - c_k| <= g_k + l_k       predicted force below the comfort limit
               |p_{k+1} - p_k| <= h v, |p_{k+1} - 2 p_k + p_{k-1}| <= h^2 a
               lower <= p_k <= upper, |p_k - base| <= reach
               i, o, l >= 0

with p_0 and p_1 - p_0 given by where the cuff is and how it moves.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from elbowroom.core.types import Array
from elbowroom.planning.optimiser.cone import ConeProgram, SolverError
from elbowroom.planning.params import PlannerParams


@dataclass(frozen=True)
class Stage:
    """What the program is asked; arrays over the stages 1 .. N.

    Attributes:
        start: p_0 [m], shape (3,).
        velocity: of the cuff [m/s], shape (3,).
        wanted: r [m], shape (N, 3).
        axis: c [m], shape (N, 3).
        normal: n, shape (N, 3).
        inside: a [m], shape (N,).
        outside: b [m], shape (N,).
        give: g [m], shape (N,).
        speed: v [m/s].
    """

    start: Array
    velocity: Array
    wanted: Array
    axis: Array
    normal: Array
    inside: Array
    outside: Array
    give: Array
    speed: float


@dataclass(frozen=True)
class Plan:
    """What the program answered.

    Attributes:
        points: p_0 .. p_N [m], shape (N + 1, 3).
        active: names of the constraints that hold the plan back.
        solve_time: [s].
    """

    points: Array
    active: tuple[str, ...]
    solve_time: float


class Program:
    """One program of fixed size; `solve` only fills in numbers."""

    def __init__(self, params: PlannerParams) -> None:
        import cvxpy as cp

        count = params.stages
        self._params = params
        self._start = cp.Parameter(3)
        self._drift = cp.Parameter(3)
        self._wanted = cp.Parameter((count, 3))
        self._axis = cp.Parameter((count, 3))
        self._normal = cp.Parameter((count, 3))
        self._inside = cp.Parameter(count)
        self._outside = cp.Parameter(count)
        self._give = cp.Parameter(count, nonneg=True)
        self._stride = cp.Parameter(count, nonneg=True)
        self._low, self._high = cp.Parameter(3), cp.Parameter(3)
        self._reach = cp.Parameter(nonneg=True)
        self._points = cp.Variable((count, 3))
        self._slack = cp.Variable((3, count))
        rehearsal = self._fill(self._rehearse())
        for parameter, value in rehearsal.items():
            parameter.value = value
        self._cone = ConeProgram(cp.Problem(*self._formulate(cp)))
        self._cone.solve(rehearsal)

    def _formulate(self, cp: Any) -> tuple[Any, list[Any]]:
        params, p, slack = self._params, self._points, self._slack
        h = params.stage_time
        start = cp.reshape(self._start, (1, 3), order="C")
        chain = cp.vstack([start, p])
        stride = cp.diff(chain, axis=0)
        first = cp.reshape(self._drift, (1, 3), order="C")
        change = cp.diff(cp.vstack([first, stride]), axis=0)
        across = cp.sum(cp.multiply(self._normal, p), axis=1)
        base = np.array(params.robot_base)
        cost = cp.sum_squares(p - self._wanted) + params.smoothness * cp.sum_squares(change)
        cost += params.slack_weight * cp.sum(slack) / 100 + params.slack_weight * cp.sum_squares(
            slack
        )
        return cp.Minimize(cost), [
            across >= self._inside - slack[0],
            across <= self._outside + slack[1],
            cp.norm(p - self._axis, axis=1) <= self._give + slack[2],
            cp.norm(stride, axis=1) <= self._stride,
            cp.norm(change, axis=1) <= params.acceleration * h * h,
            p >= cp.reshape(self._low, (1, 3), order="C"),
            p <= cp.reshape(self._high, (1, 3), order="C"),
            cp.norm(p - base[None, :], axis=1) <= self._reach,
            slack >= 0,
        ]

    def _rehearse(self) -> Stage:
        """A question of the right size, with which the program is compiled."""
        count = self._params.stages
        start = np.array(self._params.robot_base)
        way = start + np.outer(np.arange(1, count + 1), [0.001, 0.0, 0.0])
        up, far = np.tile([0.0, 0.6, 0.8], (count, 1)), np.ones(count)
        level = 0.6 * way[:, 1] + 0.8 * way[:, 2]
        return Stage(start, np.zeros(3), way, way, up, level - far, level + far, far, 0.1)

    def solve(self, stage: Stage) -> Plan:
        """Solve for one instant.

        Raises:
            SolverError: if the program is infeasible, or the solver failed or answered with
                numbers that are not finite.
        """
        if not all(np.all(np.isfinite(value)) for value in vars(stage).values()):
            raise SolverError("the plan is asked for with numbers that are not finite")
        begin = time.perf_counter()
        x = self._cone.solve(self._fill(stage))
        took = time.perf_counter() - begin
        points, slack = self._cone.pick(x, self._points), self._cone.pick(x, self._slack)
        whole = np.concatenate([stage.start[None], points])
        return Plan(whole, self._name_active(stage, whole, slack), took)

    def _fill(self, stage: Stage) -> dict[Any, Array | float]:
        low, high, reach = self._widen(stage.start)
        return {
            self._start: stage.start,
            self._drift: stage.velocity * self._params.stage_time,
            self._wanted: stage.wanted,
            self._axis: stage.axis,
            self._normal: stage.normal,
            self._inside: stage.inside,
            self._outside: stage.outside,
            self._give: np.maximum(stage.give, 0.0),
            self._stride: self._brake(stage),
            self._low: low,
            self._high: high,
            self._reach: reach,
        }

    def _brake(self, stage: Stage) -> Array:
        """Strides allowed: down from the present speed as fast as the acceleration limit lets."""
        p, now = self._params, float(np.linalg.norm(stage.velocity))
        steps = p.stage_time * np.arange(1, p.stages + 1)
        slack = 1e-6
        return np.maximum(stage.speed, now - p.acceleration * steps + slack) * p.stage_time + slack

    def _widen(self, start: Array) -> tuple[Array, Array, float]:
        """Workspace and reach; a cuff that is already outside of them may stay as far out."""
        p, margin = self._params, 0.002
        distance = float(np.linalg.norm(start - np.array(p.robot_base)))
        return (
            np.minimum(p.workspace_low, start - margin),
            np.maximum(p.workspace_high, start + margin),
            max(p.robot_reach, distance + margin),
        )

    def _name_active(self, stage: Stage, chain: Array, slack: Array) -> tuple[str, ...]:
        p = chain[1:]
        stride = np.linalg.norm(np.diff(chain, axis=0), axis=1)
        across = np.sum(stage.normal * p, axis=1)
        away = np.linalg.norm(p - np.array(self._params.robot_base), axis=1)
        held = {
            "speed": np.any(stride >= 0.99 * self._params.stage_time * stage.speed),
            "inside of the elbow": np.any(across <= stage.inside + 1e-4),
            "outside of the elbow": np.any(across >= stage.outside - 1e-4),
            "predicted force": np.any(slack[2] > 1e-4),
            "reach": np.any(away >= self._params.robot_reach - 1e-4),
        }
        return tuple(name for name, active in held.items() if active)
