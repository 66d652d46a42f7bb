"""A picture of a dressing: robot, person, sleeve, the true elbow and the box around it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Box
from elbowroom.view.frame import COLOURS, Frame
from elbowroom.view.mesh import Mesh, join, smooth, tube
from elbowroom.view.raster import Camera, Canvas
from elbowroom.view.robot import RobotModel

Array = NDArray[np.float64]
Image = NDArray[np.uint8]

BACKGROUND = np.array([0.965, 0.970, 0.978])
_SKIN = np.array([0.93, 0.72, 0.60])
_SHIRT = np.array([0.76, 0.79, 0.84])
_ROBOT = np.array([0.82, 0.83, 0.86])
_CLOTH = np.array([0.30, 0.52, 0.92])
_SEAM = np.array([0.12, 0.26, 0.62])
_ELBOW = np.array([1.00, 0.82, 0.05])
_INK = np.array([0.12, 0.13, 0.16])
_PATH = np.array([0.55, 0.20, 0.70])
_SUPERSAMPLE = 2
_SIDES = np.array(
    [[0, 1, 3, 2], [4, 5, 7, 6], [0, 1, 5, 4], [2, 3, 7, 6], [0, 2, 6, 4], [1, 3, 7, 5]]
)


class Picture:
    """Draws frames of one dressing from one place.

    Args:
        robot: drawn if given.
        camera: where from; None to look at the arm of the first frame.
        width, height: of the pictures [pixels].
    """

    def __init__(
        self,
        robot: RobotModel | None = None,
        camera: Camera | None = None,
        width: int = 720,
        height: int = 540,
    ) -> None:
        self._robot, self.camera = robot, camera
        self._size = width * _SUPERSAMPLE, height * _SUPERSAMPLE
        self._side = 0.0

    def draw(self, frame: Frame) -> Image:
        """One image, shape (height, width, 3)."""
        self._side = self._side or body_side(frame.arm)
        self.camera = self.camera or frame_camera(frame, self._side)
        canvas = Canvas(*self._size, BACKGROUND)
        self._solid(canvas, torso(frame.arm, self._side), _SHIRT)
        if self._robot is not None:
            self._solid(canvas, join(self._robot.pose(frame.joints)), _ROBOT)
        self._solid(canvas, tube(frame.arm, frame.radii), _SKIN)
        self._cloth(canvas, frame.cloth)
        if frame.box is not None:
            self._box(canvas, frame.box, np.array(COLOURS[frame.status]))
        self._path(canvas, frame.path)
        if frame.elbow is not None:
            self._dot(canvas, frame.elbow, 9.0 * _SUPERSAMPLE)
        return canvas.image(_SUPERSAMPLE)

    def _solid(self, canvas: Canvas, mesh: Mesh, colour: Array, alpha: float = 1.0) -> None:
        assert self.camera is not None, "draw places the camera"
        shades = mesh.shade(colour, self.camera.eye, two_sided=alpha < 1.0)
        canvas.fill(self._project(mesh.corners), shades, alpha)

    def _cloth(self, canvas: Canvas, triangles: Array) -> None:
        if len(triangles) == 0:
            return
        nodes, where = np.unique(triangles.reshape(-1, 3).round(6), axis=0, return_inverse=True)
        faces = where.reshape(-1, 3)
        self._solid(canvas, smooth(nodes, faces), _CLOTH, 0.62)
        for a, b in _rims(faces):
            ends = self._project(nodes[[a, b]])
            canvas.line(ends, _SEAM, 1.6 * _SUPERSAMPLE, 0.95, 0.35)

    def _box(self, canvas: Canvas, box: Box, colour: Array) -> None:
        corners = self._project(box.corners)
        quads = corners[_SIDES]
        sides = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
        canvas.fill(sides, np.broadcast_to(colour, sides.shape), 0.16)
        for side in _SIDES:
            for a, b in zip(side, np.roll(side, -1), strict=True):
                canvas.line(corners[[a, b]], colour, 1.8 * _SUPERSAMPLE, 0.90, 0.45)

    def _dot(self, canvas: Canvas, point: Array, size: float) -> None:
        end = self._project(point[None])[0]
        canvas.line(np.stack([end, end]), _INK, size + 2.5 * _SUPERSAMPLE, 1.0, 1.0)
        canvas.line(np.stack([end, end]), _ELBOW, size, 1.0, 1.0)

    def _path(self, canvas: Canvas, path: Array) -> None:
        if len(path) < 2:
            return
        points = self._project(path)
        for i in range(len(points) - 1):
            canvas.line(points[i : i + 2], _PATH, 2.4 * _SUPERSAMPLE, 1.0, 0.85)

    def _project(self, points: Array) -> Array:
        assert self.camera is not None, "draw places the camera"
        flat = self.camera.project(points.reshape(-1, 3), *self._size)
        return flat.reshape(points.shape)


def frame_camera(frame: Frame, side: float) -> Camera:
    """A camera before the person, on the other arm's side and above: the robot stands behind.

    Args:
        frame: whose arm is looked at.
        side: see `body_side`.
    """
    shoulder, wrist = frame.arm[0], frame.arm[2]
    ahead = wrist - shoulder
    ahead[2] = 0.0
    ahead /= max(float(np.linalg.norm(ahead)), 1e-6)
    inside = np.array([-ahead[1], ahead[0], 0.0]) * side
    target = 0.45 * shoulder + 0.55 * wrist + np.array([0.0, 0.0, 0.04])
    direction = 0.80 * inside + 0.62 * ahead + np.array([0.0, 0.0, 0.62])
    return Camera(target + 1.55 * direction / np.linalg.norm(direction), target)


def torso(arm: Array, side: float) -> Mesh:
    """A schematic person whose shoulder is the first point of the arm, facing +x.

    Args:
        arm: joints [m], shape (n, 3).
        side: see `body_side`.
    """
    shoulder = arm[0]
    middle = shoulder + np.array([-0.02, 0.17 * side, 0.0])
    other = shoulder + np.array([-0.02, 0.34 * side, -0.01])
    spine = np.stack([middle + [0.0, 0.0, z] for z in (-0.05, -0.28, -0.60)])
    girdle = np.stack([shoulder + [-0.01, 0.02 * side, 0.0], middle + [0, 0, 0.01], other])
    neck = np.stack([middle + [0.0, 0.0, z] for z in (0.0, 0.16)])
    head = np.stack([middle + [0.0, 0.0, 0.24], middle + [0.02, 0.0, 0.31]])
    hanging = other + np.array([[0.0, 0.0, 0.0], [-0.03, 0.05 * side, -0.27], [0.05, 0, -0.5]])
    limbs = [
        tube(spine, np.array([0.11, 0.115, 0.125])),
        tube(girdle, np.array([0.053, 0.08, 0.055])),
        tube(neck, np.array([0.05, 0.048])),
        tube(head, np.array([0.085, 0.09])),
        tube(hanging, np.array([0.05, 0.042, 0.034])),
    ]
    return join(limbs)


def body_side(arm: Array) -> float:
    """+1 when the body is to the left of the arm (a right arm), -1 for a left arm.

    At the start of a dressing the elbow does not reach across the body.

    Args:
        arm: joints at the start [m], shape (n, 3).
    """
    return 1.0 if arm[1, 1] <= arm[0, 1] + 0.05 else -1.0


def _rims(faces: Any) -> list[tuple[int, int]]:
    """Edges that belong to one triangle only."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    return [(int(a), int(b)) for a, b in unique[count == 1]]
