"""A small node, in a ROS context of its own, that asks services of other processes and waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from elbowroom.core import Closable

TURN = 0.05
"""Longest time between two looks at what is waited for [s]."""
_SETTLE = 0.5
"""Time for which the two ends of a service are given to hear of each other [s]."""


class BringupError(RuntimeError):
    """A node that did not come up, or did not answer."""


class Errand(Closable):
    """What every such node does; a context manager.

    Args:
        name: of the node.
        namespace: of the node.
        check: called while waiting; raises to give up, for instance because a process died.
    """

    def __init__(
        self, name: str, namespace: str = "", check: Callable[[], None] = lambda: None
    ) -> None:
        self._check = check
        self._context = Context()
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        space = namespace.strip("/")
        self._node = Node(name, namespace=space, context=self._context, enable_rosout=False)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)

    def close(self) -> None:
        """Leave the ROS graph."""
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def _reach(self, clients: dict[str, Any], end: float, failure: str) -> None:
        """Wait until services by name can be called; `failure` has a place for the name.

        A server is there as soon as it is heard of; its answer is lost if it has not heard of us.
        """
        for name, client in clients.items():
            self._await(client.service_is_ready, end, failure.format(name))
        settled = time.monotonic() + _SETTLE
        self._await(lambda: time.monotonic() > settled, settled + _SETTLE, failure)

    def _await(self, done: Callable[[], bool], end: float, failure: str) -> None:
        """Serve the context until something is done.

        Raises:
            BringupError: with the text `failure`, if it is not done at time.monotonic() `end`.
        """
        while not done():
            self._check()
            if time.monotonic() > end:
                raise BringupError(failure)
            self._executor.spin_once(timeout_sec=TURN)
