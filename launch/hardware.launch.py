"""Estimator, planner and monitor on a real robot whose drivers already run.

    ros2 launch elbowroom hardware.launch.py wrench:=/ft_sensor/wrench gripper_pose:=/robot/tcp

The sensor's wrench must be compensated for gravity and the hand's inertia, and be given in the
frame `frames.gripper` or `frames.world` of the parameter file. If effort is among the estimator's
inputs, `joint_states` must carry external torques (gravity and inertia of the robot removed) as
effort; many drivers publish these as joint states on a topic of their own.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument

from elbowroom.nodes.graph import HARDWARE, TOPICS
from elbowroom.nodes.launching import declare_common, record, run_graph, show

REMAPPED = (
    "wrench",
    "gripper_pose",
    "shoulder",
    "wrist",
    "elbow_sighting",
    "sleeve_progress",
    "joint_states",
    "arm_measurement",
    "gripper_command",
)

ARGUMENTS = [
    DeclareLaunchArgument(name, default_value=name, description=f"topic: {TOPICS[name].doc}")
    for name in REMAPPED
] + [
    DeclareLaunchArgument("method", default_value="", description="estimation method"),
    DeclareLaunchArgument(
        "planner", default_value="", description="planner: straight, point or robust"
    ),
    DeclareLaunchArgument(
        "monitor_reference", default_value="", description="folder of the monitor's reference"
    ),
    DeclareLaunchArgument(
        "monitor_state", default_value="", description="folder in which past dressings are kept"
    ),
    DeclareLaunchArgument(
        "monitor_report", default_value="", description="folder that the monitor reports to"
    ),
]

VALUES = {
    "estimator": {"method": ("method", str)},
    "planner": {"name": ("planner", str)},
    "monitor": {
        "keep.reference": ("monitor_reference", str),
        "keep.state": ("monitor_state", str),
        "keep.report": ("monitor_report", str),
        "keep.bag": ("record_to", str),
    },
}


def generate_launch_description() -> LaunchDescription:
    """Describe the launch; an argument left empty leaves the parameter as its file says."""
    entities = [*declare_common(use_sim_time=False), *ARGUMENTS]
    entities += run_graph(HARDWARE, VALUES, {name: name for name in REMAPPED})
    return LaunchDescription([*entities, *show(HARDWARE), *record(HARDWARE)])
