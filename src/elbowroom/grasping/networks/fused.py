"""A perceptron with layer norms and rectifiers as one differentiable operation.

    h_0 = x,  z_l = h_l-1 W_l + b_l,  h_l = max(0, g_l n(z_l) + s_l),  y = h_L W + b

n takes the mean off and divides by the standard deviation. Written as one operation because an
update of networks as small as ours is spent on the bookkeeping between operations. The same
numbers come out of the modules of torch (a test compares them).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor

Single = NDArray[np.float32]

_TINY = np.float32(1e-5)


@njit(cache=True, fastmath=True)
def _norm(z: Single, gain: Single, shift: Single, unit: Single, scale: Single) -> None:
    """Put h over z; keep n(z) and 1 / standard deviation. z: (M, B, w), gain: (M, w)."""
    members, count, width = z.shape
    for m in range(members):
        for b in range(count):
            total = np.float32(0)
            square = np.float32(0)
            for k in range(width):
                total += z[m, b, k]
            mean = total / np.float32(width)
            for k in range(width):
                square += (z[m, b, k] - mean) * (z[m, b, k] - mean)
            s = np.float32(1) / np.sqrt(square / np.float32(width) + _TINY)
            scale[m, b] = s
            for k in range(width):
                u = (z[m, b, k] - mean) * s
                unit[m, b, k] = u
                z[m, b, k] = max(gain[m, k] * u + shift[m, k], np.float32(0))


@njit(cache=True, fastmath=True)
def _unnorm(d: Single, h: Single, unit: Single, scale: Single, gain: Single, sums: Single) -> None:
    """Put dL/dz over dL/dh; add dL/dg, dL/ds, dL/db into sums, (3, M, w)."""
    members, count, width = d.shape
    for m in range(members):
        by_gain, by_shift, by_bias = sums[0, m], sums[1, m], sums[2, m]
        for b in range(count):
            row, out, u = d[m, b], h[m, b], unit[m, b]
            # Many short loops: each is done eight or sixteen numbers at a time.
            for k in range(width):
                row[k] = row[k] if out[k] > 0 else np.float32(0)
            for k in range(width):
                by_gain[k] += row[k] * u[k]
            for k in range(width):
                by_shift[k] += row[k]
            mean = along = np.float32(0)
            for k in range(width):
                row[k] *= gain[m, k]
                mean += row[k]
                along += row[k] * u[k]
            mean /= np.float32(width)
            along /= np.float32(width)
            for k in range(width):
                row[k] = (row[k] - mean - u[k] * along) * scale[m, b]
            for k in range(width):
                by_bias[k] += row[k]


class _Perceptrons(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, *weights: Tensor) -> Tensor:
        h = x.expand(weights[0].shape[0], *x.shape[-2:])
        kept: list[Tensor] = [h]
        for first in range(0, len(weights) - 2, 4):
            w, b, gain, shift = weights[first : first + 4]
            z = torch.baddbmm(b[:, None], h, w)
            unit, scale = torch.empty_like(z), z.new_empty(z.shape[:2])
            _norm(*(t.numpy() for t in (z, gain.detach(), shift.detach(), unit, scale)))
            kept += [z, unit, scale]
            h = z
        ctx.save_for_backward(*kept, *weights)
        return torch.baddbmm(weights[-1][:, None], h, weights[-2])

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        d, needs = outer[0].contiguous(), ctx.needs_input_grad
        saved = ctx.saved_tensors
        layers = len(saved) // 7  # 3 kept and 4 weights a layer, and the first input, and 2 weights
        kept, weights = saved[: 1 + 3 * layers], saved[1 + 3 * layers :]
        grads: list[Tensor | None] = [None] * len(weights)
        if needs[-1]:
            last = kept[-3] if layers else kept[0]
            grads[-2], grads[-1] = torch.bmm(last.mT, d), d.sum(1)
        d = torch.bmm(d, weights[-2].mT)
        for layer in reversed(range(layers)):
            h, unit, scale = kept[1 + 3 * layer : 4 + 3 * layer]
            w, _, gain, _ = weights[4 * layer : 4 * layer + 4]
            sums = d.new_zeros(3, *gain.shape)
            _unnorm(*(t.numpy() for t in (d, h, unit, scale, gain.detach(), sums)))
            if needs[1 + 4 * layer]:
                before = kept[0] if layer == 0 else kept[3 * layer - 2]
                grads[4 * layer : 4 * layer + 4] = (
                    torch.bmm(before.mT, d),
                    sums[2],
                    sums[0],
                    sums[1],
                )
            if layer > 0 or needs[0]:
                d = torch.bmm(d, w.mT)
        return (d.sum(0) if needs[0] else None), *grads


def run_perceptrons(x: Tensor, weights: Sequence[Tensor]) -> Tensor:
    """Outputs of M perceptrons for the same input.

    Args:
        x: shape (B, i).
        weights: for every hidden layer W (M, i, w), b (M, w), g (M, w), s (M, w); then W (M, w, o)
            and b (M, o) of the last; all single precision.

    Returns:
        Shape (M, B, o).
    """
    return _Perceptrons.apply(x, *weights)
