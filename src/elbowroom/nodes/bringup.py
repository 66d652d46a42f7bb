"""Brings lifecycle nodes of other processes up, by their services."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import rclpy
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

CONFIGURE = Transition.TRANSITION_CONFIGURE
ACTIVATE = Transition.TRANSITION_ACTIVATE
DEACTIVATE = Transition.TRANSITION_DEACTIVATE
CLEANUP = Transition.TRANSITION_CLEANUP

_NAMES = {CONFIGURE: "configured", ACTIVATE: "activated"} | {
    DEACTIVATE: "deactivated",
    CLEANUP: "cleaned up",
}


_SETTLE = 0.5
"""Time for which two ends of a service are given to hear of each other [s]."""


class BringupError(RuntimeError):
    """A node that did not come up."""


class Bringup:
    """A small node, in a ROS context of its own, that changes the states of others.

    Args:
        namespace: of the nodes.
        check: called while waiting; raises to give up, for instance because a process died.
    """

    def __init__(self, namespace: str = "", check: Callable[[], None] = lambda: None) -> None:
        self._namespace, self._check = namespace.strip("/"), check
        self._context = Context()
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self._node = Node("bringup", context=self._context, enable_rosout=False)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)

    def change(self, names: Sequence[str], transition: int, timeout: float = 300.0) -> None:
        """Ask nodes for a transition, all at once, and wait for every answer.

        Raises:
            BringupError: if a node is not there in time, does not answer or refuses.
        """
        end = time.monotonic() + timeout
        clients = {name: self._client(name) for name in names}
        for name, client in clients.items():
            self._await(client.service_is_ready, end, f"{name} did not appear")
        self._settle()
        request = ChangeState.Request(transition=Transition(id=transition))
        answers = {name: client.call_async(request) for name, client in clients.items()}
        for name, answer in answers.items():
            self._await(answer.done, end, f"{name} did not answer")
            if not answer.result().success:
                raise BringupError(f"{name} could not be {_NAMES[transition]}; see its log")
        for client in clients.values():
            self._node.destroy_client(client)

    def close(self) -> None:
        """Leave the ROS graph."""
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _settle(self) -> None:
        # A server is there as soon as it is heard of; its answer is lost if it has not heard of us.
        end = time.monotonic() + _SETTLE
        while time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.05)

    def _client(self, name: str) -> Any:
        prefix = f"/{self._namespace}" if self._namespace else ""
        return self._node.create_client(ChangeState, f"{prefix}/{name}/change_state")

    def _await(self, done: Callable[[], bool], end: float, failure: str) -> None:
        while not done():
            self._check()
            if time.monotonic() > end:
                raise BringupError(failure)
            self._executor.spin_once(timeout_sec=0.05)
