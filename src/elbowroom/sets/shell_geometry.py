"""Frames, log map, outlines and solid angle of patches of the sphere."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, BoolArray, read_array, require
from elbowroom.sets.tolerances import INSIDE, UNIT_LENGTH

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


def frame_about(direction: ArrayLike, tangent: ArrayLike | None = None) -> Array:
    """Return the rotation with columns d, e1, e2, shape (..., 3, 3).

    Args:
        direction: unit vectors d, shape (..., 3).
        tangent: e1 is its part across d; by default of the axis of space least along d.
    """
    d = read_array("direction", direction, 1)
    norm = np.linalg.norm(d, axis=-1, keepdims=True)
    require(d.shape[-1] == 3, f"direction needs 3 components, got shape {d.shape}")
    require((np.abs(norm - 1.0) <= UNIT_LENGTH).all(), "direction must have unit length")
    d = d / norm
    if tangent is None:
        t = np.eye(3)[np.abs(d).argmin(axis=-1)]
    else:
        t = np.broadcast_to(read_array("tangent", tangent, 1), d.shape)
    t = t - (t * d).sum(axis=-1, keepdims=True) * d
    length = np.linalg.norm(t, axis=-1, keepdims=True)
    require((length > INSIDE).all(), "tangent lies along the direction")
    e1 = t / length
    e1 = e1 - (e1 * d).sum(axis=-1, keepdims=True) * d
    e1 = e1 / np.linalg.norm(e1, axis=-1, keepdims=True)
    return np.stack([d, e1, np.cross(d, e1)], axis=-1)


def log_map(frame: Array, offset: Array) -> tuple[Array, Array]:
    """Return |x| and u with x = |x| y(u), for offsets x of shape (..., 3)."""
    local = (np.swapaxes(frame, -1, -2) @ offset[..., None])[..., 0]
    across = np.hypot(local[..., 1], local[..., 2])
    angle = np.arctan2(across, local[..., 0])
    scale = np.where(across > 0.0, angle / np.where(across > 0.0, across, 1.0), 0.0)
    u = scale[..., None] * local[..., 1:]
    behind = (across == 0.0) & (local[..., 0] < 0.0)
    u[..., 0] = np.where(behind, np.pi, u[..., 0])
    return np.linalg.norm(offset, axis=-1), u


def largest_angle(widths: Array, ellipse: bool) -> Array:
    """Return the largest |u| of the outline, shape (...)."""
    if ellipse:
        return np.asarray(widths.max(axis=-1))
    return np.asarray(np.hypot(widths[..., 0], widths[..., 1]))


def outline_holds(u: Array, widths: Array, ellipse: bool, margin: Array) -> BoolArray:
    """Say which u, shape (..., 2), are in the outline grown by `margin` [rad], shape (...)."""
    grown = widths + margin[..., None]
    if ellipse:
        return np.asarray(((u / grown) ** 2).sum(axis=-1) <= 1.0)
    return np.asarray((np.abs(u) <= grown).all(axis=-1))


def grow_outline(widths: Array, ellipse: bool, rho: Array, r0: Array) -> tuple[Array, bool]:
    """Return an outline that holds every direction seen from a centre moved by up to rho.

    Where that may be any direction the outline becomes the disc of radius pi (an ellipse).
    """
    sine = np.where(r0 > rho, rho / np.maximum(r0, 1e-300), 1.0)
    turn = np.arcsin(np.minimum(sine * (1.0 + 1e-12), 1.0))
    reach = largest_angle(widths, ellipse) + turn
    safe = (r0 > rho) & (reach < 3.0)
    stretch = np.where(safe, reach / np.maximum(np.sin(np.where(safe, reach, 1.0)), 1e-3), 1.0)
    more = (turn * np.maximum(stretch, 1.0))[..., None]
    grown = _sum_of_ellipses(widths, more) if ellipse else widths + more
    fits = safe & (largest_angle(grown, ellipse) <= np.pi)
    if fits.all():
        return grown, ellipse
    everywhere = np.full(2, np.pi)
    return np.where(np.asarray(fits)[..., None] & ellipse, grown, everywhere), True


def _sum_of_ellipses(widths: Array, radius: Array) -> Array:
    """Return half axes of an ellipse that holds the ellipse plus a disc.

    a_i^2 = (1 + 1/p) w_i^2 + (1 + p) rho^2 for any p > 0 (Kurzhanski & Valyi 1997).
    """
    p = np.sqrt((widths**2).sum(axis=-1, keepdims=True) / (2.0 * np.maximum(radius, 1e-150) ** 2))
    p = np.clip(p, 1e-6, 1e12)
    squared = (1.0 + 1.0 / p) * widths**2 + (1.0 + p) * radius**2
    return np.asarray(np.sqrt(squared) * (1.0 + 1e-14))


def solid_angle(widths: Array, ellipse: bool) -> Array:
    """Return the area of y(T) on the unit sphere [sr], shape (...).

    The area element is sin|u|/|u| du; by Green's theorem it is the integral along the outline of
    q(|u|) (u1 du2 - u2 du1), q(r) = (1 - cos r) / r^2, smooth on every edge.
    """
    w1, w2 = widths[..., 0, None], widths[..., 1, None]
    if ellipse:
        angle = 2.0 * np.pi * np.arange(128) / 128
        q = _turn_density(np.hypot(w1 * np.cos(angle), w2 * np.sin(angle)))
        return np.asarray((w1 * w2 * q).mean(axis=-1) * 2.0 * np.pi)
    ends = w2 * w1 * (_turn_density(np.hypot(w1, w2 * _NODES)) @ _WEIGHTS)[..., None]
    sides = w1 * w2 * (_turn_density(np.hypot(w2, w1 * _NODES)) @ _WEIGHTS)[..., None]
    return np.asarray(2.0 * (ends + sides)[..., 0])


def _turn_density(r: Array) -> Array:
    half = np.sinc(r / (2.0 * np.pi))
    return np.asarray(0.5 * half**2)


def sample_outline(rng: np.random.Generator, count: int, widths: Array, ellipse: bool) -> Array:
    """Draw y(u) uniformly on the patch of the sphere, components (d, e1, e2), shape (count, 3)."""
    kept: list[Array] = []
    found = 0
    while found < count:
        u = rng.uniform(-1.0, 1.0, (2 * count + 16, 2))
        inside = (u**2).sum(axis=1) <= 1.0 if ellipse else np.ones(len(u), dtype=bool)
        u = u[inside] * widths
        norm = np.hypot(u[:, 0], u[:, 1])
        sinc = np.sinc(norm / np.pi)
        keep = rng.random(len(u)) <= sinc
        y = np.c_[np.cos(norm), sinc[:, None] * u][keep]
        kept.append(y)
        found += len(y)
    return np.concatenate(kept)[:count]
