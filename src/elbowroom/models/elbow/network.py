"""The recurrent elbow network in torch, for training; inference runs in `ensemble`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from elbowroom.models.elbow.heads import (
    DIRECTION,
    FORWARD,
    LAG_STEPS,
    OUTPUTS,
    RADIAL,
    RADIUS,
    SPREAD,
    UNIT,
    lag_slices,
)
from elbowroom.models.features.causal import WIDTH


class ElbowNetwork(nn.Module):
    """Linear + tanh, GRU, two-layer read-out, over causal features on the grid.

    Args:
        hidden: width of the GRU.
        mean: of the features, shape (WIDTH,).
        scale: standard deviation of the features, shape (WIDTH,).
        dropout: share of hidden values dropped in training.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, hidden: int, mean: Tensor, scale: Tensor, dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.embed = nn.Linear(WIDTH, hidden // 2)
        self.gru = nn.GRU(hidden // 2, hidden, batch_first=True)
        self.read = nn.Linear(hidden + hidden // 2, 64)
        self.out = nn.Linear(64, OUTPUTS)
        self.drop = nn.Dropout(dropout)
        nn.init.zeros_(self.out.bias)
        with torch.no_grad():
            self.out.weight *= 0.1

    def forward(self, features: Tensor) -> Tensor:
        """Raw outputs (B, K, OUTPUTS) of features (B, K, WIDTH)."""
        x = torch.tanh(self.embed((features - self.mean) / self.scale))
        h, _ = self.gru(x)
        y = torch.tanh(self.read(self.drop(torch.cat([h, x], dim=-1))))
        return self.out(y)


def loss(raw: Tensor, guess: Tensor, length: Tensor, elbow: Tensor, mask: Tensor) -> Tensor:
    """Mean beta-NLL (beta = 0.5, Seitzer et al., ICLR 2022) of every head.

    Args:
        raw: (B, K, OUTPUTS).
        guess: unit vectors (B, K, 3).
        length: measured upper arm [m] (B, K).
        elbow: true elbow minus anchor [m] (B, K, 3).
        mask: 1 where the grid step exists (B, K).
    """
    # Padding gets a harmless elbow: an infinity there would survive the mask.
    elbow = torch.where(mask[..., None] > 0, elbow, guess * length[..., None])
    direction = nn.functional.normalize(guess + raw[..., DIRECTION], dim=-1)
    radius = elbow.norm(dim=-1)
    tangential = _log_map(direction, elbow / radius[..., None]) * radius[..., None]
    total = _nll2(tangential, direction, triangle(raw[..., SPREAD]))
    total = total + _nll1(radius - length - UNIT * raw[..., RADIUS.start], raw[..., RADIAL.start])
    total = _masked(total, mask)
    total = total + _forward_loss(raw, elbow, mask)
    for i, lag in enumerate(LAG_STEPS):
        mean, spread = lag_slices(i)
        error = elbow[:, lag:] - elbow[:, :-lag] - UNIT * raw[:, lag:, mean]
        part = _nll3(error, triangle(raw[:, lag:, spread]))
        total = total + 0.3 * _masked(part, mask[:, lag:])
    return total


def _forward_loss(raw: Tensor, elbow: Tensor, mask: Tensor) -> Tensor:
    # Huber: a jerk must not drown the many small steps.
    error = (UNIT * raw[:, :-1, FORWARD] - (elbow[:, 1:] - elbow[:, :-1])) / 0.01
    each = nn.functional.huber_loss(error, torch.zeros_like(error), reduction="none")
    return _masked(each.mean(-1), mask[:, 1:])


def _masked(values: Tensor, mask: Tensor) -> Tensor:
    return (values * mask).sum() / mask.sum().clamp_min(1.0)


def triangle(raw: Tensor) -> Tensor:
    """`heads.triangle` in torch, (..., 6) -> (..., 3, 3)."""
    a, b, c = (UNIT * torch.exp(raw[..., :3].clamp(-6.0, 4.0))).unbind(-1)
    d, e, f = (UNIT * raw[..., 3:6]).unbind(-1)
    zero = torch.zeros_like(a)
    rows = [torch.stack(row, -1) for row in ((a, zero, zero), (d, b, zero), (e, f, c))]
    return torch.stack(rows, -2)


def _log_map(base: Tensor, point: Tensor) -> Tensor:
    cosine = (base * point).sum(-1, keepdim=True).clamp(-0.9999, 0.9999)
    across = point - cosine * base
    angle = torch.acos(cosine)
    return across * (angle / torch.sqrt(1 - cosine**2).clamp_min(1e-4))


def _nll2(error: Tensor, direction: Tensor, triangle: Tensor) -> Tensor:
    a, b = tangent_basis(direction)
    e = torch.stack([(error * a).sum(-1), (error * b).sum(-1)], -1)
    la = (triangle.transpose(-1, -2) @ a[..., None])[..., 0]
    lb = (triangle.transpose(-1, -2) @ b[..., None])[..., 0]
    aa, bb, ab = (la * la).sum(-1), (lb * lb).sum(-1), (la * lb).sum(-1)
    det = (aa * bb - ab * ab).clamp_min(1e-14)
    quad = (bb * e[..., 0] ** 2 + aa * e[..., 1] ** 2 - 2 * ab * e[..., 0] * e[..., 1]) / det
    weight = (det.detach() / UNIT**4) ** 0.25
    return weight * 0.5 * (quad + torch.log(det / UNIT**4))


def tangent_basis(direction: Tensor) -> tuple[Tensor, Tensor]:
    """Two unit vectors across unit vectors (..., 3)."""
    helper = torch.zeros_like(direction)
    helper.scatter_(-1, direction.abs().argmin(-1, keepdim=True), 1.0)
    a = nn.functional.normalize(torch.cross(direction, helper, dim=-1), dim=-1)
    return a, torch.cross(direction, a, dim=-1)


def _nll1(error: Tensor, raw: Tensor) -> Tensor:
    log_scale = raw.clamp(-6.0, 4.0)
    weight = torch.exp(log_scale.detach())
    return weight * (0.5 * (error / UNIT) ** 2 * torch.exp(-2 * log_scale) + log_scale)


def _solve_lower(triangle: Tensor, error: Tensor) -> Tensor:
    # Forward substitution by hand: a batched solver is slow on three rows.
    x = error[..., 0] / triangle[..., 0, 0]
    y = (error[..., 1] - triangle[..., 1, 0] * x) / triangle[..., 1, 1]
    z = (error[..., 2] - triangle[..., 2, 0] * x - triangle[..., 2, 1] * y) / triangle[..., 2, 2]
    return torch.stack([x, y, z], -1)


def _nll3(error: Tensor, triangle: Tensor) -> Tensor:
    white = _solve_lower(triangle, error)
    logs = torch.log(torch.diagonal(triangle, dim1=-2, dim2=-1) / UNIT).sum(-1)
    weight = torch.exp(logs.detach() / 3)
    return weight * (0.5 * (white**2).sum(-1) + logs)
