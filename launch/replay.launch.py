"""The estimator over a recorded bag.

ros2 launch elbowroom replay.launch.py bag:=FOLDER rviz:=true

Topics that were called otherwise when the bag was recorded are named by the same arguments as for
`hardware.launch.py`, such as `wrench:=/ft_sensor/wrench`.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument

from elbowroom.nodes.bringup.launching import declare, describe, play, run_graph
from elbowroom.nodes.graph import ESTIMATOR, REPLAY

# What the estimator says is said anew; of the bag only its inputs are played.
INPUTS = [t for t in ESTIMATOR.subscribes if t != "input_health"]

VALUES = {"estimator": {"method": ("method", str)}}


def generate_launch_description() -> LaunchDescription:
    """Describe the launch; an argument left empty leaves the parameter as its file says."""
    arguments = [
        DeclareLaunchArgument("bag", description="folder of the bag that is played"),
        DeclareLaunchArgument("rate", default_value="1.0", description="factor on the bag's speed"),
        *declare("method"),
    ]
    arguments += [
        DeclareLaunchArgument(name, default_value=name, description=f"its name in the bag: {name}")
        for name in INPUTS
    ]
    return describe(REPLAY, arguments, [*run_graph(REPLAY, VALUES), *play(INPUTS)])
