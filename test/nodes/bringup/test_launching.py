"""The launch files, where launch is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

from elbowroom.core import TrialError
from elbowroom.nodes.graph import DRESSING, GRAPHS, TOPICS
from elbowroom.nodes.share import find_share
from nodes.harness import claim_domain

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
def test_a_monitor_is_launched_beside_the_grasping_if_its_reference_is_named() -> None:
    from launch import LaunchContext
    from launch.actions import DeclareLaunchArgument, OpaqueFunction
    from launch_ros.actions import LifecycleNode

    context = LaunchContext()
    context.launch_configurations["monitor"] = "runs/policy"
    entities = describe("grasping").entities
    for entity in entities:
        if isinstance(entity, DeclareLaunchArgument):
            entity.visit(context)
    made = [e for o in entities if isinstance(o, OpaqueFunction) for e in o.visit(context) or []]
    nodes = [e.node_executable for e in made if isinstance(e, LifecycleNode)]
    assert nodes == ["grasp_node", "monitor_node", "grasp_sim_node"]


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
