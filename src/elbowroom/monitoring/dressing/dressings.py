"""The readings of whole dressings, and what a layer is reduced to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elbowroom.models.layers.reading import Reading
from elbowroom.monitoring.checks import Array, read_samples, require

Single = NDArray[np.float32]


@dataclass(frozen=True)
class DressingReadings:
    """What the layers held over one dressing.

    Attributes:
        name: of the recording.
        stamps: increasing [s], shape (K,).
        layers: activations by layer, shape (K, d).

    Raises:
        MonitoringError: if there is no layer, or one is empty, not finite or of other stamps.
    """

    name: str
    stamps: Array
    layers: Mapping[str, NDArray[np.floating]]

    def __post_init__(self) -> None:
        require(self.layers, f"{self.name}: no layer")
        for layer, rows in self.layers.items():
            read_samples(f"{self.name}, layer {layer}", rows, 1)
            require(len(rows) == len(self.stamps), f"{self.name}: {layer} has other stamps")
        require(bool(np.all(np.diff(self.stamps) > 0)), f"{self.name}: stamps must increase")

    def __len__(self) -> int:
        return len(self.stamps)


def join_readings(name: str, readings: list[Reading]) -> DressingReadings:
    """Readings of one dressing put together.

    Raises:
        MonitoringError: if there are none, or as `DressingReadings`.
    """
    require(readings, f"{name}: no readings")
    layers = {layer: np.stack([r.layers[layer] for r in readings]) for layer in readings[0].layers}
    return DressingReadings(name, np.array([r.stamp for r in readings]), layers)


@dataclass(frozen=True)
class Projection:
    """Leading principal components of one layer over the reference.

    With orthonormal V and deviations s, z = V'(x - mean) / s; inside = |z|^2 / k and outside =
    (|x - mean|^2 - |V'(x - mean)|^2) / rest say how far x is along and across them, both 1 on
    average over the reference.

    Attributes:
        mean: shape (d,).
        basis: V, shape (d, k).
        deviation: s, shape (k,).
        rest: mean square of what the components leave.
    """

    mean: Single
    basis: Single
    deviation: Single
    rest: float

    @property
    def width(self) -> int:
        """Width d of the layer."""
        return len(self.mean)

    def apply(self, activations: ArrayLike) -> Array:
        """Components z, (..., d) -> (..., k)."""
        x = np.asarray(activations, dtype=np.float64) - self.mean
        return np.asarray(x @ self.basis / self.deviation)

    def measure(self, activations: ArrayLike) -> Array:
        """Log of inside and outside, (..., d) -> (..., 2)."""
        x = np.asarray(activations, dtype=np.float64) - self.mean
        along = x @ self.basis
        inside = np.mean((along / self.deviation) ** 2, axis=-1)
        outside = np.maximum(np.sum(x**2, axis=-1) - np.sum(along**2, axis=-1), 0.0)
        return np.log(np.stack([inside, outside / self.rest], axis=-1) + 0.05)


def fit_projection(rows: Iterable[ArrayLike], components: int) -> Projection:
    """Projection of a layer over all dressings.

    Args:
        rows: activations of each dressing, shapes (K_i, d).
        components: k at most; less where the layer has less variance.

    Raises:
        MonitoringError: if there are too few rows, or the layer is constant.
    """
    x = read_samples("the layer's reference", np.concatenate([np.asarray(r) for r in rows]), 8)
    mean = x.mean(axis=0)
    _, sizes, axes = np.linalg.svd(x - mean, full_matrices=False)
    least = 1e-6 * (1 + float(np.abs(x).max())) * np.sqrt(len(x))
    require(sizes[0] > least, "the layer is constant over the reference")
    kept = max(1, min(components, int(np.sum(sizes > 1e-3 * sizes[0])), len(sizes) - 1))
    rest = float(np.sum(sizes[kept:] ** 2) / len(x))
    return Projection(
        mean.astype(np.float32),
        axes[:kept].T.astype(np.float32),
        (sizes[:kept] / np.sqrt(len(x))).astype(np.float32),
        max(rest, 1e-9 * float(sizes[0] ** 2) / len(x)),
    )
