"""Fit of the learned multipliers to the mean edge of the box at the conformal scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elbowroom.models.elbow.scale import INPUTS, Scale, neutral_scale
from elbowroom.models.training.refinement import soft_quantile

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ScaleData:
    """Errors of the networks on people they were not trained on, in units of their own spreads.

    Attributes:
        inputs: summaries z, (N, K, INPUTS).
        across: largest tangential ratio within each grid step, (N, K).
        radial: largest radial ratio, (N, K).
        lags: motion ratios, (N, K, lags).
        spreads: unit bounds (radial, a1, a2) [m], (N, K, 3).
        radius: predicted radius [m], (N, K).
        mask: valid grid steps, (N, K).
    """

    inputs: Array
    across: Array
    radial: Array
    lags: Array
    spreads: Array
    radius: Array
    mask: NDArray[np.bool_]


def fit_scale(
    data: ScaleData,
    *,
    delta: float = 0.05,
    width: int = 12,
    rounds: int = 300,
    lag_share: float = 1.3,
    seed: int = 0,
    progress: Callable[[int, int, float], None] | None = None,
    device: torch.device | None = None,
) -> Scale:
    """Minimise mean_edge(q(W); W), q the (1 - delta) quantile of the persons' scores.

    The quantile is replaced by the mean of the scores between the 1 - 1.6 delta and 1 - 0.4 delta
    quantiles, whose gradient reaches more than one person (conformal training, Stutz et al.,
    ICLR 2022). Motion bounds are kept `lag_share` times wider than errors at that quantile need,
    so that they seldom decide the score.

    Args:
        data: of the people set aside for scaling.
        delta: miscoverage at which the box shall be small.
        width: hidden units.
        rounds: gradient steps.
        lag_share: see above.
        seed: of the first weights.
        progress: told (round, rounds, edge [m]).
        device: where to compute; the CPU by default.
    """
    rng = np.random.default_rng(seed)
    start = neutral_scale(width)
    first = rng.normal(0, INPUTS**-0.5, (INPUTS, width))
    weights = [
        torch.tensor(w, device=device, requires_grad=True)
        for w in (first, start.first_bias, start.second, start.second_bias)
    ]
    tensors = _Tensors(data, device)
    optimiser = torch.optim.AdamW(weights, lr=1e-2, weight_decay=3e-2)
    for i in range(rounds):
        edge = _edge(tensors, _log_multipliers(tensors.inputs, weights), delta, lag_share)
        optimiser.zero_grad()
        edge.backward()
        optimiser.step()
        if progress:
            progress(i + 1, rounds, edge.item())
    return Scale(*(w.detach().cpu().numpy() for w in weights))


class _Tensors:
    def __init__(self, data: ScaleData, device: torch.device | None) -> None:
        # Past the end of a trial everything is one: an infinity there would spoil the gradient
        # although it is masked out of the value.
        def filled(values: Array) -> Tensor:
            mask = data.mask.reshape(data.mask.shape + (1,) * (values.ndim - 2))
            return torch.from_numpy(np.where(mask, values, 1.0)).to(device)

        self.inputs, self.radius = filled(data.inputs), filled(data.radius)
        self.across, self.radial = filled(data.across), filled(data.radial)
        self.lags, self.spreads = filled(data.lags), filled(data.spreads)
        self.mask = torch.from_numpy(data.mask).to(device)


def _log_multipliers(inputs: Tensor, weights: list[Tensor]) -> Tensor:
    first, first_bias, second, second_bias = weights
    return (torch.tanh(inputs @ first + first_bias) @ second + second_bias).clamp(-3.0, 3.0)


def _edge(t: _Tensors, log_multipliers: Tensor, delta: float, lag_share: float) -> Tensor:
    m = torch.exp(log_multipliers)
    ratios = torch.stack([t.across / m[..., 0], t.radial / m[..., 1]], -1).amax(-1)
    scores = torch.where(t.mask, ratios, 0.0).amax(1)
    q = soft_quantile(scores, delta)
    half = q * m[..., :1] * t.spreads[..., 1:]
    thickness = 2 * q * m[..., 1] * t.spreads[..., 0] + (half**2).sum(-1) / (2 * t.radius)
    volume = 4 * half[..., 0] * half[..., 1] * thickness
    edges = torch.where(t.mask, volume, 1.0) ** (1 / 3) * t.mask
    edge = (edges.sum(1) / t.mask.sum(1)).mean()
    return edge + _lag_loss(t, m, q.detach(), delta, lag_share)


def _lag_loss(t: _Tensors, m: Tensor, q: Tensor, delta: float, share: float) -> Tensor:
    # Per lag: the people's quantile of motion ratios shall be q / share; the mean bound small.
    total = torch.zeros((), dtype=torch.float64, device=q.device)
    for j in range(t.lags.shape[-1]):
        scores = torch.where(t.mask, t.lags[..., j] / m[..., 2 + j], 0.0).amax(1)
        excess = torch.log(soft_quantile(scores, delta)) - torch.log(q / share)
        size = (torch.log(m[..., 2 + j]) * t.mask).sum() / t.mask.sum()
        total = total + 0.01 * (excess**2 + 0.3 * (size + torch.log(soft_quantile(scores, delta))))
    return total
