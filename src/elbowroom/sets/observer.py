"""A set-membership observer of a linear system that keeps its measurements as constraints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, read_array, read_positive, require
from elbowroom.sets.constrained import ConstrainedZonotope
from elbowroom.sets.zonotope import Zonotope


@dataclass(frozen=True, eq=False)
class LinearObserver:
    """x+ = A x + w, y = H x + v with w in a zonotope and |v| <= s.

    The state is a constrained zonotope: each measurement adds constraints, exactly. When there
    are more than `horizon` of them the set is replaced by its tight template in `directions`, whose
    excess the dynamics and the measurements to come shrink again.

    Args:
        dynamics: A, shape (d, d).
        normals: H, shape (m, d).
        process: the zonotope of w.
        half_widths: s, shape (m,).
        directions: template directions, shape (k, d); by default those of `past_normals` over 2 d
            steps.
        horizon: constraints kept before the template is taken.
    """

    dynamics: Array
    normals: Array
    process: Zonotope
    half_widths: Array
    directions: Array | None = None
    horizon: int = 12

    def __post_init__(self) -> None:
        A, H = read_array("dynamics", self.dynamics, 2), read_array("normals", self.normals, 2)
        s, d = read_positive("half_widths", self.half_widths, 1), self.process.dim
        require(A.shape == (d, d), f"dynamics needs shape {(d, d)}, got {A.shape}")
        require(H.shape == (s.size, d), f"normals need shape {(s.size, d)}, got {H.shape}")
        D = past_normals(A, H, 2 * d) if self.directions is None else self.directions
        D = read_array("directions", D, 2)
        require(self.horizon > len(D), f"horizon must exceed the {len(D)} template directions")
        for name, value in (("dynamics", A), ("normals", H), ("half_widths", s), ("directions", D)):
            object.__setattr__(self, name, value)

    def predict(self, state: Zonotope | ConstrainedZonotope) -> Zonotope | ConstrainedZonotope:
        """Return every A x + w, after taking the template if the constraints are too many."""
        if isinstance(state, ConstrainedZonotope) and state.b.size > self.horizon:
            assert self.directions is not None, "set at construction"
            state = state.enclose_in(self.directions)
        return state.linear_map(self.dynamics).minkowski_sum(self.process)

    def correct(
        self, state: Zonotope | ConstrainedZonotope, measurement: ArrayLike
    ) -> ConstrainedZonotope:
        """Return the members that agree with a measurement y, shape (m,)."""
        return state.intersect_strip(self.normals, measurement, self.half_widths)

    def step(
        self, state: Zonotope | ConstrainedZonotope, measurement: ArrayLike
    ) -> ConstrainedZonotope:
        """Return `correct` of `predict`; an empty result disproves the model or the bounds."""
        return self.correct(self.predict(state), measurement)


def past_normals(dynamics: Array, normals: Array, steps: int) -> Array:
    """Return the unit normals that strips of the last `steps` measurements have by now.

    A strip |h'x - y| <= s lies, j steps on, across A^-j' h: where a set cut by measurements has its
    faces. For singular dynamics, which keeps no faces, the normals are spread evenly.

    Returns:
        Shape (steps m, d), or as `spread_directions` gives.
    """
    if np.linalg.cond(dynamics) > 1e8:
        return spread_directions(dynamics.shape[0])
    inverse, rows, found = np.linalg.inv(dynamics), normals, []
    for _ in range(steps):
        found.append(rows / np.linalg.norm(rows, axis=1, keepdims=True))
        rows = rows @ inverse
    return np.concatenate(found)


def spread_directions(dim: int) -> Array:
    """Return directions spread over the half space besides the axes: 6 in the plane, pairs beyond.

    In the plane: 6 angles between the axes. In more dimensions: (e_i +- e_j) / sqrt 2.
    """
    if dim == 2:
        angle = np.pi * np.array([1, 2, 3, 5, 6, 7]) / 8.0
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    eye = np.eye(dim)
    pairs = [(eye[i] + sign * eye[j]) for i in range(dim) for j in range(i) for sign in (1, -1)]
    return np.array(pairs).reshape(-1, dim) / np.sqrt(2.0)
