"""Brings lifecycle nodes of other processes up, by their services."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState

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
_GOALS = {CONFIGURE: State.PRIMARY_STATE_INACTIVE, ACTIVATE: State.PRIMARY_STATE_ACTIVE} | {
    DEACTIVATE: State.PRIMARY_STATE_INACTIVE,
    CLEANUP: State.PRIMARY_STATE_UNCONFIGURED,
}
_PRIMARY = {*_GOALS.values(), State.PRIMARY_STATE_FINALIZED}
_ASK = 5.0
"""After so long without an answer [s] a node is asked for its state, again and again: on a busy
machine a service's answer can be lost."""


class Bringup(Errand):
    """A small node, in a ROS context of its own, that changes the states of others.

    Args:
        namespace: of the nodes.
        check: called while waiting; raises to give up, for instance because a process died.
        patience: time without an answer [s] after which a node's state is asked for.
    """

    def __init__(
        self,
        namespace: str = "",
        check: Callable[[], None] = lambda: None,
        patience: float = _ASK,
    ) -> None:
        super().__init__("bringup", check=check)
        self._namespace, self._patience = namespace.strip("/"), patience

    def change(self, names: Sequence[str], transition: int, timeout: float = 300.0) -> None:
        """Ask nodes for a transition, all at once, and wait `timeout` [s] at most for every answer.

        Raises:
            BringupError: if a node is not there in time, does not answer or refuses.
        """
        end = time.monotonic() + timeout
        asked = {name: self._client(ChangeState, name, "change_state") for name in names}
        states = {name: self._client(GetState, name, "get_state") for name in names}
        looked = {f"the state of {name}": client for name, client in states.items()}
        self._reach(asked | looked, end, "{} did not appear")
        changes = [_Change(asked[n], states[n], transition, self._patience) for n in names]
        for name, change in zip(names, changes, strict=True):
            self._await(change.is_over, end, f"{name} did not answer")
            if not change.success:
                raise BringupError(f"{name} could not be {_NAMES[transition]}; see its log")
        for client in (*asked.values(), *states.values()):
            self._node.destroy_client(client)

    def _client(self, kind: Any, name: str, service: str) -> Any:
        prefix = f"/{self._namespace}" if self._namespace else ""
        return self._node.create_client(kind, f"{prefix}/{name}/{service}")


class _Change:
    """A transition asked for; over when the node has answered or is seen in the state it leads to.

    A node seen twice in another state, in none of the transitions, has not heard of it and is asked
    again: it would not have said anything while it was busy.
    """

    def __init__(self, client: Any, state: Any, transition: int, patience: float) -> None:
        request = ChangeState.Request(transition=Transition(id=transition))
        self._ask = partial(client.call_async, request)
        self._look = partial(state.call_async, GetState.Request())
        self._goal, self._patience = _GOALS[transition], patience
        self._answers, self._looks = [self._ask()], list[Any]()
        self._next = time.monotonic() + patience
        self.success = False

    def is_over(self) -> bool:
        """Whether it is known how it ended; then `success` tells."""
        answers = [a.result().success for a in self._answers if a.done()]
        seen = [look.result().current_state.id for look in self._looks if look.done()]
        self.success = any(answers) or self._goal in seen
        if self.success or len(answers) == len(self._answers):
            return True
        if time.monotonic() > self._next:
            self._next += self._patience
            if len(seen) >= 2 and all(s in _PRIMARY for s in seen[-2:]):
                self._answers.append(self._ask())
                self._looks.clear()
            self._looks.append(self._look())
        return False
