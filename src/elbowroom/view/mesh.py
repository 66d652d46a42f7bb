"""Triangles of the things in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import rotation_between

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_CREASE = np.cos(0.6)
_LIGHT = np.array([0.75, 0.15, 0.65]) / np.linalg.norm([0.75, 0.15, 0.65])
_FILL = np.array([0.1, 0.95, 0.3]) / np.linalg.norm([0.1, 0.95, 0.3])


class MeshError(ValueError):
    """A mesh file that cannot be read."""


@dataclass(frozen=True)
class Mesh:
    """Triangles with a normal at every corner.

    Attributes:
        corners: [m], shape (m, 3, 3).
        normals: unit vectors, shape (m, 3, 3).
    """

    corners: Array
    normals: Array

    def moved(self, rotation: Array, position: Array) -> Mesh:
        """The mesh turned, then shifted."""
        return Mesh(self.corners @ rotation.T + position, self.normals @ rotation.T)

    def shade(self, colour: Array, eye: Array, two_sided: bool = False) -> Array:
        """Colours of the corners under a fixed lamp, a weak counter-lamp and the sky.

        Args:
            colour: 0..1, shape (3,).
            eye: of the camera [m], shape (3,).
            two_sided: whether the inside is lit like the outside.

        Returns:
            Shape (m, 3, 3), 0..1.
        """
        normals = self.normals
        view = eye - self.corners
        view /= np.linalg.norm(view, axis=-1, keepdims=True)
        facing = np.sum(normals * view, axis=-1, keepdims=True)
        if two_sided:
            normals = normals * np.where(facing < 0, -1.0, 1.0)
        lamp = np.clip(normals @ _LIGHT, 0.0, 1.0) * 0.50
        counter = np.clip(normals @ _FILL, 0.0, 1.0) * 0.24
        sky = 0.40 + 0.12 * normals[..., 2]
        half = _LIGHT + view
        half /= np.linalg.norm(half, axis=-1, keepdims=True)
        gloss = 0.10 * np.clip(np.sum(normals * half, axis=-1), 0.0, 1.0) ** 24
        return np.asarray((lamp + counter + sky)[..., None] * colour + gloss[..., None])


def smooth(vertices: Array, faces: Indices) -> Mesh:
    """A mesh of n vertices, shape (n, 3); edges less sharp than 0.6 rad share their normals."""
    corners = vertices[faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(flat, axis=1, keepdims=True)
    kept = area[:, 0] > 1e-14
    faces, corners, flat, area = faces[kept], corners[kept], flat[kept], area[kept]
    unit = flat / area
    normals = np.repeat(unit[:, None], 3, axis=1)
    owner = faces.ravel()
    order = np.argsort(owner, kind="stable")
    starts = np.flatnonzero(np.diff(owner[order], prepend=-1))
    for members in np.split(order, starts[1:]):
        sides = members // 3
        alike = unit[sides] @ unit[sides].T > _CREASE
        mean = alike @ flat[sides]
        mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-30)
        normals[sides, members % 3] = mean
    return Mesh(corners, normals)


def tube(points: Array, radii: Array, around: int = 28, along: int = 6) -> Mesh:
    """A limb: a ball at every joint and a tapered tube between neighbours.

    Args:
        points: joints [m], shape (n, 3).
        radii: at the joints [m], shape (n,).
        around: corners of a ring.
        along: rings of a segment.
    """
    parts = [ball(p, float(r)) for p, r in zip(points, radii, strict=True)]
    for i in range(len(points) - 1):
        parts.append(_cone(points[i : i + 2], radii[i : i + 2], around, along))
    return join(parts)


def ball(centre: Array, radius: float) -> Mesh:
    """A sphere about a centre [m] of shape (3,), its radius in [m]."""
    unit = _unit_ball()
    return Mesh(unit.corners * radius + centre, unit.normals)


def join(meshes: list[Mesh]) -> Mesh:
    """All triangles in one mesh."""
    corners = np.concatenate([m.corners for m in meshes])
    return Mesh(corners, np.concatenate([m.normals for m in meshes]))


def read_obj(path: Path) -> Mesh:
    """Triangles of a Wavefront OBJ file, vertices at the same place merged.

    Raises:
        MeshError: if the file is missing or mangled.
    """
    vertices, faces = [], []
    try:
        for line in path.read_text().splitlines():
            words = line.split()
            if words[:1] == ["v"]:
                vertices.append([float(w) for w in words[1:4]])
            elif words[:1] == ["f"]:
                ring = [int(w.split("/")[0]) - 1 for w in words[1:]]
                faces += [[ring[0], ring[i], ring[i + 1]] for i in range(1, len(ring) - 1)]
        table = np.array(vertices).reshape(-1, 3)
        merged, where = np.unique(table.round(6), axis=0, return_inverse=True)
        return smooth(merged, where.ravel()[np.array(faces, dtype=np.int64).reshape(-1, 3)])
    except (OSError, ValueError, IndexError) as error:
        raise MeshError(f"{path.name} is not a readable OBJ file: {error}") from error


@cache
def _unit_ball(rows: int = 14, around: int = 28) -> Mesh:
    # From below upwards, so that the triangles face outwards.
    polar = np.linspace(np.pi, 0.0, rows + 1)
    circle = _circle(around)
    rings = np.sin(polar)[:, None, None] * circle + np.cos(polar)[:, None, None] * [0, 0, 1]
    corners = rings.reshape(-1, 3)[_grid(rows + 1, around)]
    return Mesh(corners, corners)


def _cone(ends: Array, radii: Array, around: int, along: int) -> Mesh:
    axis = ends[1] - ends[0]
    length = float(np.linalg.norm(axis))
    circle = _circle(around)
    share = np.linspace(0.0, 1.0, along + 1)
    width = radii[0] + share * (radii[1] - radii[0])
    rings = width[:, None, None] * circle + (share * length)[:, None, None] * [0, 0, 1]
    slope = (radii[0] - radii[1]) / max(length, 1e-9)
    tilt = (circle + slope * np.array([0.0, 0.0, 1.0])) / np.hypot(1.0, slope)
    faces = _grid(along + 1, around)
    normals = np.broadcast_to(tilt, (along + 1, around, 3)).reshape(-1, 3)[faces]
    mesh = Mesh(rings.reshape(-1, 3)[faces], normals)
    return mesh.moved(rotation_between(np.array([0.0, 0.0, 1.0]), axis), ends[0])


def _circle(around: int) -> Array:
    angle = 2 * np.pi * np.arange(around) / around
    return np.stack([np.cos(angle), np.sin(angle), np.zeros(around)], axis=1)


def _grid(rows: int, around: int) -> Indices:
    row, place = np.meshgrid(np.arange(rows - 1), np.arange(around), indexing="ij")
    a = row * around + place
    b = row * around + (place + 1) % around
    lower = np.stack([a, b, a + around], axis=-1).reshape(-1, 3)
    upper = np.stack([b, b + around, a + around], axis=-1).reshape(-1, 3)
    return np.concatenate([lower, upper])
