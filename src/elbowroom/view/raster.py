"""A small software rasteriser: lit triangles with a depth buffer, opaque or translucent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_NEAR = 0.05


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Attributes:
        eye: where it stands [m], shape (3,).
        target: what it looks at [m], shape (3,).
        field: vertical field of view [rad].
    """

    eye: Array
    target: Array
    field: float = 0.55

    def axes(self) -> Array:
        """Rows: right, up and backward in the world, shape (3, 3)."""
        back = self.eye - self.target
        back = back / np.linalg.norm(back)
        right = np.cross([0.0, 0.0, 1.0], back)
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(back, right), back])

    def project(self, points: Array, width: int, height: int) -> Array:
        """Pixel column, pixel row and inverse depth [1/m] of points, shape (n, 3) -> (n, 3).

        Inverse depth is linear on the screen. Points nearer than 5 cm are put at that depth.
        """
        local = (np.asarray(points, dtype=float) - self.eye) @ self.axes().T
        inverse = 1.0 / np.maximum(-local[:, 2], _NEAR)
        scale = 0.5 * height / np.tan(self.field / 2) * inverse
        column = width / 2 + local[:, 0] * scale
        row = height / 2 - local[:, 1] * scale
        return np.stack([column, row, inverse], axis=1)


class Canvas:
    """An image in the making: linear colour and inverse depth a pixel.

    Args:
        width, height: [pixels].
        background: colour, 0..1, shape (3,).
    """

    def __init__(self, width: int, height: int, background: Array) -> None:
        self.colour = np.empty((height, width, 3))
        self.colour[:] = background
        self.depth = np.zeros((height, width))

    def fill(self, corners: Array, colours: Array, alpha: float = 1.0) -> None:
        """Draw triangles; translucent ones back to front and without hiding what comes later.

        Args:
            corners: projected corners, shape (m, 3, 3).
            colours: of every corner, 0..1, shape (m, 3, 3).
            alpha: opacity, 0..1.
        """
        if alpha < 1.0:
            order = np.argsort(corners[:, :, 2].mean(axis=1))
            corners, colours = corners[order], colours[order]
        _fill(self.colour, self.depth, corners, np.ascontiguousarray(colours), alpha)

    def line(
        self, ends: Array, colour: Array, width: float, alpha: float, hidden: float = 0.0
    ) -> None:
        """Draw a straight line with soft edges.

        Args:
            ends: projected ends, shape (2, 3).
            colour: 0..1, shape (3,).
            width: [pixels].
            alpha: opacity where nothing is in front.
            hidden: opacity where something is.
        """
        _line(self.colour, self.depth, ends[0], ends[1], colour, width, alpha, hidden)

    def image(self, factor: int) -> NDArray[np.uint8]:
        """The picture, made smaller by a whole factor (which smooths edges), shape (h, w, 3)."""
        height, width = (n // factor * factor for n in self.depth.shape)
        starts = [(i, j) for i in range(factor) for j in range(factor)]
        # Adding strided views is several times quicker than a mean over two axes.
        total = sum(self.colour[i:height:factor, j:width:factor] for i, j in starts)
        small = np.asarray(total) * (255 / factor**2)
        return (np.clip(small, 0.0, 255.0) + 0.5).astype(np.uint8)


@njit(cache=True)
def _fill(image: Array, depth: Array, corners: Array, colours: Array, alpha: float) -> None:
    height, width = depth.shape
    for k in range(corners.shape[0]):
        a, b, c = corners[k, 0], corners[k, 1], corners[k, 2]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if abs(area) < 1e-9:
            continue
        left = max(int(min(a[0], b[0], c[0])), 0)
        right = min(int(max(a[0], b[0], c[0])) + 1, width - 1)
        top = max(int(min(a[1], b[1], c[1])), 0)
        bottom = min(int(max(a[1], b[1], c[1])) + 1, height - 1)
        for row in range(top, bottom + 1):
            y = row + 0.5
            for column in range(left, right + 1):
                x = column + 0.5
                u = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area
                v = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area
                w = 1.0 - u - v
                if u < 0 or v < 0 or w < 0:
                    continue
                near = u * a[2] + v * b[2] + w * c[2]
                if near <= depth[row, column]:
                    continue
                for i in range(3):
                    value = u * colours[k, 0, i] + v * colours[k, 1, i] + w * colours[k, 2, i]
                    image[row, column, i] += alpha * (value - image[row, column, i])
                if alpha >= 1.0:
                    depth[row, column] = near


@njit(cache=True)
def _line(
    image: Array,
    depth: Array,
    start: Array,
    end: Array,
    colour: Array,
    size: float,
    alpha: float,
    hidden: float,
) -> None:
    height, width = depth.shape
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(np.sqrt(dx * dx + dy * dy), 1e-9)
    reach = size / 2 + 1.0
    left = max(int(min(start[0], end[0]) - reach), 0)
    right = min(int(max(start[0], end[0]) + reach) + 1, width - 1)
    top = max(int(min(start[1], end[1]) - reach), 0)
    bottom = min(int(max(start[1], end[1]) + reach) + 1, height - 1)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            x, y = column + 0.5 - start[0], row + 0.5 - start[1]
            along = min(max((x * dx + y * dy) / (length * length), 0.0), 1.0)
            away = np.sqrt((x - along * dx) ** 2 + (y - along * dy) ** 2)
            cover = min(max(size / 2 + 0.5 - away, 0.0), 1.0)
            if cover <= 0.0:
                continue
            near = start[2] + along * (end[2] - start[2])
            share = cover * (alpha if near >= depth[row, column] else hidden)
            for i in range(3):
                image[row, column, i] += share * (colour[i] - image[row, column, i])
