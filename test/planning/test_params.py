"""Parameters and names that are refused."""

from __future__ import annotations

import pytest

from elbowroom.core import ParameterError
from elbowroom.planning import PLANNERS, PlannerParams, make_planner


@pytest.mark.parametrize(
    ("name", "value"),
    [("force_limit", 9.0), ("force_slow", 3.0), ("speed_slow", 0.28), ("width_far", 0.1)],
)
def test_thresholds_out_of_order_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match="must"):
        PlannerParams.from_mapping({name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("damping", 0.0), ("speed", float("nan")), ("stages", 1), ("hurry", 1.0)]
)
def test_bad_values_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=name):
        PlannerParams.from_mapping({name: value})


def test_unknown_planner_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match="robust"):
        make_planner("bold")


def test_every_name_makes_a_planner() -> None:
    made = {name: make_planner(name).name for name in PLANNERS}
    assert made == {
        "straight": "straight",
        "point": "point",
        "robust": "robust",
        "oracle": "robust",
    }
