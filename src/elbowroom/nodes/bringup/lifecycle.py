"""Brings lifecycle nodes of other processes up, by their services."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState

from elbowroom.nodes.bringup.errand import BringupError, Errand

__all__ = ["ACTIVATE", "CLEANUP", "CONFIGURE", "DEACTIVATE", "Bringup", "BringupError"]

CONFIGURE = Transition.TRANSITION_CONFIGURE
ACTIVATE = Transition.TRANSITION_ACTIVATE
DEACTIVATE = Transition.TRANSITION_DEACTIVATE
CLEANUP = Transition.TRANSITION_CLEANUP

_NAMES = {CONFIGURE: "configured", ACTIVATE: "activated"} | {
    DEACTIVATE: "deactivated",
    CLEANUP: "cleaned up",
}


class Bringup(Errand):
    """A small node, in a ROS context of its own, that changes the states of others.

    Args:
        namespace: of the nodes.
        check: called while waiting; raises to give up, for instance because a process died.
    """

    def __init__(self, namespace: str = "", check: Callable[[], None] = lambda: None) -> None:
        super().__init__("bringup", check=check)
        self._namespace = namespace.strip("/")

    def change(self, names: Sequence[str], transition: int, timeout: float = 300.0) -> None:
        """Ask nodes for a transition, all at once, and wait `timeout` [s] at most for every answer.

        Raises:
            BringupError: if a node is not there in time, does not answer or refuses.
        """
        end = time.monotonic() + timeout
        clients = {name: self._client(name) for name in names}
        self._reach(clients, end, "{} did not appear")
        request = ChangeState.Request(transition=Transition(id=transition))
        answers = {name: client.call_async(request) for name, client in clients.items()}
        for name, answer in answers.items():
            self._await(answer.done, end, f"{name} did not answer")
            if not answer.result().success:
                raise BringupError(f"{name} could not be {_NAMES[transition]}; see its log")
        for client in clients.values():
            self._node.destroy_client(client)

    def _client(self, name: str) -> Any:
        prefix = f"/{self._namespace}" if self._namespace else ""
        return self._node.create_client(ChangeState, f"{prefix}/{name}/change_state")
