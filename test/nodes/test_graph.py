"""The declared graph against the nodes themselves, their parameter files and what RViz shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rclpy.parameter import Parameter
from rclpy.qos import QoSCompatibility, qos_check_compatible

from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.qos import interface, profile
from elbowroom.nodes.estimator_node import EstimatorNode
from elbowroom.nodes.graph import DRESSING, GRAPHS, GRASPING, GRASPING_WATCHED, NODES, TOPICS, Graph
from elbowroom.nodes.grasp_node import GraspNode
from elbowroom.nodes.grasp_sim_node import GraspSimNode
from elbowroom.nodes.monitor_node import MonitorNode
from elbowroom.nodes.planner_node import PlannerNode
from elbowroom.nodes.reference import fill_page, load_groups, write_yaml
from elbowroom.nodes.share import find_share
from elbowroom.nodes.sim_node import SimNode
from nodes.harness import Bench, HoldEstimator

CONFIG = find_share("config")


class Estimator(EstimatorNode):
    @staticmethod
    def load(params: Any, *parts: Any) -> Any:
        return HoldEstimator()


KINDS: dict[str, type[Adapter]] = {
    "estimator": Estimator,
    "monitor": MonitorNode,
    "planner": PlannerNode,
    "sim": SimNode,
    "grasp": GraspNode,
    "grasp_sim": GraspSimNode,
}
# Every ROS node has these; /clock is heard by whoever uses simulated time.
COMMON = {"/parameter_events", "/rosout", "/clock"}


@pytest.mark.parametrize("name", sorted(NODES))
def test_a_node_has_the_endpoints_the_graph_declares(bench: Bench, name: str) -> None:
    node = bench.start(KINDS[name], active=False, use_sim_time=False)
    assert node.trigger_configure().name == "SUCCESS"
    spec = NODES[name]
    published = {p.topic_name for p in node.publishers}
    heard = {s.topic_name for s in node.subscriptions}
    events = {f"/{name}/transition_event"}
    absolute = {t if t.startswith("/") else f"/{t}" for t in spec.publishes}
    assert published - COMMON - events == absolute - COMMON
    assert heard - COMMON == {f"/{t}" for t in spec.subscribes}
    served = {s.service_name for s in node.services}
    assert {f"/{name}/{s.name}" for s in spec.services} <= served
    for endpoint in (*node.publishers, *node.subscriptions):
        topic = TOPICS.get(endpoint.topic_name) or TOPICS.get(endpoint.topic_name.lstrip("/"))
        if topic is not None and endpoint.topic_name not in COMMON:
            assert endpoint.msg_type is interface(topic.type), topic.name
            wanted = profile(topic.name, hearing=endpoint in set(node.subscriptions))
            newest = (name, topic.name) == ("planner", "elbow_box")
            assert endpoint.qos_profile.depth == (1 if newest else wanted.depth), topic.name
            assert endpoint.qos_profile.reliability == wanted.reliability, topic.name
            assert endpoint.qos_profile.durability == wanted.durability, topic.name


def test_publishers_and_subscribers_of_a_topic_are_compatible() -> None:
    for topic in TOPICS:
        compatible, why = qos_check_compatible(profile(topic), profile(topic, hearing=True))
        assert compatible == QoSCompatibility.OK, (topic, why)


@pytest.mark.parametrize(
    ("graph", "optional"),
    [
        (DRESSING, {"grasp_state"}),
        (GRASPING, {"input_health"}),
        (GRASPING_WATCHED, {"arm_measurement"}),
    ],
    ids=str,
)
def test_what_one_node_hears_another_says(graph: Graph, optional: set[str]) -> None:
    said = {t for spec in graph.nodes for t in spec.publishes}
    heard = {t for spec in graph.nodes for t in spec.subscribes}
    assert heard - said == optional


def test_listeners_come_before_speakers() -> None:
    assert [spec.name for spec in DRESSING.nodes][-1] == "sim"
    for graph in (GRASPING, GRASPING_WATCHED):
        assert [spec.name for spec in graph.nodes][-1] == "grasp_sim"


def test_a_graph_knows_its_nodes_and_topics() -> None:
    assert DRESSING.node("planner").executable == "planner_node"
    assert {t.name for graph in (DRESSING, GRASPING) for t in graph.topics} == set(TOPICS)
    assert set(GRAPHS) == {"dressing", "grasping", "hardware", "replay"}
    with pytest.raises(KeyError, match="no node 'barber'"):
        DRESSING.node("barber")


@pytest.mark.parametrize("name", sorted(NODES))
def test_the_parameter_file_is_the_declaration_with_comments(name: str) -> None:
    text = (CONFIG / f"{name}.yaml").read_text()
    assert text == write_yaml(NODES[name]), "run python -m elbowroom.nodes.reference"


def test_the_reference_page_is_the_declaration() -> None:
    page = CONFIG.parent / "docs" / "nodes.md"
    if not page.is_file():
        pytest.skip("the page is in the source tree only")
    text = page.read_text()
    assert text == fill_page(text), "run python -m elbowroom.nodes.reference"


@pytest.mark.parametrize("name", sorted(NODES))
def test_the_parameter_file_names_every_declared_parameter(name: str) -> None:
    given = flatten(yaml.safe_load((CONFIG / f"{name}.yaml").read_text()))
    for group, cls in load_groups(NODES[name]).items():
        prefix = f"/**/{name}.ros__parameters." + (f"{group}." if group else "")
        own = {k.removeprefix(prefix): v for k, v in given.items() if k.startswith(prefix)}
        own = {k: v for k, v in own.items() if "." not in k}
        assert cls.from_mapping(own) == cls()


def flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        flat |= flatten(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return flat


@pytest.mark.parametrize("name", ["estimator", "grasp", "grasp_sim", "planner", "monitor"])
def test_a_node_takes_its_parameter_file(bench: Bench, name: str) -> None:
    arguments = ["--ros-args", "--params-file", str(CONFIG / f"{name}.yaml")]
    node = KINDS[name](context=bench.context, cli_args=arguments, namespace="ward/bed_3")
    bench._nodes.append(node)
    assert node.get_fully_qualified_name() == f"/ward/bed_3/{name}"
    wanted = flatten(yaml.safe_load((CONFIG / f"{name}.yaml").read_text()))
    for key, value in wanted.items():
        held = node.get_parameter(key.split("ros__parameters.")[1]).value
        assert (held if isinstance(value, int | float | str) else list(held)) == value


RVIZ_TYPES = {
    "Image": "sensor_msgs/msg/Image",
    "MarkerArray": "visualization_msgs/msg/MarkerArray",
    "Path": "nav_msgs/msg/Path",
    "PointStamped": "geometry_msgs/msg/PointStamped",
    "RobotModel": "std_msgs/msg/String",
    "WrenchStamped": "geometry_msgs/msg/WrenchStamped",
}


RVIZ_SHOWS = {
    "dressing": {"elbow_markers", "arm_markers", "sleeve_markers", "plan", "robot_description"},
    "grasping": {"scene_markers", "image", "robot_description"},
}


def list_displays(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    shown = yaml.safe_load(Path(CONFIG / f"{name}.rviz").read_text())
    for display in shown["Visualization Manager"]["Displays"]:
        topic = display.get("Topic") or display.get("Description Topic")
        if topic:
            yield display["Class"].split("/")[1], topic


@pytest.mark.parametrize("name", sorted(RVIZ_SHOWS))
def test_rviz_shows_topics_of_the_graph_with_their_types_and_qos(name: str) -> None:
    policies = {"Best Effort": "BEST_EFFORT", "Reliable": "RELIABLE"}
    lasting = {"Volatile": "VOLATILE", "Transient Local": "TRANSIENT_LOCAL"}
    shown = dict[str, str]()
    for kind, topic in list_displays(name):
        declared = TOPICS[topic["Value"]]
        shown[declared.name] = kind
        assert declared.type == RVIZ_TYPES[kind]
        offered = profile(declared.name)
        if offered.reliability.name == "BEST_EFFORT":
            assert policies[topic["Reliability Policy"]] == "BEST_EFFORT"
        if lasting[topic["Durability Policy"]] == "TRANSIENT_LOCAL":
            assert offered.durability.name == "TRANSIENT_LOCAL"
    assert RVIZ_SHOWS[name] <= set(shown)
    assert set(shown) <= {t.name for t in GRAPHS[name].topics}


@pytest.mark.parametrize("name", sorted(RVIZ_SHOWS))
def test_rviz_looks_from_the_world_frame(name: str) -> None:
    shown = yaml.safe_load(Path(CONFIG / f"{name}.rviz").read_text())
    assert shown["Visualization Manager"]["Global Options"]["Fixed Frame"] == "world"


def test_parameters_are_those_in_force_whenever_the_node_is_configured(bench: Bench) -> None:
    node = bench.start(Estimator, use_sim_time=False)
    for leave in ("deactivate", "cleanup"):
        refused = node.set_parameters([Parameter("void_period", value=0.5)])[0]
        assert not refused.successful
        assert "clean it up first" in refused.reason
        assert node.get_parameter("void_period").value == 0.1
        assert getattr(node, f"trigger_{leave}")().name == "SUCCESS"
    assert node.set_parameters([Parameter("void_period", value=0.5)])[0].successful
    assert node.trigger_configure().name == "SUCCESS"
    assert 0.5 in {timer.timer_period_ns * 1e-9 for timer in node.timers}
    assert node.trigger_cleanup().name == "SUCCESS"
    bad = node.set_parameters([Parameter("inbox.late_limit", value=-1.0)])[0]
    assert not bad.successful
    descriptor = node.describe_parameter("inbox.late_limit")
    assert "[s]" in descriptor.description
    assert descriptor.floating_point_range[0].from_value == 0.001
