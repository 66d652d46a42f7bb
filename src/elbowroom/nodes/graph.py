"""The graph of nodes and topics, declared once.

Launch files, `elbowroom up`, the nodes themselves and the tests all read it from here. Names are
relative, so namespaces and remappings apply; types are written as in ROS interface names, so that
this module needs no ROS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Topic:
    """A topic of the graph.

    Attributes:
        name: relative name, absolute only for the two topics ROS fixes.
        type: interface name, `package/msg/Type`.
        qos: name of a profile of `elbowroom.nodes.base.qos`.
        doc: what it carries.
    """

    name: str
    type: str
    qos: str
    doc: str


@dataclass(frozen=True)
class Service:
    """A service that a node offers below its own name."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True)
class NodeSpec:
    """A node of the graph.

    Attributes:
        name: node name, also the key in its parameter file.
        publishes, subscribes: names of topics, in the order in which endpoints are created.
        services: offered below the node's name.
        doc: what it does.
        urgency: among the nodes of a graph, added to `scheduling.priority`; 0 for a node
            that has no deadline, which is scheduled as any other process.
    """

    name: str
    publishes: tuple[str, ...]
    subscribes: tuple[str, ...]
    services: tuple[Service, ...] = ()
    doc: str = ""
    urgency: int = 0

    @property
    def module(self) -> str:
        """Python module that holds the node's `main`."""
        return f"elbowroom.nodes.{self.name}_node"

    @property
    def executable(self) -> str:
        """Name below lib/elbowroom/."""
        return f"{self.name}_node"

    @property
    def config(self) -> str:
        """Parameter file below share/elbowroom/config/."""
        return f"{self.name}.yaml"


@dataclass(frozen=True)
class Graph:
    """Nodes that run together.

    Attributes:
        name: of the graph and of its launch file.
        nodes: in the order in which they are activated.
        values: parameters by node and name that in this graph differ from their defaults; a
            parameter file of the user comes after them.
        sim_time: whether ages are judged by /clock if nothing else is said.
    """

    name: str
    nodes: tuple[NodeSpec, ...]
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    sim_time: bool = True

    def node(self, name: str) -> NodeSpec:
        """The node of this name.

        Raises:
            KeyError: if there is none.
        """
        for spec in self.nodes:
            if spec.name == name:
                return spec
        raise KeyError(f"no node {name!r} in the graph {self.name}")

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic that a node of the graph publishes or subscribes."""
        used = {t for n in self.nodes for t in n.publishes + n.subscribes}
        return tuple(t for t in TOPICS.values() if t.name in used)


def _topics(*topics: Topic) -> dict[str, Topic]:
    return {t.name: t for t in topics}


TOPICS = _topics(
    Topic("/clock", "rosgraph_msgs/msg/Clock", "clock", "simulated time"),
    Topic("/diagnostics", "diagnostic_msgs/msg/DiagnosticArray", "stream", "health, 1 Hz"),
    Topic("wrench", "geometry_msgs/msg/WrenchStamped", "sensor", "compensated wrist wrench"),
    Topic("gripper_pose", "geometry_msgs/msg/PoseStamped", "sensor", "where the cuff is held"),
    Topic("shoulder", "geometry_msgs/msg/PointStamped", "sensor", "shoulder seen by a camera"),
    Topic("wrist", "geometry_msgs/msg/PointStamped", "sensor", "wrist, when a camera sees it"),
    Topic(
        "sleeve_progress",
        "elbowroom/msg/SleeveProgress",
        "sensor",
        "way of the cuff along the arm, when it is measured",
    ),
    Topic(
        "elbow_sighting",
        "geometry_msgs/msg/PointStamped",
        "latched",
        "elbow seen by a camera, until the sleeve hides it",
    ),
    Topic("arm_measurement", "elbowroom/msg/ArmMeasurement", "latched", "segment lengths"),
    Topic(
        "joint_states",
        "sensor_msgs/msg/JointState",
        "sensor",
        "the robot's joints; effort: external torques",
    ),
    Topic("robot_description", "std_msgs/msg/String", "latched", "the robot's URDF"),
    Topic("elbow_box", "elbowroom/msg/ElbowBox", "stream", "where the elbow is"),
    Topic("elbow_markers", "visualization_msgs/msg/MarkerArray", "view", "the box, drawn"),
    Topic("features", "elbowroom/msg/LayerFeatures", "stream", "activations of learned models"),
    Topic("input_health", "elbowroom/msg/InputHealth", "latched", "monitor's verdict"),
    Topic("plan", "nav_msgs/msg/Path", "view", "planned path of the cuff"),
    Topic("plan_state", "elbowroom/msg/PlanState", "stream", "what the planner does and why"),
    Topic("gripper_command", "geometry_msgs/msg/TwistStamped", "command", "gripper velocity"),
    Topic("truth/elbow", "geometry_msgs/msg/PointStamped", "sensor", "true elbow, simulation"),
    Topic("truth/sleeve", "elbowroom/msg/SleeveState", "stream", "true sleeve, simulation"),
    Topic("arm_markers", "visualization_msgs/msg/MarkerArray", "view", "true arm, drawn"),
    Topic("sleeve_markers", "visualization_msgs/msg/MarkerArray", "view", "true sleeve, drawn"),
    Topic("objects", "elbowroom/msg/SceneObjects", "sensor", "objects seen on the table"),
    Topic("image", "sensor_msgs/msg/Image", "sensor", "colour image of the table"),
    Topic("gripper_opening", "elbowroom/msg/GripperOpening", "command", "opening of the fingers"),
    Topic("grasp_state", "elbowroom/msg/GraspState", "latched", "what the grasping does and why"),
    Topic("scene_markers", "visualization_msgs/msg/MarkerArray", "view", "true objects, drawn"),
)


def resolve(topic: str, namespace: str = "") -> str:
    """The absolute name of a topic when nodes run in a namespace; empty for none."""
    space = namespace.strip("/")
    prefix = f"/{space}/" if space else "/"
    return topic if topic.startswith("/") else prefix + topic


def find_topic(name: str) -> str:
    """The topic of the graph that an absolute name in some namespace stands for.

    The name itself if there is none.
    """
    ends = [topic for topic in TOPICS if f"/{name}".endswith(f"/{topic.lstrip('/')}")]
    return max(ends, key=len, default=name)


_MEASURED = ("arm_measurement", "shoulder", "elbow_sighting", "wrist", "gripper_pose", "wrench")

SIM = NodeSpec(
    "sim",
    publishes=(
        "/clock",
        "/diagnostics",
        "robot_description",
        *_MEASURED,
        "sleeve_progress",
        "joint_states",
        "truth/elbow",
        "truth/sleeve",
        "arm_markers",
        "sleeve_markers",
    ),
    subscribes=("gripper_command",),
    services=(
        Service("reset", "std_srvs/srv/Trigger", "start the same dressing again"),
        Service("pause", "std_srvs/srv/SetBool", "hold or release the simulated time"),
    ),
    doc="simulates person, sleeve, robot and sensors",
    urgency=3,
)
ESTIMATOR = NodeSpec(
    "estimator",
    publishes=("/diagnostics", "elbow_box", "elbow_markers", "features"),
    subscribes=("input_health", "sleeve_progress", "joint_states", *_MEASURED),
    doc="says in which box the elbow is",
    urgency=2,
)
PLANNER = NodeSpec(
    "planner",
    publishes=("/diagnostics", "plan", "plan_state", "gripper_command"),
    subscribes=("input_health", *_MEASURED, "elbow_box"),
    doc="moves the gripper for every elbow in the box",
    urgency=1,
)
MONITOR = NodeSpec(
    "monitor",
    publishes=("/diagnostics", "input_health"),
    subscribes=("arm_measurement", "grasp_state", "features"),
    services=(
        Service("reset", "std_srvs/srv/Trigger", "take the alarms back"),
        Service("report", "std_srvs/srv/Trigger", "write a report now"),
    ),
    doc="says whether the inputs still look like those calibrated on",
)

GRASP = NodeSpec(
    "grasp",
    publishes=("/diagnostics", "features", "grasp_state", "gripper_command", "gripper_opening"),
    subscribes=("input_health", "gripper_pose", "joint_states", "objects", "image"),
    services=(
        Service("grasp", "elbowroom/srv/GraspObject", "grasp one object by name and lift it"),
        Service("abort", "std_srvs/srv/Trigger", "stand still and give the attempt up"),
    ),
    doc="grasps an object that is asked for",
    urgency=1,
)
GRASP_SIM = NodeSpec(
    "grasp_sim",
    publishes=(
        "/clock",
        "/diagnostics",
        "robot_description",
        "gripper_pose",
        "joint_states",
        "objects",
        "image",
        "scene_markers",
    ),
    subscribes=("gripper_command", "gripper_opening"),
    services=(
        Service("reset", "std_srvs/srv/Trigger", "lay the same objects out again"),
        Service("shuffle", "std_srvs/srv/Trigger", "lay out the next arrangement of the seed"),
        Service("pause", "std_srvs/srv/SetBool", "hold or release the simulated time"),
    ),
    doc="simulates the robot, a table and the objects on it",
    urgency=3,
)

NODES = {spec.name: spec for spec in (ESTIMATOR, PLANNER, MONITOR, SIM, GRASP, GRASP_SIM)}

# In the order of activation: whoever listens comes before whoever speaks, so nothing is missed.
DRESSING = Graph("dressing", (ESTIMATOR, PLANNER, MONITOR, SIM))
HARDWARE = Graph("hardware", (ESTIMATOR, PLANNER, MONITOR), sim_time=False)
# No monitor runs here: its silence means nothing.
REPLAY = Graph("replay", (ESTIMATOR,), {"estimator": {"inbox.health_timeout": 0.0}})
GRASPING = Graph("grasping", (GRASP, GRASP_SIM))
# With a monitor of the policy; an attempt has few decisions.
_POLICY_WATCH = {"monitor": {"watch.least_readings": 6}}
GRASPING_WATCHED = Graph("grasping", (GRASP, MONITOR, GRASP_SIM), _POLICY_WATCH)
# Beside the drivers of a real robot.
GRASPING_ALONE = Graph("grasping", (GRASP, MONITOR), _POLICY_WATCH)
GRAPHS = {g.name: g for g in (DRESSING, HARDWARE, REPLAY, GRASPING)}
