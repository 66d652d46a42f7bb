"""SmeLU, a smooth ReLU (Shamir, Lin, Coviello 2020, arXiv 2010.09931)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from elbowroom.grasping.errors import GraspError


def smelu(x: Tensor, beta: float) -> Tensor:
    """0 below -beta, x above beta, and (x + beta)^2 / (4 beta) in between; ReLU for beta = 0.

    The gradient is continuous for beta > 0: it rises linearly from 0 to 1 between -beta and beta.
    """
    if beta == 0:
        return torch.relu(x)
    bent = torch.clamp(x + beta, 0.0, 2.0 * beta).square() / (4.0 * beta)
    return bent + torch.relu(x - beta)


class SmeLU(nn.Module):
    """`smelu` as a layer.

    Args:
        beta: half the width of the bend, finite and >= 0.
    """

    def __init__(self, beta: float = 0.5) -> None:
        super().__init__()
        if not (math.isfinite(beta) and beta >= 0):
            raise GraspError(f"SmeLU's beta is finite and >= 0, got {beta}")
        self.beta = float(beta)

    def forward(self, x: Tensor) -> Tensor:
        """Apply elementwise."""
        return smelu(x, self.beta)
