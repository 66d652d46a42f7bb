"""Gaussian processes as named tensors, small enough to ship."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.gaussian.regression import GaussianProcess

Array = NDArray[np.float64]

_DOUBLE = ("lengths", "weights", "offset", "scale", "noise", "curvature")


def pack_process(process: GaussianProcess, prefix: str) -> dict[str, NDArray[Any]]:
    """Tensors of a process; inducing inputs and the triangle of its factor in single precision.

    Single precision is enough for both: the factor maps the kernel row to a vector no longer than
    the amplitude, so its rounding is not amplified.
    """
    triangle = process.factor[np.triu_indices(len(process.factor))]
    tensors: dict[str, NDArray[Any]] = {
        f"{prefix}.inputs": process.inputs.astype(np.float32),
        f"{prefix}.factor": triangle.astype(np.float32),
        f"{prefix}.amplitude": np.array([process.amplitude]),
    }
    return tensors | {f"{prefix}.{name}": getattr(process, name) for name in _DOUBLE}


def unpack_process(tensors: dict[str, NDArray[Any]], prefix: str) -> GaussianProcess:
    """The process written by `pack_process`.

    Raises:
        ValueError: if a tensor is missing or does not fit the others.
    """
    try:
        parts = {name: tensors[f"{prefix}.{name}"].astype(float) for name in _DOUBLE}
        inputs = tensors[f"{prefix}.inputs"].astype(float)
        triangle = tensors[f"{prefix}.factor"].astype(float)
        amplitude = float(tensors[f"{prefix}.amplitude"][0])
    except (KeyError, IndexError) as error:
        raise ValueError(f"the process {prefix!r} is incomplete: {error}") from error
    count = len(inputs)
    if triangle.shape != (count * (count + 1) // 2,):
        raise ValueError(f"the factor of {prefix!r} does not fit {count} inducing inputs")
    factor = np.zeros((count, count))
    factor[np.triu_indices(count)] = triangle
    return GaussianProcess(inputs=inputs, amplitude=amplitude, factor=factor, **parts)
