"""Gaussian-process regression: prediction, its derivative, and bounds over a whole box."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_SMALL = 0.05
"""Scaled radius below which the remainder's closed form would cancel; the Taylor bound is used."""


class Linearisation(NamedTuple):
    """A model at one point.

    Attributes:
        mean: mu(x), shape (m,).
        jacobian: d mu / d x, shape (m, n).
        sigma: standard deviation of the model's error at x, shape (m,).
    """

    mean: Array
    jacobian: Array
    sigma: Array


@dataclass(frozen=True)
class GaussianProcess:
    """Posterior of a Gaussian process with the kernel s^2 exp(-|x - x'|^2_l / 2).

    |v|^2_l = sum_i (v_i / l_i)^2. With z_1..z_M the inducing inputs,

        mu_j(x)    = offset_j + scale_j sum_i k(x, z_i) w_ij
        sigma_j(x) = scale_j sqrt(k(x, x) - |R k(Z, x)|^2),   C = R'R.

    Exact regression has Z = the training inputs and C = (K + noise^2 I)^-1; with fewer inducing
    inputs C = K_ZZ^-1 - (K_ZZ + K_ZX K_XZ / noise^2)^-1 (Titsias, AISTATS 2009). Outputs share
    the kernel, so one kernel row serves all of them.

    Attributes:
        inputs: inducing inputs divided by `lengths`, shape (M, n).
        lengths: l, in units of the inputs, shape (n,).
        amplitude: s, in units of `scale`.
        weights: w, shape (M, m).
        factor: R, upper triangular, shape (M, M).
        offset: mean of each output, shape (m,).
        scale: spread of each output, shape (m,).
        noise: standard deviation of what the inputs do not explain, per output, shape (m,).
        curvature: largest second derivative of mu_j along a unit step of |.|_l that was found at
            the inducing inputs, shape (m,); a sample, not a proof.
    """

    inputs: Array
    lengths: Array
    amplitude: float
    weights: Array
    factor: Array
    offset: Array
    scale: Array
    noise: Array
    curvature: Array

    def __post_init__(self) -> None:
        count, width = self.inputs.shape
        outputs = self.weights.shape[1]
        shapes = {
            "lengths": (width,),
            "weights": (count, outputs),
            "factor": (count, count),
            "offset": (outputs,),
            "scale": (outputs,),
            "noise": (outputs,),
            "curvature": (outputs,),
        }
        for name, shape in shapes.items():
            value = getattr(self, name)
            if value.shape != shape or not np.all(np.isfinite(value)):
                raise ValueError(f"{name} must be finite with shape {shape}, got {value.shape}")

    @cached_property
    def norms(self) -> Array:
        """Norm of each mu_j in the kernel's Hilbert space, in units of `scale`, shape (m,)."""
        gram = kernel(self.inputs, self.inputs, self.amplitude)
        squares = np.einsum("ij,ik,kj->j", self.weights, gram, self.weights, optimize=True)
        return np.sqrt(np.maximum(squares, 0.0))

    @property
    def width(self) -> int:
        """Number of inputs n."""
        return self.inputs.shape[1]

    def predict(self, points: ArrayLike) -> tuple[Array, Array]:
        """Mean and standard deviation of the regression function.

        Args:
            points: shape (k, n).

        Returns:
            mu and sigma, both of shape (k, m).

        Raises:
            ValueError: if the points are not finite or not of width n.
        """
        scaled = self._scaled(points)
        k = kernel(scaled, self.inputs, self.amplitude)
        mean = self.offset + self.scale * (k @ self.weights)
        variance = self.amplitude**2 - np.sum((k @ self.factor.T) ** 2, axis=1)
        return mean, np.sqrt(np.maximum(variance, 0.0))[:, None] * self.scale

    def linearise(self, point: ArrayLike) -> Linearisation:
        """Mean, its Jacobian and the standard deviation at one point, shape (n,)."""
        scaled = self._scaled(np.asarray(point, dtype=float)[None])[0]
        towards = self.inputs - scaled
        k = self.amplitude**2 * np.exp(-0.5 * np.einsum("ij,ij->i", towards, towards))
        mean = self.offset + self.scale * (k @ self.weights)
        slope = (self.weights * k[:, None]).T @ towards
        known = self.factor @ k
        variance = self.amplitude**2 - known @ known
        sigma = np.sqrt(max(variance, 0.0)) * self.scale
        return Linearisation(mean, self.scale[:, None] * slope / self.lengths, sigma)

    def remainder(self, reach: ArrayLike) -> Array:
        """Bound the linearisation error of every mu_j, wherever it is linearised.

        If |x_i - c_i| <= reach_i then, by the reproducing property,

            |mu_j(x) - mu_j(c) - mu_j'(c)(x - c)| <= |mu_j|_k |k_x - k_c - k_c'(x - c)|_k
                <= scale_j |mu_j|_k s sqrt(2 + t^2 - 2 (1 + t^2) exp(-t^2 / 2)),  t = |reach|_l.

        To leading order this is L t^2 / 2 with the Lipschitz constant L = sqrt(3) |mu_j|_k s of
        the gradient; it never exceeds that and grows only linearly for large t.

        Args:
            reach: half-widths of the box, shape (n,).

        Returns:
            Bounds, shape (m,).
        """
        return self.scale * self.norms * self.amplitude * _remainder_shape(self._radius(reach))

    def sampled_remainder(self, reach: ArrayLike) -> Array:
        """`curvature` t^2 / 2 or `remainder` if smaller; shape (m,).

        Holds if no curvature exceeds those found.
        """
        sampled = 0.5 * self.curvature * self._radius(reach) ** 2
        return np.minimum(sampled, self.remainder(reach))

    def spread(self, point: ArrayLike, reach: ArrayLike) -> Array:
        """Bound sigma_j(x) - sigma_j(c) over |x_i - c_i| <= reach_i, shape (m,).

        sigma_j(x) is the standard deviation of the posterior process f_j, hence at most that of
        f_j(c), plus that of f_j'(c)(x - c) <= sum_i reach_i std(d_i f_j(c)), plus that of the
        second-order rest, which is bounded as in `remainder` with |mu_j|_k = 1. The plain
        Lipschitz bound scale_j s sqrt(2 - 2 exp(-t^2 / 2)), t = |reach|_l, is used if smaller.

        Args:
            point: c, shape (n,).
            reach: half-widths of the box, shape (n,).
        """
        t = self._radius(reach)
        plain = np.sqrt(-2.0 * np.expm1(-0.5 * t * t))
        towards = self.inputs - self._scaled(np.asarray(point, dtype=float)[None])[0]
        k = self.amplitude * np.exp(-0.5 * np.einsum("ij,ij->i", towards, towards))
        slopes = k[:, None] * towards
        known = np.sum((self.factor @ slopes) ** 2, axis=0)
        deviations = np.sqrt(np.maximum(1.0 - known, 0.0))
        first = float(np.asarray(reach, dtype=float) / self.lengths @ deviations)
        return self.scale * self.amplitude * min(plain, first + _remainder_shape(t))

    def _radius(self, reach: ArrayLike) -> float:
        return float(np.linalg.norm(np.asarray(reach, dtype=float) / self.lengths))

    def _scaled(self, points: ArrayLike) -> Array:
        x = np.asarray(points, dtype=float)
        if x.ndim != 2 or x.shape[1] != self.width:
            raise ValueError(f"points must have shape (k, {self.width}), got {x.shape}")
        if not np.all(np.isfinite(x)):
            raise ValueError("points must be finite")
        return x / self.lengths


def kernel(a: Array, b: Array, amplitude: float) -> Array:
    """s^2 exp(-|a_i - b_j|^2 / 2) of points already divided by the length scales, (k, M)."""
    squares = np.sum(a * a, axis=1)[:, None] + np.sum(b * b, axis=1) - 2.0 * (a @ b.T)
    return amplitude**2 * np.exp(-0.5 * np.maximum(squares, 0.0))


def _remainder_shape(t: float) -> float:
    if t < _SMALL:
        return 0.5 * np.sqrt(3.0) * t * t
    return float(np.sqrt(2.0 + t * t - 2.0 * (1.0 + t * t) * np.exp(-0.5 * t * t)))
