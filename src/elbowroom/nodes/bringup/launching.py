"""Launch descriptions of the graphs; needs `launch` and `launch_ros`, which come with ROS 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from launch import LaunchDescription
from launch.action import Action
from launch.actions import DeclareLaunchArgument, ExecuteProcess, OpaqueFunction
from launch.condition import Condition
from launch.conditions import IfCondition
from launch.launch_context import LaunchContext
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode, Node
from launch_ros.parameter_descriptions import ParameterValue

from elbowroom.nodes.bringup.transitions import bring_up, give_up
from elbowroom.nodes.graph import Graph, NodeSpec, resolve
from elbowroom.nodes.recording.bag import count_messages
from elbowroom.nodes.share import find_share

Entities = list[LaunchDescriptionEntity]

Values = Mapping[str, Mapping[str, tuple[str, type]]]
"""By node and parameter: the launch argument that holds the value, and the parameter's type."""

_DOCS = {
    "method": "estimation method",
    "planner": "planner: straight, point or robust",
    "monitor_report": "folder that the monitor reports to",
}


def declare(*shared: str, **docs: str) -> Entities:
    """Arguments of a launch file that leave a parameter as its file says when they are empty.

    Args:
        shared: names of arguments that several launch files have.
        docs: what it means, by name of an argument.
    """
    told = {name: _DOCS[name] for name in shared} | docs
    return [
        DeclareLaunchArgument(name, default_value="", description=doc) for name, doc in told.items()
    ]


def describe(
    graph: Graph, arguments: Entities, run: Entities, remappings: Mapping[str, str] | None = None
) -> LaunchDescription:
    """A launch file's description: the arguments all have, its own, its nodes, RViz and the bag.

    Args:
        graph: whose topics are shown and recorded.
        arguments: of this launch file alone.
        run: what is started.
        remappings: as `run_graph` was given them.
    """
    entities = [*declare_common(graph.sim_time), *arguments, *run]
    return LaunchDescription([*entities, *show(graph), *record(graph, remappings)])


def declare_common(use_sim_time: bool) -> Entities:
    """The arguments that every launch file has."""
    return [
        DeclareLaunchArgument(
            "params_file",
            default_value="",
            description="parameter file that comes after the package's own; empty for none",
        ),
        DeclareLaunchArgument("namespace", default_value="", description="namespace of all nodes"),
        DeclareLaunchArgument(
            "use_sim_time",
            default_value=str(use_sim_time).lower(),
            choices=["true", "false"],
            description="judge ages by /clock instead of the computer's clock",
        ),
        DeclareLaunchArgument(
            "rviz",
            default_value="false",
            choices=["true", "false"],
            description="show the scene and the robot in RViz",
        ),
        DeclareLaunchArgument(
            "record",
            default_value="false",
            choices=["true", "false"],
            description="record every topic of the graph in a bag (MCAP)",
        ),
        DeclareLaunchArgument(
            "record_to",
            default_value="",
            description="folder of that bag; empty to name it by time",
        ),
        DeclareLaunchArgument(
            "log_level",
            default_value="info",
            choices=["debug", "info", "warn", "error", "fatal"],
            description="least severity that the nodes print",
        ),
    ]


def run_graph(
    graph: Graph,
    values: Values | None = None,
    remappings: Mapping[str, str] | None = None,
    condition: Condition | None = None,
    optional: Mapping[str, str] | None = None,
) -> Entities:
    """Start, bring up and watch the nodes of a graph.

    Args:
        graph: which nodes run.
        values: parameters given by launch arguments; an argument left empty leaves the parameter
            as its file says.
        remappings: launch argument that holds the new name, by topic.
        condition: whether they run at all; None for always.
        optional: launch argument without which a node does not run, by node.
    """

    def start(context: LaunchContext) -> Entities:
        held = context.launch_configurations
        renamed = [(topic, held[argument]) for topic, argument in (remappings or {}).items()]
        nodes = []
        for spec in graph.nodes:
            needed = (optional or {}).get(spec.name)
            if needed and not held[needed]:
                continue
            asked = (values or {}).get(spec.name, {})
            given = {n: kind(held[a]) for n, (a, kind) in asked.items() if held[a]}
            nodes.append(_make_node(held, spec, graph.values.get(spec.name, {}), given, renamed))
        return [*bring_up(nodes), *nodes]

    return [OpaqueFunction(function=start, condition=condition)]


def show(graph: Graph) -> Entities:
    """RViz and the robot's transforms, if the argument `rviz` is true."""
    asked = IfCondition(LaunchConfiguration("rviz"))
    sim_time = ParameterValue(LaunchConfiguration("use_sim_time"), value_type=bool)
    parameters: list[dict[str, Any]] = [{"use_sim_time": sim_time}]
    common = {"namespace": LaunchConfiguration("namespace"), "condition": asked}
    own = find_share("config") / f"{graph.name}.rviz"
    config = str(own if own.is_file() else own.with_name("dressing.rviz"))
    rviz = Node(
        package="rviz2",
        executable="rviz2",
        arguments=["-d", config],
        parameters=parameters,
        **common,
    )
    if "robot_description" not in {t.name for t in graph.topics}:
        return [rviz]
    states = Node(
        package="robot_state_publisher",
        executable="robot_state_publisher",
        parameters=[*parameters, {"use_robot_description_topic": True}],
        **common,
    )
    return [rviz, states]


def record(graph: Graph, remappings: Mapping[str, str] | None = None) -> Entities:
    """`ros2 bag record` of the graph's topics, if the argument `record` is true.

    Args:
        graph: whose topics are recorded.
        remappings: launch argument that holds the new name, by topic.
    """

    def start(context: LaunchContext) -> Entities:
        held = context.launch_configurations
        if held["record"] != "true":
            return []
        renamed = {topic: held[argument] for topic, argument in (remappings or {}).items()}
        names = [renamed.get(t.name, t.name) for t in graph.topics]
        topics = [resolve(name, held["namespace"]) for name in names]
        folder = ["--output", held["record_to"]] if held["record_to"] else []
        command = ["ros2", "bag", "record", "--storage", "mcap", *folder, "--topics", *topics]
        return [ExecuteProcess(cmd=command, name="record", output="screen")]

    return [OpaqueFunction(function=start)]


def play(topics: Sequence[str]) -> Entities:
    """`ros2 bag play` of some topics of the bag that the argument `bag` names.

    The argument of a topic's name says what the topic is called in the bag.

    The argument `rate` is the factor on its speed. A bag of a simulation brings its own /clock;
    for any other, the time at which its messages were recorded is the clock.
    """

    def start(context: LaunchContext) -> Entities:
        held = context.launch_configurations
        space = held["namespace"]
        names = [resolve(held.get(topic, topic), space) for topic in topics]
        moved = [
            f"{name}:={resolve(topic, space)}"
            for name, topic in zip(names, topics, strict=True)
            if name != resolve(topic, space)
        ]
        if count_messages(Path(held["bag"])).get("/clock"):
            clock = ["--topics", *names, "/clock"]
        else:
            clock = ["--clock", "120", "--topics", *names]
        command = ["ros2", "bag", "play", held["bag"], "--delay", "5", "--rate", held["rate"]]
        remap = ["--remap", *moved] if moved else []
        return [ExecuteProcess(cmd=[*command, *clock, *remap], name="play", output="screen")]

    return [OpaqueFunction(function=start)]


def _make_node(
    held: Mapping[str, str],
    spec: NodeSpec,
    own: Mapping[str, Any],
    values: Mapping[str, Any],
    remappings: list[tuple[str, str]],
) -> LifecycleNode:
    sources: list[Any] = [str(find_share("config") / spec.config)]
    if own:
        sources.append(dict(own))
    if held["params_file"]:
        sources.append(held["params_file"])
    last = {"use_sim_time": held["use_sim_time"] == "true", **values}
    return LifecycleNode(
        package="elbowroom",
        executable=spec.executable,
        name=spec.name,
        namespace=held["namespace"],
        parameters=[*sources, last],
        remappings=remappings,
        output="screen",
        emulate_tty=False,
        ros_arguments=["--log-level", held["log_level"]],
        additional_env={"OMP_NUM_THREADS": "1"},
        on_exit=[OpaqueFunction(function=_end, args=[spec.name])],
    )


def _end(context: LaunchContext, name: str) -> list[Action]:
    return [] if context.is_shutdown else [give_up(f"{name} has ended")]
