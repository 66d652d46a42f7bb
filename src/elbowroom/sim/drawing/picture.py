"""Pictures of a dressing: robot and arm by PyBullet's software renderer, cloth and box on top."""

from __future__ import annotations

import numpy as np
import pybullet
from numpy.typing import NDArray

from elbowroom.core import Box
from elbowroom.motion import Person
from elbowroom.sim.cloth.sleeve import triangles
from elbowroom.sim.drawing.raster import Camera, Image, draw_dot, draw_line, fill_triangles, project
from elbowroom.sim.person.arm import load_limb
from elbowroom.sim.robot.body import load_panda

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

CLOTH = np.array([70.0, 110.0, 190.0])
LINING = np.array([45.0, 65.0, 120.0])
BOX = np.array([225.0, 60.0, 40.0])
ELBOW = np.array([250, 220, 40], dtype=np.uint8)
_FINER, _CLEARANCE = 3, 0.004
_LIGHT = np.array([0.2, 0.6, 0.75])
_EDGES = [(0, 1), (2, 3), (4, 5), (6, 7), (0, 2), (1, 3), (4, 6), (5, 7), (0, 4), (1, 5), (2, 6)]
_EDGES.append((3, 7))


class Picture:
    """A second PyBullet connection with visual shapes, so that physics never pays for looks.

    Args:
        person: whose arm is drawn.
        base, turn: of the robot's base.
    """

    def __init__(self, person: Person, base: Array, turn: Array) -> None:
        self._client = pybullet.connect(pybullet.DIRECT)
        self._robot = load_panda(self._client, base, turn, visible=True)
        self._limb = load_limb(self._client, person, visible=True)

    def draw(
        self,
        q: Array,
        shoulder: Array,
        upper: Array,
        angles: tuple[float, float],
        rings: Array,
        width: int,
        height: int,
        camera: Camera,
        box: Box | None = None,
        elbow: Array | None = None,
    ) -> Image:
        """One image, shape (height, width, 3).

        Args:
            q: joints of the robot [rad], shape (7,).
            shoulder: [m], shape (3,).
            upper: orientation (x, y, z, w) of the upper arm.
            angles: elbow and forearm twist [rad].
            rings: nodes of the sleeve [m], shape (along, around, 3).
            width: of the image.
            height: of the image.
            camera: where it is taken from.
            box: drawn as a red frame.
            elbow: drawn as a yellow dot [m].
        """
        self._pose(q, shoulder, upper, angles)
        view = pybullet.computeViewMatrix(camera.eye, camera.target, [0, 0, 1])
        lens = pybullet.computeProjectionMatrixFOV(
            np.degrees(camera.field), width / height, camera.near, camera.far
        )
        image, depth = self._photograph(view, lens, width, height)
        nodes, faces = smooth_tube(rings)
        corners = project(nodes, view, lens, width, height)
        fill_triangles(image, depth, corners, faces, _shade(nodes, faces, camera), 1.0)
        if box is not None:
            ends = project(box.corners, view, lens, width, height)
            for a, b in _EDGES:
                draw_line(image, depth, ends[a], ends[b], BOX, 0.45)
        if elbow is not None:
            place = project(np.reshape(elbow, (1, 3)), view, lens, width, height)[0]
            draw_dot(image, place, max(2.0, height / 120), ELBOW)
        return image

    def _pose(self, q: Array, shoulder: Array, upper: Array, angles: tuple[float, float]) -> None:
        client = self._client
        for joint, angle in enumerate(q):
            pybullet.resetJointState(self._robot, joint, angle, physicsClientId=client)
        pybullet.resetBasePositionAndOrientation(
            self._limb, shoulder, [0, 0, 0, 1], physicsClientId=client
        )
        pybullet.resetJointStateMultiDof(self._limb, 0, upper, physicsClientId=client)
        for joint, angle in enumerate(angles, start=1):
            pybullet.resetJointState(self._limb, joint, angle, physicsClientId=client)

    def _photograph(self, view: Array, lens: Array, width: int, height: int) -> tuple[Image, Array]:
        _, _, colours, depths, _ = pybullet.getCameraImage(
            width,
            height,
            view,
            lens,
            lightDirection=[0.3, 1.0, 1.5],
            shadow=0,
            renderer=pybullet.ER_TINY_RENDERER,
            physicsClientId=self._client,
        )
        image = np.reshape(colours, (height, width, 4)).astype(np.uint8)[:, :, :3].copy()
        return image, np.reshape(depths, (height, width)).astype(float)

    def close(self) -> None:
        """Free the connection."""
        if self._client >= 0:
            pybullet.disconnect(self._client)
        self._client = -1


def smooth_tube(rings: Array) -> tuple[Array, Indices]:
    """A finer mesh through the rings (Catmull-Rom, three times the nodes both ways).

    Args:
        rings: [m], shape (along, around, 3).

    Returns:
        Nodes (n, 3), moved 4 mm outwards so that flat facets do not cut into the arm, and
        triangles (m, 3).
    """
    fine = _refine(np.concatenate([rings[:, -1:], rings, rings[:, :2]], axis=1).swapaxes(0, 1))
    fine = fine[:-1].swapaxes(0, 1)
    ends = [2 * fine[:1] - fine[1:2], fine, 2 * fine[-1:] - fine[-2:-1]]
    fine = _refine(np.concatenate(ends))
    along = np.gradient(fine, axis=0)
    around = np.roll(fine, -1, axis=1) - np.roll(fine, 1, axis=1)
    normal = np.cross(around, along)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-12
    fine = fine + _CLEARANCE * normal
    return fine.reshape(-1, 3), triangles(*fine.shape[:2])


def _refine(points: Array) -> Array:
    before, start, end, after = points[:-3], points[1:-2], points[2:-1], points[3:]
    rows = []
    for t in np.arange(_FINER) / _FINER:
        rows.append(
            start
            + 0.5 * t * (end - before)
            + t**2 * (before - 2.5 * start + 2 * end - 0.5 * after)
            + 0.5 * t**3 * (3 * (start - end) + after - before)
        )
    fine = np.stack(rows, axis=1).reshape(-1, *points.shape[1:])
    return np.concatenate([fine, points[-2:-1]])


def _shade(nodes: Array, faces: Indices, camera: Camera) -> Array:
    a, b, c = (nodes[faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    inside = np.sum(normal * (np.array(camera.eye) - a), axis=1) < 0
    normal[inside] *= -1
    light = 0.55 + 0.45 * np.maximum(normal @ (_LIGHT / np.linalg.norm(_LIGHT)), 0.0)
    return np.where(inside[:, None], LINING, CLOTH) * light[:, None]
