"""Publishes what the layers of a node's model hold."""

from __future__ import annotations

from typing import Protocol

from builtin_interfaces.msg import Time

from elbowroom.models.layers.reading import Reading
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.messages.convert_monitor import feature_messages


class Tap(Protocol):
    """Whatever reads layers: see `estimation.layers.tap` and `grasping.networks.tap`."""

    version: str


class FeatureFeed:
    """The topic `features` of a node; silent without a tap.

    Args:
        node: whose topic it is.
        tap: what reads the layers, or None.
    """

    def __init__(self, node: Adapter, tap: Tap | None) -> None:
        self._tap = tap
        self._publisher = node.advertise("features")

    def tell(self, reading: Reading | None, stamp: Time) -> None:
        """Publish a reading, one message a layer."""
        if reading is not None and self._tap is not None:
            for message in feature_messages(reading, self._tap.version, stamp):
                self._publisher.publish(message)
