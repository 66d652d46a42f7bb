"""A node's health on /diagnostics, once a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from elbowroom.nodes.base.health import Health
from elbowroom.nodes.base.qos import profile

PERIOD = 1.0
"""Time between two reports [s]."""


class Diagnostics:
    """Publishes what `look` says at 1 Hz.

    The period is kept by a steady clock, so that a node whose simulated time stands still is
    heard; the stamp is the node's own clock.
    """

    def __init__(self, node: Node, look: Callable[[], Health]) -> None:
        self._node, self._look = node, look
        self._publisher = node.create_publisher(
            DiagnosticArray, "/diagnostics", profile("/diagnostics")
        )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = node.create_timer(PERIOD, self.publish, clock=steady)

    def publish(self) -> None:
        """Report now."""
        array = DiagnosticArray(status=[self._status(self._look())])
        array.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(array)

    def _status(self, health: Health) -> DiagnosticStatus:
        return DiagnosticStatus(
            level=bytes([health.level]),
            name=self._node.get_fully_qualified_name().lstrip("/"),
            hardware_id="elbowroom",
            message=health.message,
            values=[KeyValue(key=k, value=_text(v)) for k, v in health.values.items()],
        )


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
