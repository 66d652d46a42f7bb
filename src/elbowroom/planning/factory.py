"""Planners by name."""

from __future__ import annotations

from elbowroom.core import ParameterError
from elbowroom.planning.base import Planner
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.straight import StraightPlanner

PLANNERS = ("straight", "point", "robust", "oracle")
"""Names that `make_planner` knows."""


def make_planner(name: str, params: PlannerParams | None = None) -> Planner:
    """Make a planner.

    Args:
        name: "straight" knows no box; "point" takes `Estimate.point` for the truth; "robust" moves
            for every elbow in the box; "oracle" is "robust" for a caller who gives it a tiny box
            around the true elbow.
        params: defaults where None.

    Raises:
        ParameterError: if the name is unknown.
    """
    if name not in PLANNERS:
        raise ParameterError(f"planner must be one of {list(PLANNERS)}, got {name!r}")
    if name == "straight":
        return StraightPlanner(params)
    from elbowroom.planning.robust import PointPlanner, RobustPlanner

    return PointPlanner(params) if name == "point" else RobustPlanner(params)
