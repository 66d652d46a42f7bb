"""Activations of a torch module's layers, by hooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from elbowroom.core import Closable, ParameterError
from elbowroom.models.layers.reading import Reading, Single


class TorchTap(Closable):
    """Reads chosen submodules' outputs at every n-th evaluation of a module; a context manager.

    Args:
        module: such as the perceptron of a policy.
        layers: dotted names as in `named_modules()`.
        every: evaluations from one reading to the next.
        version: of the artefact that the module was loaded from.

    Raises:
        ParameterError: if a layer is unknown or none is named.
    """

    def __init__(
        self, module: nn.Module, layers: Sequence[str], every: int = 1, version: str = ""
    ) -> None:
        known = dict(module.named_modules())
        unknown = sorted(set(layers) - set(known))
        if unknown or not layers:
            raise ParameterError(f"layers must be some of {sorted(known)}, got {list(layers)}")
        self.layers, self.every, self.version = tuple(layers), every, version
        self._held: dict[str, Single] = {}
        self._count = 0
        self._handles = [
            known[name].register_forward_hook(self._keeper(name)) for name in self.layers
        ]
        # Comes last: an evaluation ends with the module's own hook.
        self._handles.append(module.register_forward_hook(self._end))

    def read(self, stamp: float) -> Reading | None:
        """The layers in the newest evaluation, or None if none was due since the last reading.

        Args:
            stamp: of what the module was evaluated on [s].
        """
        held, self._held = self._held, {}
        return Reading(stamp, held) if held else None

    def close(self) -> None:
        """Take the hooks off."""
        for handle in self._handles:
            handle.remove()

    def _keeper(self, name: str) -> Any:
        def keep(module: nn.Module, inputs: Any, output: Tensor | tuple[Any, ...]) -> None:
            if self._count % self.every:
                return
            tensor = output[0] if isinstance(output, tuple) else output
            flat = tensor.detach().float().cpu().numpy().reshape(-1)
            self._held[name] = np.array(flat, np.float32)

        return keep

    def _end(self, module: nn.Module, inputs: Any, output: Any) -> None:
        self._count += 1
