"""A simulated dressing: simulator, estimator, planner and monitor.

ros2 launch elbowroom dressing.launch.py rviz:=true seed:=3 garment:=loose
"""

from launch import LaunchDescription

from elbowroom.nodes.bringup.launching import declare, describe, run_graph
from elbowroom.nodes.graph import DRESSING

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
    arguments = declare(
        "method",
        "planner",
        "monitor_report",
        seed="seed of person, garment, movement and sensor errors",
        person="number of the person within the seed",
        garment="kind of garment: mixed, taut, loose, stiff, baggy or rough",
        motion_file="recorded movement (npz, MVNX or BVH)",
    )
    return describe(DRESSING, arguments, run_graph(DRESSING, VALUES))
