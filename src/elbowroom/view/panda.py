"""The Panda for pictures, standing where its gripper says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Pose, matrix_from_quaternion
from elbowroom.view.robot import Joint, RobotModel, read_urdf

Array = NDArray[np.float64]


def panda_at(angles: Array, gripper: Pose) -> RobotModel:
    """A Panda whose base is placed so that these joint angles give this gripper pose.

    With (p0, R0) the fingers' pose for a base at the origin, the base is turned by R R0^T and
    stands at p - R R0^T p0.

    Args:
        angles: of the seven joints [rad], shape (7,).
        gripper: pose of the point between the fingers in the world.
    """
    from elbowroom.sim.robot.panda import forward
    from elbowroom.sim.robot.panda_urdf import read_panda_urdf

    model = read_urdf(read_panda_urdf())
    position, rotation, _ = forward(np.asarray(angles, dtype=float), np.zeros(3), np.eye(3))
    turn = matrix_from_quaternion(gripper.orientation) @ rotation.T
    place = gripper.position - turn @ position
    mount = Joint("mount", "fixed", "world", model.root, turn, place, np.array([0.0, 0.0, 1.0]))
    return RobotModel("world", (mount, *model.joints), model.meshes)
