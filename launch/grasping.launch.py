"""A simulated table with objects and the node that grasps them.

    ros2 launch elbowroom grasping.launch.py rviz:=true seed:=3
    ros2 service call /grasp/grasp elbowroom/srv/GraspObject "{object: '', horizon: -1}"

With `simulation:=false use_sim_time:=false` the grasping node runs alone, beside the drivers of a
real robot.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration

from elbowroom.nodes.graph import GRASPING, GRASPING_ALONE
from elbowroom.nodes.launching import declare_common, record, run_graph, show

ARGUMENTS = [
    DeclareLaunchArgument(
        "simulation",
        default_value="true",
        choices=["true", "false"],
        description="simulate robot, table and objects",
    ),
    DeclareLaunchArgument("seed", default_value="", description="seed of the objects on the table"),
    DeclareLaunchArgument(
        "task",
        default_value="",
        description="what is on the table: indiscriminate, instance, hard or cuff",
    ),
    DeclareLaunchArgument("obs", default_value="", description="what is observed: state or image"),
    DeclareLaunchArgument(
        "control", default_value="", description="who acts: guide, exploration or combined"
    ),
    DeclareLaunchArgument(
        "horizon", default_value="", description="steps the guide acts when control is combined"
    ),
    DeclareLaunchArgument(
        "policy", default_value="", description="folder of a trained policy; empty for the shipped"
    ),
]

VALUES = {
    "grasp_sim": {"seed": ("seed", int), "task": ("task", str)},
    "grasp": {
        "task": ("task", str),
        "obs": ("obs", str),
        "control": ("control", str),
        "horizon": ("horizon", int),
        "policy": ("policy", str),
    },
}


def generate_launch_description() -> LaunchDescription:
    """Describe the launch; an argument left empty leaves the parameter as its file says."""
    entities = [*declare_common(use_sim_time=True), *ARGUMENTS]
    asked = LaunchConfiguration("simulation")
    entities += run_graph(GRASPING, VALUES, condition=IfCondition(asked))
    entities += run_graph(GRASPING_ALONE, VALUES, condition=UnlessCondition(asked))
    return LaunchDescription([*entities, *show(GRASPING), *record(GRASPING)])
