"""Markers for RViz."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from geometry_msgs.msg import Point
from numpy.typing import NDArray
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from elbowroom.core import Estimate, Status, rotation_between
from elbowroom.core.rotation import quaternion_from_matrix
from elbowroom.core.types import Array
from elbowroom.nodes.grasping.view import Seen

COLOURS = {
    Status.GUARANTEED: (0.10, 0.62, 0.35),
    Status.UNCALIBRATED: (0.20, 0.45, 0.85),
    Status.PRIOR: (0.95, 0.65, 0.10),
    Status.VOID: (0.85, 0.15, 0.15),
}
_SKIN = (0.85, 0.68, 0.57)
_CLOTH = (0.35, 0.50, 0.70)
_GREY = (0.35, 0.35, 0.35)
_WOOD = (0.76, 0.68, 0.55)
_SOLIDS = {"cylinder": Marker.CYLINDER, "ball": Marker.SPHERE, "sphere": Marker.SPHERE}


def box_markers(head: Header, estimate: Estimate) -> MarkerArray:
    """The box, coloured by what it promises, with the reason as text above it."""
    colour = COLOURS[estimate.status]
    box = _marker(head, "box", 0, Marker.CUBE, colour, 0.35)
    _place(box, estimate.box.centre, estimate.box.orientation)
    box.scale.x, box.scale.y, box.scale.z = estimate.box.size.tolist()
    text = _marker(head, "status", 0, Marker.TEXT_VIEW_FACING, colour, 1.0)
    text.text = f"{estimate.status.name} {estimate.reason}".rstrip()
    above = estimate.box.hull[1][2] - estimate.box.centre[2] + 0.04
    _place(text, estimate.box.centre + np.array([0.0, 0.0, above]))
    text.scale.z = 0.03
    return MarkerArray(markers=[box, text])


def arm_markers(head: Header, joints: Array, radii: Sequence[float]) -> MarkerArray:
    """An arm as cylinders between joints with spheres at the joints.

    Args:
        head: stamp and frame.
        joints: shoulder, elbow, wrist, ... [m], shape (n, 3).
        radii: at each joint [m], length n.
    """
    markers = []
    for i, (joint, radius) in enumerate(zip(joints, radii, strict=True)):
        ball = _marker(head, "joints", i, Marker.SPHERE, _SKIN, 1.0)
        _place(ball, joint)
        ball.scale.x = ball.scale.y = ball.scale.z = 2 * float(radius)
        markers.append(ball)
    for i in range(len(joints) - 1):
        limb = _marker(head, "limbs", i, Marker.CYLINDER, _SKIN, 1.0)
        axis = joints[i + 1] - joints[i]
        turn = quaternion_from_matrix(rotation_between(np.array([0.0, 0.0, 1.0]), axis))
        _place(limb, (joints[i] + joints[i + 1]) / 2, turn)
        limb.scale.x = limb.scale.y = float(radii[i] + radii[i + 1])
        limb.scale.z = float(np.linalg.norm(axis))
        markers.append(limb)
    return MarkerArray(markers=markers)


def sleeve_markers(head: Header, vertices: Array, faces: NDArray[np.integer[Any]]) -> MarkerArray:
    """A sleeve as triangles.

    Args:
        head: stamp and frame.
        vertices: [m], shape (n, 3).
        faces: indices of vertices, shape (m, 3).
    """
    cloth = _marker(head, "sleeve", 0, Marker.TRIANGLE_LIST, _CLOTH, 0.8)
    cloth.scale.x = cloth.scale.y = cloth.scale.z = 1.0
    # Triangles share their corners, so that a message costs one point a vertex.
    corners = [Point(x=x, y=y, z=z) for x, y, z in np.asarray(vertices, dtype=float).tolist()]
    cloth.points = [corners[i] for i in np.asarray(faces).ravel().tolist()]
    return MarkerArray(markers=[cloth])


def scene_markers(
    head: Header, objects: Iterable[Seen], colours: Mapping[str, Sequence[float]]
) -> MarkerArray:
    """Objects on a table, each with its name above it; what is gone is wiped first.

    Args:
        head: stamp and frame.
        objects: what is seen.
        colours: red, green and blue by name, each 0..1; grey for others.
    """
    wipe = Marker(header=head, action=Marker.DELETEALL)
    drawn = [wipe, _table(head)]
    for number, seen in enumerate(objects):
        colour = colours.get(seen.name, _GREY)
        body = _marker(head, "objects", number, _SOLIDS.get(seen.shape, Marker.CUBE), colour, 1.0)
        _place(body, seen.pose.position, seen.pose.orientation)
        body.scale.x, body.scale.y, body.scale.z = seen.size.tolist()
        text = _marker(head, "names", number, Marker.TEXT_VIEW_FACING, _GREY, 1.0)
        text.text, text.scale.z = seen.name, 0.015
        _place(text, seen.pose.position + np.array([0.0, 0.0, float(seen.size.max()) / 2 + 0.02]))
        drawn += [body, text]
    return MarkerArray(markers=drawn)


def _table(head: Header) -> Marker:
    table = _marker(head, "table", 0, Marker.CUBE, _WOOD, 1.0)
    _place(table, np.array([0.5, 0.0, -0.005]))
    table.scale.x, table.scale.y, table.scale.z = 0.8, 0.8, 0.01
    return table


def _marker(
    head: Header, namespace: str, number: int, kind: int, colour: Sequence[float], alpha: float
) -> Marker:
    r, g, b = (float(c) for c in colour)
    marker = Marker(header=head, ns=namespace, id=number, type=kind, action=Marker.ADD)
    marker.color = ColorRGBA(r=r, g=g, b=b, a=alpha)
    marker.pose.orientation.w = 1.0
    return marker


def _place(marker: Marker, position: Array, orientation: Array | None = None) -> None:
    p = marker.pose.position
    p.x, p.y, p.z = np.asarray(position, dtype=float).tolist()
    if orientation is not None:
        q = marker.pose.orientation
        q.x, q.y, q.z, q.w = np.asarray(orientation, dtype=float).tolist()
