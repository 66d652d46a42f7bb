"""Layers that arrive one message at a time, put together to readings."""

from __future__ import annotations

from dataclasses import dataclass, field

from elbowroom.models.layers.reading import UNTOLD, Origin, Reading, Single


@dataclass
class Gatherer:
    """Puts the layers of one stamp together.

    Args:
        layers: those that make a reading.

    Attributes:
        broken: readings that were given up because a later stamp came before all of their layers.
        lacking: layers that the last of them lacked; empty once a reading is whole.
    """

    layers: tuple[str, ...]
    broken: int = 0
    lacking: tuple[str, ...] = ()
    _held: dict[str, Single] = field(default_factory=dict)
    _key: tuple[float, str] = (float("nan"), "")

    def put(
        self, stamp: float, version: str, layer: str, values: Single, origin: Origin = UNTOLD
    ) -> Reading | None:
        """Take one layer; returns the reading once it is whole, None before.

        Args:
            stamp: of the measurement [s].
            version: of the model.
            layer: its name; one that is not asked for is passed over.
            values: activations, shape (d,).
            origin: where it comes from, as the source tells.
        """
        if layer not in self.layers:
            return None
        if (stamp, version) != self._key:
            if self._held:
                self.broken += 1
                self.lacking = tuple(n for n in self.layers if n not in self._held)
            self._held, self._key = {}, (stamp, version)
        self._held[layer] = values
        if len(self._held) < len(self.layers):
            return None
        held, self._held = self._held, {}
        self.lacking = ()
        return Reading(stamp, held, origin)
