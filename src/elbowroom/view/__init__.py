"""Pictures, films, plots and a live page of dressings."""

from __future__ import annotations

from elbowroom.view.frame import Frame, frame_of_scene
from elbowroom.view.mesh import MeshError
from elbowroom.view.picture import Picture
from elbowroom.view.robot import RobotModel, read_urdf

__all__ = ["Frame", "MeshError", "Picture", "RobotModel", "frame_of_scene", "read_urdf"]
