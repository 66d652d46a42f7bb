"""Networks of the learners: perceptrons, critics in pairs, and actors."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.networks.fused import run_perceptrons
from elbowroom.grasping.networks.smelu import SmeLU

ACTIVATIONS = ("relu", "smelu", "silu", "tanh")
_LOW, _HIGH = -5.0, 1.0


def make_activation(name: str) -> nn.Module:
    """A layer by its name in `ACTIVATIONS`."""
    makers = {"relu": nn.ReLU, "smelu": SmeLU, "silu": nn.SiLU, "tanh": nn.Tanh}
    if name not in makers:
        raise GraspError(f"an activation is one of {list(makers)}, got {name!r}")
    return makers[name]()


class _Linear(nn.Module):
    """M linear layers side by side, as one product: x (M, B, i) -> (M, B, o)."""

    def __init__(self, members: int, inputs: int, outputs: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(inputs)
        self.weight = nn.Parameter(torch.empty(members, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(members, outputs))

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias[:, None], x, self.weight)


class _Norm(nn.Module):
    """M layer norms side by side."""

    def __init__(self, members: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(members, width))
        self.bias = nn.Parameter(torch.zeros(members, width))

    def forward(self, x: Tensor) -> Tensor:
        unit = nn.functional.layer_norm(x, x.shape[-1:])
        return torch.addcmul(self.bias[:, None], unit, self.weight[:, None])


class Perceptrons(nn.Module):
    """M perceptrons of the same shape, evaluated together: linear, layer norm, activation, ...

    Args:
        members: M.
        inputs: length of the input.
        outputs: length of an output.
        hidden: widths.
        activation: one of `ACTIVATIONS`.
        dropout: share of hidden numbers left out in training.
    """

    def __init__(
        self,
        members: int,
        inputs: int,
        outputs: int,
        hidden: tuple[int, ...],
        activation: str,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.members = members
        layers: list[nn.Module] = []
        for width in hidden:
            layers += [_Linear(members, inputs, width), _Norm(members, width)]
            layers.append(make_activation(activation))
            if dropout > 0:
                layers.append(nn.Dropout(dropout))
            inputs = width
        layers.append(_Linear(members, inputs, outputs))
        self.layers = nn.Sequential(*layers)
        self._fused = activation == "relu" and dropout == 0
        self._weights = list(self.parameters())

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (M, B, o) for inputs (B, i)."""
        if self._fused and x.dtype == torch.float32:
            return run_perceptrons(x, self._weights)
        return self.layers(x.expand(self.members, *x.shape))


class Critics(nn.Module):
    """M value functions Q(s, a) with layer norms, evaluated together.

    Args:
        observation: length of s.
        action: length of a; 0 for value functions V(s).
        hidden: widths.
        activation: one of `ACTIVATIONS`.
        members: M.
    """

    def __init__(
        self,
        observation: int,
        action: int,
        hidden: tuple[int, ...],
        activation: str,
        members: int = 2,
    ) -> None:
        super().__init__()
        self.body = Perceptrons(members, observation + action, 1, hidden, activation)

    def forward(self, observation: Tensor, action: Tensor | None = None) -> Tensor:
        """Values, shape (M, B)."""
        x = observation if action is None else torch.cat([observation, action], -1)
        return self.body(x).squeeze(-1)


class Actor(nn.Module):
    """A Gaussian through tanh: a = tanh(m(o) + exp(l(o)) e), e ~ N(0, I), for observations o.

    The logarithm l of the standard deviation lies in [-5, 1].

    Args:
        observation: length of o.
        action: length of a.
        hidden: widths.
        activation: one of `ACTIVATIONS`.
        dropout: share of hidden numbers left out in training.
    """

    def __init__(
        self,
        observation: int,
        action: int,
        hidden: tuple[int, ...],
        activation: str,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.body = Perceptrons(1, observation, 2 * action, hidden, activation, dropout)

    @property
    def inner(self) -> Perceptrons:
        """The perceptron."""
        return self.body

    def enter(self, observation: Tensor, action: Tensor) -> Tensor:
        """What goes into the perceptron at a decision, shape (B, o)."""
        return observation

    def parameters_of(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the standard deviation before the tanh, shape (B, a) each."""
        mean, spread = self.body(observation)[0].chunk(2, -1)
        return mean, 0.5 * (_HIGH - _LOW) * torch.tanh(spread) + 0.5 * (_HIGH + _LOW)

    def mode(self, observation: Tensor) -> Tensor:
        """The action without noise, shape (B, a)."""
        return torch.tanh(self.parameters_of(observation)[0])

    def draw(self, observation: Tensor, noise: Tensor) -> Tensor:
        """An action, shape (B, a)."""
        mean, spread = self.parameters_of(observation)
        return torch.tanh(mean + spread.exp() * noise)

    def sample(self, observation: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """An action, shape (B, a), and the logarithm of its density, shape (B,)."""
        action, density, _ = self.sample_about(observation, noise, noise.shape[1])
        return action, density

    def sample_about(
        self, observation: Tensor, noise: Tensor, first: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As `sample`, the density being that of the first numbers, and the mode."""
        mean, spread = self.parameters_of(observation)
        raw = mean + spread.exp() * noise
        # The noise is given: what is left of the Gaussian's density is its spread.
        gauss = -0.5 * noise[:, :first].square() - 0.5 * math.log(2 * math.pi)
        density = (gauss - spread[:, :first] - _bend(raw[:, :first])).sum(-1)
        return torch.tanh(raw), density, torch.tanh(mean)

    def log_density(self, observation: Tensor, action: Tensor) -> Tensor:
        """Logarithm of the density of given actions, shape (B,).

        Actions are first cut to [-0.999, 0.999]: at -1 and 1 no Gaussian number is left to weigh.
        """
        mean, spread = self.parameters_of(observation)
        raw = torch.atanh(action.clamp(-1 + 1e-3, 1 - 1e-3))
        gauss = -0.5 * ((raw - mean) / spread.exp()).square() - spread
        return (gauss - 0.5 * math.log(2 * math.pi) - _bend(raw)).sum(-1)


def _bend(raw: Tensor) -> Tensor:
    """log(1 - tanh^2 u) = 2 (log 2 - u - softplus(-2u)), which does not lose digits."""
    return 2 * (math.log(2) - raw - nn.functional.softplus(-2 * raw))
