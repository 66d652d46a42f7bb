"""A robot as its URDF describes it: links, joints and where the meshes go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import exp_so3
from elbowroom.view.mesh import Mesh, MeshError, read_obj

Array = NDArray[np.float64]

_LARGEST = 1_000_000


@dataclass(frozen=True)
class Joint:
    """A joint that carries a child link.

    Attributes:
        name, kind, parent, child: as in the URDF.
        rotation, position: of the child's frame in the parent's when the joint is at zero.
        axis: in the child's frame, shape (3,).
    """

    name: str
    kind: str
    parent: str
    child: str
    rotation: Array
    position: Array
    axis: Array


@dataclass(frozen=True)
class RobotModel:
    """Links with their meshes, joints from the root outwards.

    Attributes:
        root: the link without a parent.
        joints: parents before children.
        meshes: of every link that has a shape, in the link's frame.
    """

    root: str
    joints: tuple[Joint, ...]
    meshes: Mapping[str, Mesh] = field(default_factory=dict)

    def pose(self, angles: Mapping[str, float]) -> list[Mesh]:
        """The meshes in the root's frame, see `frames`."""
        frames = self.frames(angles)
        return [mesh.moved(*frames[link]) for link, mesh in self.meshes.items()]

    def frames(self, angles: Mapping[str, float]) -> dict[str, tuple[Array, Array]]:
        """Rotation and position of every link in the root's frame.

        Args:
            angles: of joints by name [rad] or [m]; others are at zero.
        """
        frames = {self.root: (np.eye(3), np.zeros(3))}
        for joint in self.joints:
            rotation, position = frames[joint.parent]
            place = position + rotation @ joint.position
            turn = rotation @ joint.rotation
            value = float(angles.get(joint.name, 0.0))
            if joint.kind in ("revolute", "continuous"):
                turn = turn @ exp_so3(joint.axis * value)
            elif joint.kind == "prismatic":
                place = place + turn @ joint.axis * value
            frames[joint.child] = (turn, place)
        return frames


def read_urdf(text: str) -> RobotModel:
    """Read a robot description.

    Shapes are taken from the collision elements: they are as good at this size and far smaller.
    Only meshes in OBJ files with `file://` addresses are read; other shapes are left out.

    Args:
        text: URDF, as `robot_description` carries it.

    Raises:
        MeshError: if the description is not a tree of links or a mesh cannot be read.
    """
    if len(text) > _LARGEST or "<!DOCTYPE" in text:
        raise MeshError("the robot description is too long or declares a document type")
    try:
        tree = ElementTree.fromstring(text)  # noqa: S314  entities need a document type
        joints = [_joint(e) for e in tree.iter("joint") if e.find("parent") is not None]
        meshes = {
            str(link.get("name")): mesh
            for link in tree.iter("link")
            if (mesh := _shape(link)) is not None
        }
    except (ElementTree.ParseError, ValueError, AttributeError) as error:
        raise MeshError(f"the robot description is mangled: {error}") from error
    root, ordered = _order(joints)
    return RobotModel(root, ordered, meshes)


def _order(joints: list[Joint]) -> tuple[str, tuple[Joint, ...]]:
    children = {j.child for j in joints}
    roots = {j.parent for j in joints} - children
    if len(roots) != 1 or len(children) != len(joints):
        raise MeshError(f"the robot description needs one root link, got {sorted(roots)}")
    root = roots.pop()
    ordered, known, rest = [], {root}, list(joints)
    while rest:
        ready = [j for j in rest if j.parent in known]
        if not ready:
            raise MeshError("the robot description is not a tree")
        ordered += ready
        known |= {j.child for j in ready}
        rest = [j for j in rest if j.child not in known]
    return root, tuple(ordered)


def _joint(element: Any) -> Joint:
    rotation, position = _origin(element.find("origin"))
    axis = element.find("axis")
    return Joint(
        str(element.get("name")),
        str(element.get("type")),
        str(element.find("parent").get("link")),
        str(element.find("child").get("link")),
        rotation,
        position,
        _numbers(axis.get("xyz")) if axis is not None else np.array([1.0, 0.0, 0.0]),
    )


def _shape(link: Any) -> Mesh | None:
    element = link.find("collision")
    mesh = element.find("geometry/mesh") if element is not None else None
    address = urlparse(mesh.get("filename")) if mesh is not None else None
    if address is None or address.scheme != "file" or not address.path.endswith(".obj"):
        return None
    rotation, position = _origin(element.find("origin"))
    return read_obj(Path(address.path)).moved(rotation, position)


def _origin(element: Any) -> tuple[Array, Array]:
    if element is None:
        return np.eye(3), np.zeros(3)
    roll, pitch, yaw = _numbers(element.get("rpy", "0 0 0"))
    turn = exp_so3([0.0, 0.0, yaw]) @ exp_so3([0.0, pitch, 0.0]) @ exp_so3([roll, 0.0, 0.0])
    return turn, _numbers(element.get("xyz", "0 0 0"))


def _numbers(text: str) -> Array:
    numbers = np.array([float(word) for word in text.split()])
    if numbers.shape != (3,):
        raise ValueError(f"three numbers needed, got {text!r}")
    return numbers
