"""The last epochs of training: straight at the mean edge of the box at the conformal scale.

A likelihood rewards being right on average; a box must hold whole dressings of most people. After
the likelihood has shaped the network, its direction, radius and spreads are trained on the figure
that counts (conformal training, Stutz et al., ICLR 2022, arXiv 2110.09192):

    s_i = |(max ratio of error to unit bound at step k)_k|_p     score of person i, p-norm over k
    q   = mean of the scores between the 1 - 1.6 delta and 1 - 0.4 delta quantiles of a batch
    e   = mean over steps of (2 q s_1 . 2 q s_2 . t)^(1/3),  t = 2 q s_r + q^2 (s_1^2 + s_2^2)/(2 r)

with s_1, s_2 the tangential and s_r the radial unit bound: the box of a shell patch.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from elbowroom.models.elbow.heads import DIRECTION, RADIAL, RADIUS, SPREAD, UNIT
from elbowroom.models.elbow.network import tangent_basis, triangle

_LEAST = 1e-8
"""Least tangential variance [m^2], as in the filter's kernel."""


@dataclass(frozen=True)
class UnitBounds:
    """Errors and unit bounds of a batch.

    Attributes:
        ratio: largest error in units of its bound, (B, K).
        tangential: unit bounds along the two principal axes [m], (B, K, 2).
        radial: unit bound of the radius [m], (B, K).
        radius: predicted radius [m], (B, K).
    """

    ratio: Tensor
    tangential: Tensor
    radial: Tensor
    radius: Tensor


def unit_bounds(raw: Tensor, guess: Tensor, length: Tensor, elbow: Tensor) -> UnitBounds:
    """Decode raw outputs as the filter does and compare them with the truth.

    Args:
        raw: (B, K, OUTPUTS).
        guess: unit vectors (B, K, 3).
        length: measured upper arm [m], (B, K).
        elbow: true elbow minus anchor [m], (B, K, 3).
    """
    direction = nn.functional.normalize(guess + raw[..., DIRECTION], dim=-1)
    radius = length + UNIT * raw[..., RADIUS.start]
    radial = UNIT * torch.exp(raw[..., RADIAL.start].clamp(-6.0, 4.0))
    a, b = tangent_basis(direction)
    lower = triangle(raw[..., SPREAD]).transpose(-1, -2)
    la, lb = (lower @ a[..., None])[..., 0], (lower @ b[..., None])[..., 0]
    aa, bb, ab = (la * la).sum(-1), (lb * lb).sum(-1), (la * lb).sum(-1)
    turn = 0.5 * torch.atan2(2 * ab, aa - bb)
    c, s = torch.cos(turn), torch.sin(turn)
    ea, eb = (elbow * a).sum(-1), (elbow * b).sum(-1)
    middle = 0.5 * (aa + bb)
    half = torch.sqrt(0.25 * (aa - bb) ** 2 + ab**2 + _LEAST**2)
    spreads = torch.stack([middle + half, middle - half], -1).clamp_min(_LEAST).sqrt()
    errors = torch.stack([c * ea + s * eb, c * eb - s * ea], -1).abs()
    across = (errors / spreads).amax(-1)
    along = (elbow.norm(dim=-1) - radius).abs() / radial
    return UnitBounds(torch.maximum(across, along), spreads, radial, radius)


def edge_loss(found: UnitBounds, mask: Tensor, delta: float = 0.05, power: float = 24.0) -> Tensor:
    """Log of the mean edge [m] at the soft conformal scale of a batch.

    Args:
        found: see `unit_bounds`.
        mask: 1 where the grid step exists, (B, K).
        delta: miscoverage at which the box shall be small.
        power: p of the norm over steps; the maximum for p to infinity.
    """
    scale = soft_quantile(_norm(found.ratio * mask, power), delta)
    half = scale * found.tangential
    sagitta = (half**2).sum(-1) / (2 * found.radius.clamp_min(0.1))
    volume = 4 * half[..., 0] * half[..., 1] * (2 * scale * found.radial + sagitta)
    edges = torch.where(mask > 0, volume, torch.ones_like(volume)) ** (1 / 3) * mask
    return torch.log((edges.sum(1) / mask.sum(1).clamp_min(1.0)).mean())


def soft_quantile(scores: Tensor, delta: float) -> Tensor:
    """Mean of the scores about the 1 - delta quantile, whose gradient reaches several people."""
    ordered = torch.sort(scores).values
    n = len(ordered)
    low, high = int(n * (1 - 1.6 * delta)), -int(-n * (1 - 0.4 * delta) // 1)
    return ordered[low : max(high, low + 1)].mean()


def _norm(ratio: Tensor, power: float) -> Tensor:
    # Scaled by the maximum, so that no power overflows.
    most = ratio.amax(1, keepdim=True).clamp_min(1e-6)
    return most[:, 0] * ((ratio / most) ** power).sum(1) ** (1 / power)
