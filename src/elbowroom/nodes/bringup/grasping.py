"""Asks the grasping node of a running graph for an object and follows how it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from elbowroom.msg import GraspState
from elbowroom.nodes.base.qos import interface, profile
from elbowroom.nodes.bringup.bagging import record
from elbowroom.nodes.bringup.errand import TURN, BringupError, Errand
from elbowroom.nodes.bringup.session import Session
from elbowroom.nodes.graph import GRASPING, TOPICS, Graph
from elbowroom.srv import GraspObject

_INSIST = 5.0
"""For how long a request is repeated that is refused, for nothing may have been seen yet [s]."""
_AFTER = 0.5


class Customer(Errand):
    """A small node, in a ROS context of its own, that asks for objects.

    Args:
        namespace: of the grasping node.
        check: called while waiting; raises to give up, for instance because a process died.
    """

    def __init__(self, namespace: str = "", check: Callable[[], None] = lambda: None) -> None:
        super().__init__("customer", namespace, check)
        self._client = self._node.create_client(GraspObject, "grasp/grasp")
        self._states: list[GraspState] = []
        topic = "grasp_state"
        self._node.create_subscription(
            interface(TOPICS[topic].type),
            topic,
            self._states.append,
            profile(topic, hearing=True),
        )

    def ask(
        self,
        name: str,
        horizon: int = -1,
        *,
        timeout: float = 300.0,
        tell: Callable[[GraspState], None] = lambda state: None,
    ) -> GraspState:
        """Ask for an object and wait until the request is done.

        Args:
            name: of the object; empty for any.
            horizon: steps of the guide; -1 for the node's parameter.
            timeout: real time after which it is given up [s].
            tell: called with every state of the request.

        Raises:
            BringupError: if the request is refused or nothing comes of it in time.
        """
        end = time.monotonic() + timeout
        self._reach({"": self._client}, end, "the grasping node offers no service")
        number = self._request(name, horizon, end)
        while True:
            self._await(lambda: bool(self._states), end, "the grasping node says nothing")
            state = self._states.pop(0)
            if state.request == number:
                tell(state)
                if state.state == GraspState.DONE:
                    return state

    def call(self, name: str, request: Any, timeout: float = 30.0) -> Any:
        """Call a service of another node of the graph, such as `grasp_sim/shuffle`; timeout [s].

        Raises:
            BringupError: if it does not answer in time.
        """
        kind = next(
            interface(s.type)
            for spec in GRASPING.nodes
            for s in spec.services
            if f"{spec.name}/{s.name}" == name
        )
        end = time.monotonic() + timeout
        client = self._node.create_client(kind, name)
        self._reach({name: client}, end, "nobody offers {}")
        answer = client.call_async(request)
        self._await(answer.done, end, f"{name} does not answer")
        self._node.destroy_client(client)
        return answer.result()

    def _request(self, name: str, horizon: int, end: float) -> int:
        insist = time.monotonic() + _INSIST
        while True:
            request = GraspObject.Request(object=name, horizon=horizon)
            answer = self._client.call_async(request)
            self._await(answer.done, end, "the grasping node does not answer")
            response = answer.result()
            if response.accepted:
                return int(response.request)
            if time.monotonic() > insist:
                raise BringupError(f"the request is refused: {response.reason}")
            time.sleep(TURN)


def run_grasp(
    name: str,
    values: Mapping[str, Mapping[str, Any]],
    *,
    graph: Graph = GRASPING,
    bag: Path | None = None,
    say: Callable[[str], None] = print,
    tell: Callable[[GraspState], None] = lambda state: None,
    **session: Any,
) -> GraspState:
    """Start the grasping scene, ask for an object, stop when that is done.

    Args:
        name: of the object; empty for any.
        values: parameters by node and name.
        graph: whose nodes run, `GRASPING` or `GRASPING_WATCHED`.
        bag: folder that gets a bag of every topic, or None.
        say: takes the nodes' output, line by line.
        tell: called with every state of the request.
        session: further arguments of `Session`.

    Raises:
        BringupError: if a node dies or does not come up, or the request is refused.
    """
    space = session.get("namespace", "")
    with ExitStack() as stack:
        checks: list[Callable[[], None]] = []
        if bag is not None:
            checks.append(stack.enter_context(record(graph, bag, namespace=space)).check)
        nodes = stack.enter_context(Session(graph, values=values, say=say, **session))
        nodes.start()
        checks.append(nodes.check)

        def check() -> None:
            for one in checks:
                one()

        with Customer(space, check) as customer:
            state = customer.ask(name, tell=tell)
        time.sleep(_AFTER)
        return state
