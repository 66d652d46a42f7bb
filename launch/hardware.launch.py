"""Estimator, planner and monitor on a real robot whose drivers already run.

    ros2 launch elbowroom hardware.launch.py wrench:=/ft_sensor/wrench gripper_pose:=/robot/tcp

The sensor's wrench must be compensated for gravity and the hand's inertia, and be given in the
frame `frames.gripper` or `frames.world` of the parameter file. If effort is among the estimator's
inputs, `joint_states` must carry external torques (gravity and inertia of the robot removed) as
effort; many drivers publish these as joint states on a topic of their own.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument

from elbowroom.nodes.bringup.launching import declare, describe, run_graph
from elbowroom.nodes.graph import HARDWARE, TOPICS

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
    topics = [
        DeclareLaunchArgument(name, default_value=name, description=f"topic: {TOPICS[name].doc}")
        for name in REMAPPED
    ]
    parameters = declare(
        "method",
        "planner",
        "monitor_report",
        monitor_reference="folder of the monitor's reference",
        monitor_state="folder in which past dressings are kept",
    )
    renamed = {name: name for name in REMAPPED}
    run = run_graph(HARDWARE, VALUES, renamed)
    return describe(HARDWARE, [*topics, *parameters], run, renamed)
