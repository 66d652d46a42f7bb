"""The robot's URDF as robot_description carries it."""

from __future__ import annotations

import numpy as np

from elbowroom.core import Pose, matrix_from_quaternion
from elbowroom.core.types import Array

FINGERS = ("panda_finger_joint1", "panda_finger_joint2")
"""Joints of the fingers; their positions [m] add up to the opening."""
_ROOT = "panda_link0"
_MOUNT = """
  <link name="{frame}"/>
  <joint name="mount" type="fixed">
    <parent link="{frame}"/><child link="{root}"/>
    <origin xyz="{x:.9g} {y:.9g} {z:.9g}" rpy="0 0 {yaw:.9g}"/>
  </joint>
  <link name="{gripper}"/>
  <joint name="grip" type="fixed">
    <parent link="panda_grasptarget"/><child link="{gripper}"/>
  </joint>
</robot>"""


def find_base(joints: Array, gripper: Pose) -> tuple[Array, float]:
    """Where the robot stands, from its joints and the pose of its fingers.

    With (p0, R0) the fingers' pose for a base at the origin, the base is turned by R R0^T and
    stands at p - R R0^T p0.

    Args:
        joints: [rad], shape (7,).
        gripper: pose of the point between the fingers.

    Returns:
        Position [m], shape (3,), and turn about z [rad].
    """
    from elbowroom.sim.robot.panda import forward

    position, rotation, _ = forward(np.asarray(joints, dtype=float), np.zeros(3), np.eye(3))
    turn = matrix_from_quaternion(gripper.orientation) @ rotation.T
    yaw = float(np.arctan2(turn[1, 0], turn[0, 0]))
    return gripper.position - turn @ position, yaw


def describe_robot(base: Array, yaw: float, world: str, gripper: str) -> str:
    """The Panda's URDF with its base standing in the world and meshes that RViz finds.

    Args:
        base: position [m], shape (3,).
        yaw: turn about z [rad].
        world: name of the fixed frame.
        gripper: name of the frame between the fingers.
    """
    from elbowroom.sim.robot.panda_urdf import read_panda_urdf

    text = read_panda_urdf()
    x, y, z = np.asarray(base, dtype=float).tolist()
    mount = _MOUNT.format(frame=world, root=_ROOT, x=x, y=y, z=z, yaw=yaw, gripper=gripper)
    return text.replace("</robot>", mount)
