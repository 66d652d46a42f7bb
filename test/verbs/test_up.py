"""What `elbowroom up` starts."""

from __future__ import annotations

from typing import Any

import pytest

from elbowroom.cli import main

pytest.importorskip("rclpy", reason="needs ROS 2")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Graphs that were started, with their values, without starting them."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def run(graph: Any, **options: Any) -> int:
        calls.append((graph.name, options["values"]))
        return 0

    monkeypatch.setattr("elbowroom.nodes.bringup.session.run", run)
    return calls


def test_a_scene_is_another_name_for_its_graph(started: list[Any]) -> None:
    assert main(["up", "--scene", "grasping", "--seed", "7", "--grasp.task", "hard"]) == 0
    ((graph, values),) = started
    assert graph == "grasping"
    assert values["grasp_sim"] == {"seed": 7, "task": "hard"}
    assert values["grasp"]["task"] == "hard"
    assert "sim" not in values


def test_without_a_scene_an_arm_is_dressed(started: list[Any]) -> None:
    assert main(["up", "--seed", "3", "--person", "2"]) == 0
    ((graph, values),) = started
    assert (graph, values) == ("dressing", {"sim": {"seed": 3, "person": 2}})


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--graph", "hardware"], False),
        (["--graph", "hardware", "--sim-time", "true"], True),
        (["--graph", "replay"], True),
        ([], True),
        (["--sim-time", "false"], False),
    ],
)
def test_the_clock_is_that_of_the_graph(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: bool
) -> None:
    from elbowroom.nodes.bringup.session import Session

    told: list[bool] = []

    def run(graph: Any, **options: Any) -> int:
        with Session(graph, **options) as session:
            told.extend(values["use_sim_time"] for values in session._values.values())
        return 0

    monkeypatch.setattr("elbowroom.nodes.bringup.session.run", run)
    assert main(["up", *arguments]) == 0
    assert set(told) == {expected}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--graph", "hardware", "--scene", "grasping"], "is not that of graph"),
        (["--scene", "kitchen"], "invalid choice"),
    ],
)
def test_a_scene_that_does_not_fit_is_refused(
    started: list[Any], capsys: Any, arguments: list[str], reason: str
) -> None:
    with pytest.raises(SystemExit):
        main(["up", *arguments])
    assert reason in capsys.readouterr().err
    assert not started


def test_objects_are_grasped_in_the_grasping_scene_only(started: list[Any], capsys: Any) -> None:
    assert main(["up", "--grasp.object", "any"]) == 1
    assert "an object is grasped in --scene grasping" in capsys.readouterr().err
    assert not started


def test_a_monitor_runs_beside_the_grasping_only_if_its_reference_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    names: list[list[str]] = []
    told: list[Any] = []

    def run(graph: Any, **options: Any) -> int:
        names.append([spec.name for spec in graph.nodes])
        told.append(options["values"].get("monitor"))
        return 0

    monkeypatch.setattr("elbowroom.nodes.bringup.session.run", run)
    assert main(["up", "--scene", "grasping"]) == 0
    assert main(["up", "--scene", "grasping", "--grasp.monitor", "runs/policy"]) == 0
    assert names == [["grasp", "grasp_sim"], ["grasp", "monitor", "grasp_sim"]]
    assert told == [None, {"keep.reference": "runs/policy"}]
    assert main(["up", "--grasp.monitor", "runs/policy"]) == 1
    assert "grasp.monitor is for --scene grasping" in capsys.readouterr().err


def test_the_figures_of_a_grasp_are_printed_and_written(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any
) -> None:
    import json

    from elbowroom.msg import GraspState

    def run_grasp(name: str, **options: Any) -> GraspState:
        state = GraspState(state=GraspState.LIFTING, object=name, attempts=1, step=9, reason="so")
        options["tell"](state)
        options["tell"](state)
        return GraspState(object=name, success=True, attempts=2, step=14, horizon=40, reason="held")

    monkeypatch.setattr("elbowroom.nodes.bringup.grasping.run_grasp", run_grasp)
    file = tmp_path / "figures.json"
    arguments = ["--scene", "grasping", "--grasp.object", "red bar", "--json", str(file)]
    assert main(["up", *arguments]) == 0
    assert capsys.readouterr().out.count("[red bar] step 9, lifting, attempt 1: so") == 1
    figures = json.loads(file.read_text())
    assert (figures["object"], figures["success"], figures["attempts"]) == ("red bar", True, 2)


def test_what_was_not_asked_for_is_as_the_files_say(started: list[Any]) -> None:
    assert main(["up", "--scene", "grasping", "--grasp.control", "guide"]) == 0
    ((_, values),) = started
    assert values == {"grasp_sim": {}, "grasp": {"control": "guide"}}
