"""What the layers of a policy hold when it decides, read by hooks for the monitor.

The decision is made by a fused operation that has no layers to hook, or by a search over many
candidates. So where a reading is due, and only there, the layers are evaluated once more: at the
observation and, where critics are searched, at the action that was found. Watching changes no
decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from elbowroom.core import Closable, ParameterError, Params, param
from elbowroom.grasping.networks.policy import Policy, Single
from elbowroom.grasping.networks.smelu import SmeLU
from elbowroom.models.layers.reading import Reading
from elbowroom.models.layers.torch_tap import TorchTap

ACTIVATIONS = "activations"
"""Stands for every activation layer."""
_PREFIX = "body."


@dataclass(frozen=True)
class PolicyTapParams(Params):
    """Which layers of the learned policy are told to the monitor, and how often."""

    layers: str = param(
        ACTIVATIONS,
        "layers, separated by commas: body.0, body.1, ...; `activations` for every activation "
        "layer; empty for none",
    )
    every: int = param(1, "decisions of the policy from one reading to the next", low=1, high=1000)


class PolicyTap(Closable):
    """Reads chosen layers of a policy at every n-th of its decisions; a context manager.

    Args:
        policy: whose perceptron is read; for a policy that searches, that of its critics.
        layers: names as in `list_layers`, or `ACTIVATIONS`.
        every: decisions from one reading to the next, from the first of an attempt on.

    Raises:
        ParameterError: if a layer is unknown, named twice or none is named.

    Attributes:
        layers: names of those that are read.
        version: of the policy.
    """

    def __init__(self, policy: Policy, layers: Sequence[str], every: int = 1) -> None:
        known = list_layers(policy)
        active = [name for name, layer in known.items() if _is_activation(layer)]
        named = [n for name in layers for n in (active if name == ACTIVATIONS else [name])]
        if set(named) - set(known) or not named or len(set(named)) != len(named):
            raise ParameterError(
                f"layers must be {ACTIVATIONS} or different ones of {list(known)}, "
                f"got {list(layers)}"
            )
        self.layers, self.version = tuple(named), policy.version
        self._policy, self._every = policy, every
        inner = [name.removeprefix(_PREFIX) for name in named]
        self._tap = TorchTap(policy.net.inner.layers, inner, version=policy.version)
        self.reset()

    def reset(self) -> None:
        """An attempt begins: its first decision is read."""
        self._count = 0

    def read(self, observation: Single, action: Single, stamp: float) -> Reading | None:
        """The layers at a decision, or None if none is due; to be called once a decision.

        Args:
            observation: shape (o,).
            action: that the policy chose, shape (a,).
            stamp: of the view that was observed [s].
        """
        due = self._count % self._every == 0
        self._count += 1
        if not due:
            return None
        self._policy.run_layers(observation, action)
        reading = self._tap.read(stamp)
        assert reading is not None, "every evaluation is read"
        return Reading(stamp, {n: reading.layers[n.removeprefix(_PREFIX)] for n in self.layers})

    def close(self) -> None:
        """Take the hooks off."""
        self._tap.close()


def list_layers(policy: Policy) -> dict[str, nn.Module]:
    """The layers that can be read, by name, in the order in which they are evaluated."""
    return {f"{_PREFIX}{name}": m for name, m in policy.net.inner.layers.named_children()}


def make_policy_tap(policy: Policy | None, params: PolicyTapParams) -> PolicyTap | None:
    """A tap on a policy, or None without a policy or if no layer is asked for.

    Raises:
        ParameterError: if a layer is unknown or named twice.
    """
    names = [name.strip() for name in params.layers.split(",") if name.strip()]
    return PolicyTap(policy, names, params.every) if policy is not None and names else None


def _is_activation(layer: nn.Module) -> bool:
    return isinstance(layer, nn.ReLU | nn.SiLU | nn.Tanh | SmeLU)
