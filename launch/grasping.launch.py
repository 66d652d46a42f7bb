"""A simulated table with objects and the node that grasps them.

    ros2 launch elbowroom grasping.launch.py rviz:=true seed:=3
    ros2 service call /grasp/grasp elbowroom/srv/GraspObject "{object: '', horizon: -1}"

With `simulation:=false use_sim_time:=false` the grasping node runs alone, beside the drivers of a
real robot. `monitor:=FOLDER` runs a monitor too, which compares the policy's inputs with the
reference in that folder.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration

from elbowroom.nodes.bringup.launching import declare, describe, run_graph
from elbowroom.nodes.graph import GRASPING_ALONE, GRASPING_WATCHED

VALUES = {
    "grasp_sim": {"seed": ("seed", int), "task": ("task", str)},
    "grasp": {
        "task": ("task", str),
        "obs": ("obs", str),
        "control": ("control", str),
        "horizon": ("horizon", int),
        "policy": ("policy", str),
    },
    "monitor": {"keep.reference": ("monitor", str), "keep.report": ("monitor_report", str)},
}
OPTIONAL = {"monitor": "monitor"}


def generate_launch_description() -> LaunchDescription:
    """Describe the launch; an argument left empty leaves the parameter as its file says."""
    simulation = DeclareLaunchArgument(
        "simulation",
        default_value="true",
        choices=["true", "false"],
        description="simulate robot, table and objects",
    )
    arguments = declare(
        "monitor_report",
        seed="seed of the objects on the table",
        task="what is on the table: indiscriminate, instance, hard or cuff",
        obs="what is observed: state or image",
        control="who acts: guide, exploration or combined",
        horizon="steps the guide acts when control is combined",
        policy="folder of a trained policy; empty for the shipped",
        monitor="folder of the policy's reference, with which a monitor runs; empty for no monitor",
    )
    asked = LaunchConfiguration("simulation")
    run = run_graph(GRASPING_WATCHED, VALUES, condition=IfCondition(asked), optional=OPTIONAL)
    run += run_graph(GRASPING_ALONE, VALUES, condition=UnlessCondition(asked), optional=OPTIONAL)
    return describe(GRASPING_WATCHED, [simulation, *arguments], run)
