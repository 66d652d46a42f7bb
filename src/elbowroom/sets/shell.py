"""Patches of a spherical shell: where a joint can be that hangs on an uncertain centre."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, BoolArray, read_array, read_positive, require
from elbowroom.sets.interval import Interval
from elbowroom.sets.kernels.shell import bound_patches
from elbowroom.sets.oriented_box import OrientedBox
from elbowroom.sets.rounding import round_up, slop
from elbowroom.sets.shell_geometry import (
    frame_about,
    grow_outline,
    largest_angle,
    log_map,
    outline_holds,
    sample_outline,
    solid_angle,
)
from elbowroom.sets.tolerances import INSIDE, ORTHONORMAL
from elbowroom.sets.verbs import ZonotopeVerbs, rows_of
from elbowroom.sets.zonotope import Zonotope


@dataclass(frozen=True, eq=False)
class ShellPatch(ZonotopeVerbs):
    """{c + a + r y(u) : r0 <= r <= r1, u in T, |a|_2 <= ball or |a| <= box (summed)}.

    y(u) = cos|u| d + sin|u|/|u| (u1 e1 + u2 e2) is the exponential map of the unit sphere about the
    direction d; T is the rectangle |u_i| <= w_i or the ellipse sum (u_i / w_i)^2 <= 1.

    Args:
        center: c [m], shape (..., 3).
        radii: r0 <= r1 [m], shape (..., 2).
        frame: columns d, e1, e2, orthonormal, shape (..., 3, 3).
        widths: w1, w2 [rad], shape (..., 2); T must lie within the disc of radius pi.
        ellipse: whether T is an ellipse.
        ball: radius of the uncertainty of the centre [m], shape (...).
        box: half widths of it along the axes of space [m], shape (..., 3).
    """

    center: Array
    radii: Array
    frame: Array
    widths: Array
    ellipse: bool = False
    ball: Array = None  # type: ignore[assignment]
    box: Array = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        c, r = read_array("center", self.center, 1), read_positive("radii", self.radii, 1)
        R, w = read_array("frame", self.frame, 2), read_positive("widths", self.widths, 1)
        lead = c.shape[:-1]
        ball = np.zeros(lead) if self.ball is None else read_positive("ball", self.ball, 0)
        box = np.zeros(c.shape) if self.box is None else read_positive("box", self.box, 1)
        require(c.shape[-1] == 3, f"center needs 3 components, got shape {c.shape}")
        require(r.shape == lead + (2,) and w.shape == lead + (2,), "radii and widths need 2 each")
        require(R.shape == lead + (3, 3), f"frame {R.shape} does not fit center {c.shape}")
        require(ball.shape == lead and box.shape == c.shape, "ball or box do not fit the center")
        require((r[..., 0] <= r[..., 1]).all(), "radii need r0 <= r1")
        gram = np.swapaxes(R, -1, -2) @ R
        require(np.abs(gram - np.eye(3)).max() <= ORTHONORMAL, "frame is not orthonormal")
        require((largest_angle(w, self.ellipse) <= np.pi + INSIDE).all(), "widths exceed pi")
        values = {"center": c, "radii": r, "frame": R, "widths": w, "ball": ball, "box": box}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    def about(
        cls,
        center: ArrayLike,
        direction: ArrayLike,
        radii: ArrayLike,
        widths: ArrayLike,
        *,
        tangent: ArrayLike | None = None,
        ellipse: bool = False,
        ball: ArrayLike = 0.0,
        box: ArrayLike | None = None,
    ) -> ShellPatch:
        """Make a patch about a unit direction; `tangent` chooses e1 (its part across d).

        Raises:
            SetError: if the direction has not unit length or the tangent is along it.
        """
        d = read_array("direction", direction, 1)
        c = np.broadcast_to(read_array("center", center, 1), d.shape)
        lead = d.shape[:-1]
        return cls(
            c,
            np.broadcast_to(read_array("radii", radii, 1), lead + (2,)),
            frame_about(d, tangent),
            np.broadcast_to(read_array("widths", widths, 1), lead + (2,)),
            ellipse,
            np.broadcast_to(read_array("ball", ball, 0), lead),
            None if box is None else np.broadcast_to(read_array("box", box, 1), c.shape),  # type: ignore[arg-type]
        )

    @property
    def dim(self) -> int:
        """Number of coordinates: three."""
        return 3

    @property
    def direction(self) -> Array:
        """The axis d, shape (..., 3)."""
        return np.asarray(self.frame[..., 0])

    def enclosing_box(self) -> OrientedBox:
        """Return the least box along (d, e1, e2) that holds the patch, rounded out.

        Along d it reaches from r0 cos(alpha) (alpha the largest angle of T: the sagitta
        r0 (1 - cos alpha) below r0; r1 cos(alpha) beyond a right angle) to r1, across it
        r1 sin(min(w_i, pi/2)); the uncertainty of the centre is added.
        """
        lowest = np.cos(np.minimum(largest_angle(self.widths, self.ellipse) + INSIDE * 1e-6, np.pi))
        r0, r1 = self.radii[..., 0], self.radii[..., 1]
        low = np.where(lowest >= 0.0, r0, r1) * lowest
        across = r1[..., None] * np.sin(np.minimum(self.widths, 0.5 * np.pi))
        half = np.concatenate([0.5 * (r1 - low)[..., None], across], axis=-1)
        offset = (0.5 * (r1 + low))[..., None] * self.direction
        loose = np.abs(np.swapaxes(self.frame, -1, -2)) @ self.box[..., None]
        half = half + loose[..., 0] + self.ball[..., None]
        size = np.abs(self.center).sum(axis=-1, keepdims=True) + 4.0 * (r1[..., None] + half)
        gram = np.swapaxes(self.frame, -1, -2) @ self.frame - np.eye(3)
        skew = 2.0 * np.abs(gram).sum(axis=(-1, -2))[..., None]
        return OrientedBox(
            self.center + offset, round_up(half, (slop(16) + skew) * size), self.frame
        )

    def zonotope(self) -> Zonotope:
        """Return the enclosing box as a zonotope: an outer bound."""
        return self.enclosing_box().zonotope()

    def support(self, directions: ArrayLike) -> Array:
        """Return an upper bound of max n'x for every row n, shape (..., k).

        Exact but for the sampling of the outline (SAMPLES points, excess r1 h^2/8, h the step);
        never above the enclosing box.
        """
        rows = rows_of(directions, 3)
        normals = rows @ self.frame
        flat = np.ascontiguousarray(normals).reshape(-1, rows.shape[0], 3)
        reach = bound_patches(
            np.ascontiguousarray(self.radii).reshape(-1, 2),
            np.ascontiguousarray(self.widths).reshape(-1, 2),
            self.ellipse,
            flat,
        ).reshape(self.center.shape[:-1] + (rows.shape[0],))
        loose = self.ball[..., None] * np.linalg.norm(rows, axis=-1)
        loose = loose + (np.abs(rows) @ self.box[..., None])[..., 0]
        along = (rows @ self.center[..., None])[..., 0]
        size = np.abs(self.center).sum(axis=-1) + self.radii[..., 1]
        error = slop(16) * (np.abs(rows).sum(axis=-1) * size[..., None] + loose)
        skew = np.abs(np.swapaxes(self.frame, -1, -2) @ self.frame - np.eye(3)).sum(axis=(-1, -2))
        error = error + 2.0 * (skew * self.radii[..., 1])[..., None] * np.abs(rows).sum(axis=-1)
        bound = round_up(along + reach + loose, error)
        return np.asarray(np.minimum(bound, self.enclosing_box().support(rows)))

    def hull(self):  # type: ignore[no-untyped-def]
        """Return the interval hull from the six supports along the axes of space."""
        eye = np.eye(3)
        reach = self.support(np.concatenate([eye, -eye]))
        return Interval(-reach[..., 3:], reach[..., :3])

    def coordinates(self, points: ArrayLike) -> tuple[Array, Array]:
        """Return radius [m] and log-map coordinates u [rad] of points (..., 3) about the patch."""
        offset = read_array("points", points, 1) - self.center
        return log_map(self.frame, offset)

    def grow(self) -> ShellPatch:
        """Return a patch with a certain centre that holds this one.

        A centre moved by rho turns a direction by at most asin(rho / r0), which the log map about
        d stretches by at most a / sin a, a the largest angle then reached.
        """
        rho = self.ball + np.linalg.norm(self.box, axis=-1)
        if not rho.any():
            return self
        widths, ellipse = grow_outline(self.widths, self.ellipse, rho, self.radii[..., 0])
        r0 = np.maximum(self.radii[..., 0] - rho, 0.0)
        radii = np.stack([r0, self.radii[..., 1] + rho], axis=-1)
        return ShellPatch(self.center, radii, self.frame, widths, ellipse)

    def contains(self, points: ArrayLike) -> BoolArray:
        """Say which points, shape (..., 3), are inside; outer when the centre is uncertain.

        A batch of patches takes one point each (leading axes broadcast).
        """
        patch = self.grow()
        radius, u = patch.coordinates(points)
        margin = INSIDE * (1.0 + patch.radii[..., 1])
        near = (radius >= patch.radii[..., 0] - margin) & (radius <= patch.radii[..., 1] + margin)
        angle = margin / np.maximum(radius, 1e-12)
        return np.asarray(near & outline_holds(u, patch.widths, patch.ellipse, angle))

    def volume(self) -> Array:
        """Return (r1^3 - r0^3) / 3 times the solid angle; of `grow()` for an uncertain centre."""
        patch = self.grow()
        shells = (patch.radii[..., 1] ** 3 - patch.radii[..., 0] ** 3) / 3.0
        return np.asarray(shells * solid_angle(patch.widths, patch.ellipse))

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw members, shape (count, 3), of one patch: uniform in volume plus a uniform centre."""
        require(self.center.ndim == 1, "sample needs a single patch")
        low, high = self.radii**3
        r = np.cbrt(rng.uniform(low, high, count))
        y = sample_outline(rng, count, self.widths, self.ellipse)
        ball = rng.normal(size=(count, 3))
        ball *= (self.ball * np.cbrt(rng.random(count)) / np.linalg.norm(ball, axis=1))[:, None]
        moved = ball + rng.uniform(-1.0, 1.0, (count, 3)) * self.box
        return np.asarray(self.center + moved + r[:, None] * (y @ self.frame.T))
