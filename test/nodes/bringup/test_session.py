"""Starting and stopping processes without launch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from elbowroom.nodes.bringup.lifecycle import BringupError
from elbowroom.nodes.bringup.processes import Process, stop_all
from elbowroom.nodes.bringup.session import Session
from elbowroom.nodes.graph import DRESSING, ESTIMATOR, GRAPHS, PLANNER, Graph
from elbowroom.nodes.share import find_share
from nodes.harness import claim_domain

_POLITE = (
    "import signal, time\n"
    "signal.signal(signal.SIGINT, lambda *_: (print('bye', flush=True), exit(0)))\n"
    "print('here', flush=True)\n"
    "while True: time.sleep(0.01)\n"
)
_STUBBORN = _POLITE.replace("(print('bye', flush=True), exit(0))", "print('no', flush=True)")


def start(code: str, lines: list[str]) -> Process:
    process = Process("child", [sys.executable, "-c", code], lines.append)
    end = time.monotonic() + 20
    while not lines and time.monotonic() < end:
        time.sleep(0.01)
    return process


def test_a_process_is_interrupted_once_and_its_lines_carry_its_name() -> None:
    lines: list[str] = []
    process = start(_POLITE, lines)
    assert process.code is None
    assert stop_all([process]) == {"child": 0}
    assert lines == ["[child] here", "[child] bye"]


def test_a_process_has_a_group_of_its_own() -> None:
    lines: list[str] = []
    process = start(_POLITE, lines)
    assert os.getpgid(process.pid) != os.getpgid(0)
    stop_all([process])


def test_who_does_not_listen_is_terminated() -> None:
    lines: list[str] = []
    process = start(_STUBBORN, lines)
    assert stop_all([process], grace=0.3) == {"child": -signal.SIGTERM}
    assert lines == ["[child] here", "[child] no"]


def test_a_missing_parameter_file_is_refused() -> None:
    with pytest.raises(FileNotFoundError, match="no parameter file"):
        Session(DRESSING, params_files=[Path("nowhere.yaml")])


def test_values_for_nobody_are_refused() -> None:
    with pytest.raises(KeyError, match="no node 'barber'"):
        Session(DRESSING, values={"barber": {"seed": 1}})


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch) -> Any:
    with claim_domain() as number:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(number))
        yield number


def test_a_refused_parameter_ends_the_session_with_its_reason(domain: int) -> None:
    lines: list[str] = []
    graph = Graph("one", (PLANNER,))
    session = Session(graph, values={"planner": {"plan_rate": -1.0}}, say=lines.append)
    with session, pytest.raises(BringupError, match="planner ended with exit code 2"):
        session.start(timeout=60)
    assert any("plan_rate must lie in" in line for line in lines)


def test_a_node_comes_up_in_its_namespace_and_stops_cleanly(domain: int) -> None:
    lines: list[str] = []
    graph = Graph("one", (PLANNER,))
    values = {"planner": {"name": "straight", "planner.speed": 0.22}}
    with Session(graph, values=values, namespace="ward", say=lines.append) as session:
        session.start(timeout=60)
        session.check()
        assert session.stop() == {"planner": 0}, lines


@pytest.mark.parametrize("priority", [0, 20])
def test_a_node_takes_the_priority_asked_for_or_says_that_it_may_not(
    domain: int, priority: int
) -> None:
    lines: list[str] = []
    values = {"planner": {"name": "straight", "scheduling.priority": priority}}
    with Session(Graph("one", (PLANNER,)), values=values, say=lines.append) as session:
        session.start(timeout=60)
        pid = session.processes["planner"].pid
        found = os.sched_getscheduler(pid), os.sched_getparam(pid).sched_priority
    if any("no real-time priority" in line for line in lines):
        assert priority > 0
        assert found == (os.SCHED_OTHER, 0)
    else:
        wanted = (os.SCHED_FIFO, priority + PLANNER.urgency) if priority else (os.SCHED_OTHER, 0)
        assert found == wanted


def test_a_node_does_not_outlive_who_started_it(domain: int) -> None:
    code = (
        "import os, signal\n"
        "from elbowroom.nodes.graph import Graph, PLANNER\n"
        "from elbowroom.nodes.bringup.session import Session\n"
        "session = Session(Graph('one', (PLANNER,)), say=lambda _: None)\n"
        "session.start(timeout=60)\n"
        "print(session.processes['planner'].pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    node = Path("/proc") / ended.stdout.strip()
    end = time.monotonic() + 30
    while node.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not node.exists()


def test_grouped_values_are_nested_for_the_parameter_file() -> None:
    session = Session(Graph("one", (ESTIMATOR,)), values={"estimator": {"inbox.late_limit": 0.2}})
    arguments = session._arguments(ESTIMATOR)
    files = [a for a in arguments if a.endswith(".yaml")]
    assert files[0] == str(find_share("config") / "estimator.yaml")
    written = yaml.safe_load(Path(files[-1]).read_text())["/**/estimator"]["ros__parameters"]
    assert written == {"use_sim_time": True, "inbox": {"late_limit": 0.2}}
    session.stop()


def test_the_monitor_is_expected_where_it_runs() -> None:
    """By the last file that says so; the user's own file comes after the graph's."""
    for graph in (DRESSING, GRAPHS["hardware"], GRAPHS["replay"]):
        session = Session(graph)
        files = [a for a in session._arguments(ESTIMATOR) if a.endswith(".yaml")]
        held: dict[str, float] = {}
        for file in files:
            held |= yaml.safe_load(Path(file).read_text())["/**/estimator"]["ros__parameters"].get(
                "inbox", {}
            )
        assert (held["health_timeout"] > 0) is ("monitor" in {n.name for n in graph.nodes})
        session.stop()
