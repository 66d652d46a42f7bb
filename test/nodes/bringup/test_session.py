"""Starting and stopping processes without launch, and with it where it is installed."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from elbowroom.core import TrialError
from elbowroom.nodes.bringup.lifecycle import BringupError
from elbowroom.nodes.bringup.processes import Process, stop_all
from elbowroom.nodes.bringup.session import Session
from elbowroom.nodes.graph import DRESSING, ESTIMATOR, GRAPHS, PLANNER, TOPICS, Graph
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


needs_launch = pytest.mark.skipif(
    any(importlib.util.find_spec(n) is None for n in ("launch", "launch_ros")),
    reason="launch and launch_ros come with a ROS 2 installation only",
)


def describe(name: str) -> Any:
    path = find_share("launch") / f"{name}.launch.py"
    spec = importlib.util.spec_from_file_location(f"{name}_launch", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate_launch_description()


@needs_launch
@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_every_launch_argument_is_described(name: str) -> None:
    arguments = {a.name: a.description for a in describe(name).get_launch_arguments()}
    common = {"params_file", "namespace", "use_sim_time", "rviz", "record", "record_to"}
    assert common <= set(arguments)
    assert all(text and text != "no description given" for text in arguments.values())


def write_bag(folder: Path, *topics: str) -> Path:
    """A bag with one message on every topic."""
    from rosbags.rosbag2 import Writer

    from elbowroom.nodes.graph import find_topic
    from elbowroom.nodes.recording.recorder import load_types

    store = load_types()
    with Writer(folder, version=9) as writer:
        for name in topics:
            kind = TOPICS[find_topic(name)].type
            connection = writer.add_connection(name, kind, typestore=store)
            writer.write(connection, 1, b"\0\1\0\0" + bytes(64))
    return folder


def command_of(process: Any, context: Any) -> list[str]:
    return ["".join(s.perform(context) for s in part) for part in process.cmd]


@needs_launch
@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_a_launch_file_starts_the_nodes_of_its_graph(name: str, tmp_path: Path) -> None:
    from launch import LaunchContext
    from launch.actions import DeclareLaunchArgument, OpaqueFunction
    from launch_ros.actions import LifecycleNode

    context = LaunchContext()
    context.launch_configurations["bag"] = str(write_bag(tmp_path / "bag", "/wrench"))
    made: list[Any] = []
    for entity in describe(name).entities:
        if isinstance(entity, DeclareLaunchArgument):
            entity.visit(context)
    for entity in describe(name).entities:
        if isinstance(entity, OpaqueFunction):
            made += entity.visit(context) or []
    nodes = [e for e in made if isinstance(e, LifecycleNode)]
    wanted = [spec.executable for spec in GRAPHS[name].nodes]
    assert [n.node_executable for n in nodes] == wanted


@needs_launch
def test_recording_takes_the_topics_of_the_namespace() -> None:
    from launch import LaunchContext
    from launch.actions import ExecuteProcess

    from elbowroom.nodes.bringup.launching import record

    context = LaunchContext()
    context.launch_configurations.update(record="true", record_to="tape", namespace="ward")
    (process,) = record(DRESSING)[0].visit(context) or []
    assert isinstance(process, ExecuteProcess)
    assert {"/ward/elbow_box", "/clock", "tape"} <= set(command_of(process, context))
    context.launch_configurations["record"] = "false"
    assert not record(DRESSING)[0].visit(context)


@needs_launch
def test_recording_and_playing_follow_the_topics_new_names(tmp_path: Path) -> None:
    from launch import LaunchContext

    from elbowroom.nodes.bringup.launching import play, record

    context = LaunchContext()
    held = {"record": "true", "record_to": "", "namespace": "ward", "rate": "1.0"}
    held |= {"wrench": "/ft/wrench", "shoulder": "seen"}
    held["bag"] = str(write_bag(tmp_path / "bag", "/wrench"))
    context.launch_configurations.update(held)
    names = {name: name for name in ("wrench", "shoulder")}
    (process,) = record(DRESSING, names)[0].visit(context) or []
    topics = command_of(process, context)
    assert {"/ft/wrench", "/ward/seen", "/ward/elbow_box"} <= set(topics)
    assert not {"/ward/wrench", "/ward/shoulder"} & set(topics)
    (process,) = play(["wrench", "gripper_pose"])[0].visit(context) or []
    command = command_of(process, context)
    assert command[command.index("--topics") + 1 :][:2] == ["/ft/wrench", "/ward/gripper_pose"]
    assert command[command.index("--remap") + 1 :] == ["/ft/wrench:=/ward/wrench"]


@needs_launch
def test_a_launch_in_which_a_node_refuses_ends_with_a_code_other_than_0(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from launch import LaunchDescription, LaunchService
    from launch.actions import IncludeLaunchDescription
    from launch.launch_description_sources import PythonLaunchDescriptionSource

    path = str(find_share("launch") / "hardware.launch.py")
    source = PythonLaunchDescriptionSource(path)
    included = IncludeLaunchDescription(source, launch_arguments={"planner": "hasty"}.items())
    with claim_domain() as domain:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
        service = LaunchService(noninteractive=True)
        service.include_launch_description(LaunchDescription([included]))
        assert service.run() == 1


@needs_launch
@pytest.mark.parametrize("simulated", [True, False])
def test_a_bag_is_played_with_its_own_clock_if_it_has_one(simulated: bool, tmp_path: Path) -> None:
    from launch import LaunchContext

    from elbowroom.nodes.bringup.launching import play

    bag = write_bag(tmp_path / "bag", "/ward/wrench", *(["/clock"] if simulated else []))
    context = LaunchContext()
    context.launch_configurations.update(bag=str(bag), rate="2.0", namespace="ward")
    (process,) = play(["wrench"])[0].visit(context) or []
    command = command_of(process, context)
    assert ("/clock" in command) is simulated
    assert ("--clock" in command) is not simulated
    assert command[command.index("--topics") + 1] == "/ward/wrench"


@needs_launch
def test_a_bag_that_is_not_there_is_named(tmp_path: Path) -> None:
    from launch import LaunchContext

    from elbowroom.nodes.bringup.launching import play

    context = LaunchContext()
    context.launch_configurations.update(bag=str(tmp_path / "lost"), rate="1.0", namespace="")
    with pytest.raises(TrialError, match="lost is not a readable bag"):
        play(["wrench"])[0].visit(context)
