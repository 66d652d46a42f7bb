"""The compiled geometry of a patch of the sphere.

A point of the patch is y(u) = cos|u| d + sin|u|/|u| (u1 e1 + u2 e2) with u in a rectangle or an
ellipse T of the log map about d. For a unit vector n the function n'y is bounded by one and entire
of exponential type one along any line of the u plane, so its second derivative there is at most
one (Bernstein's inequality): between two samples a step h apart it exceeds their maximum by at
most h^2 / 8. On the boundary of an ellipse, u(t) = (w1 cos t, w2 sin t), the second derivative is
at most w^2 + w, w the larger half axis.
"""

from __future__ import annotations

import numpy as np

from elbowroom.sets.checks import Array
from elbowroom.sets.compiled import compile_kernel
from elbowroom.sets.rounding import slop

SAMPLES = 64


@compile_kernel
def sinc(x: float) -> float:
    """Return sin x / x, 1 at 0."""
    return 1.0 - x * x / 6.0 if abs(x) < 1e-6 else np.sin(x) / x


@compile_kernel
def in_outline(u1: float, u2: float, w1: float, w2: float, ellipse: bool, margin: float) -> bool:
    """Say whether (u1, u2) is in the outline grown by `margin` [rad]."""
    a, b = w1 + margin, w2 + margin
    if not ellipse:
        return abs(u1) <= a and abs(u2) <= b
    if a <= 0.0 or b <= 0.0:
        return u1 == 0.0 and u2 == 0.0
    return (u1 / a) ** 2 + (u2 / b) ** 2 <= 1.0


@compile_kernel
def _fill_outline(w1: float, w2: float, ellipse: bool, points: Array) -> float:
    """Fill `points`, shape (SAMPLES, 3), with y on the outline; return the excess h^2/8 bound."""
    quarter = SAMPLES // 4
    for k in range(SAMPLES):
        if ellipse:
            angle = 2.0 * np.pi * k / SAMPLES
            u1, u2 = w1 * np.cos(angle), w2 * np.sin(angle)
        else:
            side, t = k // quarter, 2.0 * (k % quarter) / quarter - 1.0
            if side == 0:
                u1, u2 = w1 * t, -w2
            elif side == 1:
                u1, u2 = w1, w2 * t
            elif side == 2:
                u1, u2 = -w1 * t, w2
            else:
                u1, u2 = -w1, -w2 * t
        norm = np.hypot(u1, u2)
        points[k, 0] = np.cos(norm)
        points[k, 1] = sinc(norm) * u1
        points[k, 2] = sinc(norm) * u2
    widest = max(w1, w2)
    if ellipse:
        step = 2.0 * np.pi / SAMPLES
        return step * step * (widest * widest + widest) / 8.0
    step = 2.0 * widest / quarter
    return step * step / 8.0


@compile_kernel
def _holds_direction(n: Array, w1: float, w2: float, ellipse: bool) -> bool:
    """Say whether the log map of the unit vector n is in the outline."""
    across = np.hypot(n[1], n[2])
    angle = np.arctan2(across, n[0])
    if across < 1e-15:
        return n[0] > 0.0 or in_outline(np.pi, 0.0, w1, w2, ellipse, 1e-12)
    scale = angle / across
    return in_outline(scale * n[1], scale * n[2], w1, w2, ellipse, 1e-12)


@compile_kernel
def bound_patch(radii: Array, widths: Array, ellipse: bool, normals: Array) -> Array:
    """Bound n'(r y(u)) over r0 <= r <= r1, u in T from above, for every n in the patch's frame.

    Args:
        radii: r0, r1, shape (2,).
        widths: half widths of T [rad], shape (2,).
        ellipse: whether T is an ellipse (else a rectangle).
        normals: shape (k, 3), components along d, e1, e2.

    Returns:
        Upper bounds, shape (k,).
    """
    w1, w2 = widths[0], widths[1]
    points, bounds, unit = np.empty((SAMPLES, 3)), np.empty(normals.shape[0]), np.empty(3)
    excess = _fill_outline(w1, w2, ellipse, points)
    for k in range(normals.shape[0]):
        length = np.sqrt(normals[k, 0] ** 2 + normals[k, 1] ** 2 + normals[k, 2] ** 2)
        if length == 0.0:
            bounds[k] = 0.0
            continue
        unit[:] = normals[k] / length
        if _holds_direction(unit, w1, w2, ellipse):
            most = 1.0
        else:
            most = -1.0
            for s in range(SAMPLES):
                along = unit[0] * points[s, 0] + unit[1] * points[s, 1] + unit[2] * points[s, 2]
                most = max(most, along)
            most = min(1.0, most + excess + slop(16))
        radius = radii[1] if most >= 0.0 else radii[0]
        bounds[k] = length * (most * radius) + length * slop(16) * radii[1]
    return bounds


@compile_kernel
def bound_patches(radii: Array, widths: Array, ellipse: bool, normals: Array) -> Array:
    """Do `bound_patch` for a batch: radii (s, 2), widths (s, 2), normals (s, k, 3) -> (s, k)."""
    out = np.empty(normals.shape[:2])
    for s in range(radii.shape[0]):
        out[s] = bound_patch(radii[s], widths[s], ellipse, normals[s])
    return out


@compile_kernel
def _fill_normals(w1: float, w2: float, out: Array) -> None:
    """Fill `out`, shape (18, 3): +-(d, e1, e2), the four sides, eight around the middle."""
    out[:] = 0.0
    for k in range(3):
        out[k, k], out[k + 3, k] = 1.0, -1.0
    for k in range(4):
        w, axis, side = (w1 if k < 2 else w2), 1 + k // 2, (1.0 if k % 2 == 0 else -1.0)
        lean = min(w, 0.5 * np.pi)
        out[6 + k, 0], out[6 + k, axis] = -np.sin(lean), side * np.cos(lean)
    for k in range(8):
        angle = 0.25 * np.pi * k
        u1 = 0.6 * min(w1, 0.5 * np.pi) * np.cos(angle)
        u2 = 0.6 * min(w2, 0.5 * np.pi) * np.sin(angle)
        norm = np.hypot(u1, u2)
        out[10 + k, 0] = np.cos(norm)
        out[10 + k, 1], out[10 + k, 2] = sinc(norm) * u1, sinc(norm) * u2


@compile_kernel
def _bound_faces(radii: Array, widths: Array, ellipse: bool, values: Array) -> None:
    """Overwrite the first six values by the exact reach along +-(d, e1, e2)."""
    angle = max(widths[0], widths[1]) if ellipse else np.hypot(widths[0], widths[1])
    lowest = np.cos(min(angle * (1.0 + 1e-15), np.pi))
    values[0] = radii[1]
    values[3] = -(radii[0] if lowest >= 0.0 else radii[1]) * lowest
    for k in range(2):
        values[1 + k] = values[4 + k] = radii[1] * np.sin(min(widths[k], 0.5 * np.pi))


@compile_kernel
def plan_patch(
    center: Array, radii: Array, frame: Array, widths: Array, ellipse: bool, ball: float, box: Array
) -> tuple[Array, Array]:
    """Return planes that hold a patch of a shell: the faces of a box first.

    Args:
        center: shape (3,).
        radii: r0, r1, shape (2,).
        frame: columns d, e1, e2, shape (3, 3).
        widths: half widths [rad], shape (2,).
        ellipse: whether the outline is an ellipse.
        ball: radius of the uncertainty of the centre.
        box: half widths of it, shape (3,).

    Returns:
        (normals n (18, 3), values y (18,)) with n'x <= y for every member; the first six normals
        are those of the box along the frame.
    """
    local, normals = np.empty((18, 3)), np.empty((18, 3))
    _fill_normals(widths[0], widths[1], local)
    values = bound_patch(radii, widths, ellipse, local)
    _bound_faces(radii, widths, ellipse, values)
    skew = 0.0
    for i in range(3):
        for j in range(3):
            dot = (frame[:, i] * frame[:, j]).sum() - (1.0 if i == j else 0.0)
            skew += abs(dot)
    for k in range(18):
        error = 0.0
        for i in range(3):
            normals[k, i] = 0.0
            for j in range(3):
                normals[k, i] += frame[i, j] * local[k, j]
        for i in range(3):
            values[k] += normals[k, i] * center[i] + abs(normals[k, i]) * box[i]
            error += abs(normals[k, i]) * (abs(center[i]) + box[i])
        values[k] += ball * (1.0 + skew)
        values[k] += (slop(24) + 4.0 * skew) * (error + ball + radii[1])
    return normals, values
