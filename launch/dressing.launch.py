"""A simulated dressing: simulator, estimator, planner and monitor.

ros2 launch elbowroom dressing.launch.py rviz:=true seed:=3 garment:=loose
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument

from elbowroom.nodes.graph import DRESSING
from elbowroom.nodes.launching import declare_common, record, run_graph, show

ARGUMENTS = [
    DeclareLaunchArgument(
        "seed", default_value="", description="seed of person, garment, movement and sensor errors"
    ),
    DeclareLaunchArgument(
        "person", default_value="", description="number of the person within the seed"
    ),
    DeclareLaunchArgument(
        "garment",
        default_value="",
        description="kind of garment: mixed, taut, loose, stiff, baggy or rough",
    ),
    DeclareLaunchArgument(
        "motion_file", default_value="", description="recorded movement (npz, MVNX or BVH)"
    ),
    DeclareLaunchArgument("method", default_value="", description="estimation method"),
    DeclareLaunchArgument(
        "planner", default_value="", description="planner: straight, point or robust"
    ),
    DeclareLaunchArgument(
        "monitor_report", default_value="", description="folder that the monitor reports to"
    ),
]

VALUES = {
    "sim": {
        "seed": ("seed", int),
        "person": ("person", int),
        "cast.garment": ("garment", str),
        "cast.motion_file": ("motion_file", str),
    },
    "estimator": {"method": ("method", str)},
    "planner": {"name": ("planner", str)},
    "monitor": {"keep.report": ("monitor_report", str), "keep.bag": ("record_to", str)},
}


def generate_launch_description() -> LaunchDescription:
    """Describe the launch; an argument left empty leaves the parameter as its file says."""
    entities = [*declare_common(use_sim_time=True), *ARGUMENTS]
    entities += run_graph(DRESSING, VALUES)
    return LaunchDescription([*entities, *show(DRESSING), *record(DRESSING)])
