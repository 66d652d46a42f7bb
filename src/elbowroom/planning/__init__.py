"""Planners that pull the cuff up the arm: straight line, point estimate, whole box."""

from __future__ import annotations

from elbowroom.planning.base import Planner
from elbowroom.planning.factory import PLANNERS, make_planner
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.safety.envelope import Health
from elbowroom.planning.state import PlanState
from elbowroom.planning.straight import StraightPlanner

__all__ = [
    "PLANNERS",
    "Health",
    "PlanState",
    "Planner",
    "PlannerParams",
    "StraightPlanner",
    "make_planner",
]
