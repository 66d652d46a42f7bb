"""The readings of whole dressings, from which a reference is made and reports are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elbowroom.monitoring.checks import Array, read_samples, require

Single = NDArray[np.float32]


@dataclass(frozen=True)
class DressingReadings:
    """What the layers held over one dressing.

    Attributes:
        name: of the recording.
        stamps: increasing [s], shape (K,).
        layers: activations by layer, shape (K, d).
    """

    name: str
    stamps: Array
    layers: Mapping[str, NDArray[np.floating]]

    def __post_init__(self) -> None:
        require(self.layers, f"{self.name}: no layer")
        for layer, rows in self.layers.items():
            read_samples(f"{self.name}, layer {layer}", rows, 1)
            require(len(rows) == len(self.stamps), f"{self.name}: {layer} has other stamps")
        require(np.all(np.diff(self.stamps) > 0), f"{self.name}: stamps must increase")

    def __len__(self) -> int:
        return len(self.stamps)


@dataclass(frozen=True)
class Projection:
    """Principal components of one layer, each of unit variance in the reference.

    z = (x - mean) B, with B = V / deviation of the leading right singular vectors V.

    Attributes:
        mean: shape (d,).
        basis: B, shape (d, k).
    """

    mean: Single
    basis: Single

    @property
    def width(self) -> int:
        """Width d of the layer."""
        return len(self.mean)

    def apply(self, activations: ArrayLike) -> Array:
        """Components (..., k) of activations (..., d)."""
        x = np.asarray(activations, dtype=np.float64)
        return np.asarray((x - self.mean) @ self.basis.astype(np.float64))


def fit_projection(rows: Iterable[ArrayLike], components: int) -> Projection:
    """Projection of a layer onto its leading components over all dressings.

    Args:
        rows: activations of each dressing, shapes (K_i, d).
        components: k at most; components that hold less than a millionth of the variance are
            left out.

    Raises:
        MonitoringError: if there are too few rows, or the layer is constant.
    """
    x = read_samples("the layer's reference", np.concatenate([np.asarray(r) for r in rows]), 8)
    mean = x.mean(axis=0)
    _, sizes, axes = np.linalg.svd(x - mean, full_matrices=False)
    require(sizes[0] > 1e-9 * (1 + np.abs(x).max()), "the layer is constant over the reference")
    kept = min(components, int(np.sum(sizes > 1e-3 * sizes[0])))
    deviation = sizes[:kept] / np.sqrt(len(x) - 1)
    basis = axes[:kept].T / deviation
    return Projection(mean.astype(np.float32), basis.astype(np.float32))
