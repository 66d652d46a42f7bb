"""Drawing triangles, lines and dots into an image with a depth buffer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Attributes:
        eye: where it is [m], shape (3,).
        target: what it looks at [m], shape (3,).
        field: vertical field of view [rad].
        near, far: clipping planes [m].
    """

    eye: tuple[float, float, float] = (0.55, 1.2, 1.5)
    target: tuple[float, float, float] = (0.3, -0.25, 0.93)
    field: float = 0.7
    near: float = 0.1
    far: float = 5.0


def project(points: Array, view: Array, projection: Array, width: int, height: int) -> Array:
    """Pixel coordinates and window depth (0 near, 1 far) of points.

    Args:
        points: [m], shape (n, 3).
        view: column-major OpenGL matrix of 16 numbers.
        projection: the same of the lens.
        width: of the image.
        height: of the image.

    Returns:
        (column, row, depth), shape (n, 3).
    """
    matrix = np.reshape(projection, (4, 4)).T @ np.reshape(view, (4, 4)).T
    clip = np.hstack([points, np.ones((len(points), 1))]) @ matrix.T
    ndc = clip[:, :3] / np.maximum(clip[:, 3:], 1e-9)
    column = (ndc[:, 0] + 1) / 2 * width
    row = (1 - ndc[:, 1]) / 2 * height
    return np.stack([column, row, (ndc[:, 2] + 1) / 2], axis=1)


@njit(cache=True)
def fill_triangles(
    image: Image, depth: Array, corners: Array, faces: Array, colours: Array, opacity: float
) -> None:
    """Paint triangles that are nearer than what is there.

    Args:
        image: changed in place, shape (h, w, 3).
        depth: window depth, changed in place, shape (h, w).
        corners: projected points, shape (n, 3).
        faces: indices, shape (m, 3).
        colours: of the faces, 0..255, shape (m, 3).
        opacity: 0..1.
    """
    height, width = depth.shape
    for f in range(faces.shape[0]):
        a, b, c = corners[faces[f, 0]], corners[faces[f, 1]], corners[faces[f, 2]]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if abs(area) < 1e-9:
            continue
        left = max(int(min(a[0], b[0], c[0])), 0)
        right = min(int(max(a[0], b[0], c[0])) + 1, width)
        top = max(int(min(a[1], b[1], c[1])), 0)
        bottom = min(int(max(a[1], b[1], c[1])) + 1, height)
        for row in range(top, bottom):
            for column in range(left, right):
                x, y = column + 0.5, row + 0.5
                u = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area
                w = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area
                if u < 0.0 or w < 0.0 or u + w > 1.0:
                    continue
                z = a[2] + u * (b[2] - a[2]) + w * (c[2] - a[2])
                if z < depth[row, column]:
                    depth[row, column] = z
                    for k in range(3):
                        image[row, column, k] = np.uint8(
                            (1 - opacity) * image[row, column, k] + opacity * colours[f, k]
                        )


@njit(cache=True)
def draw_line(
    image: Image, depth: Array, start: Array, end: Array, colour: Array, hidden: float
) -> None:
    """Draw a line two pixels wide; what lies behind something is painted with opacity `hidden`."""
    height, width = depth.shape
    steps = int(max(abs(end[0] - start[0]), abs(end[1] - start[1]))) + 1
    for s in range(steps + 1):
        place = start + (end - start) * (s / steps)
        for move in range(2):
            column, row = int(place[0]) + move, int(place[1])
            if row < 0 or row >= height or column < 0 or column >= width:
                continue
            opacity = 1.0 if place[2] < depth[row, column] else hidden
            for k in range(3):
                image[row, column, k] = np.uint8(
                    (1 - opacity) * image[row, column, k] + opacity * colour[k]
                )


def draw_dot(image: Image, place: Array, radius: float, colour: Image) -> None:
    """Paint a disc over everything."""
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    image[(columns - place[0]) ** 2 + (rows - place[1]) ** 2 <= radius**2] = colour
