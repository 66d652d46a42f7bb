"""How launched nodes are brought up; needs `launch` and `launch_ros`, which come with ROS 2.

The nodes are configured together and activated one after another in the order of the graph, as
`session` does without launch. If one cannot be configured or ends, all are stopped.
"""

from __future__ import annotations

from launch.action import Action
from launch.actions import EmitEvent, OpaqueFunction, RegisterEventHandler
from launch.event_handlers import OnProcessStart
from launch.events import matches_action
from launch.launch_context import LaunchContext
from launch.launch_description_entity import LaunchDescriptionEntity
from launch_ros.actions import LifecycleNode
from launch_ros.event_handlers import OnStateTransition
from launch_ros.events.lifecycle import ChangeState
from lifecycle_msgs.msg import Transition

_FAILED = "a node could not be brought up; see its log"


def bring_up(nodes: list[LifecycleNode]) -> list[LaunchDescriptionEntity]:
    """Handlers that configure nodes together and activate one after another, in their order."""
    order = _Order(nodes)
    handlers: list[LaunchDescriptionEntity] = []
    for node in nodes:
        configure = _change(node, Transition.TRANSITION_CONFIGURE)
        handlers.append(
            RegisterEventHandler(OnProcessStart(target_action=node, on_start=configure))
        )
        handlers += [
            _on(node, "configuring", "inactive", order.note_configured(node)),
            _on(node, "activating", "active", order.note_active(node)),
            _on(node, "configuring", "unconfigured", give_up(_FAILED)),
            _on(node, "errorprocessing", "unconfigured", give_up(_FAILED)),
            _on(node, "activating", "inactive", give_up(_FAILED)),
        ]
    return handlers


class _Order:
    """Says who is activated next: the first that is not, once it is configured."""

    def __init__(self, nodes: list[LifecycleNode]) -> None:
        self._waiting = list(nodes)
        self._configured: set[int] = set()
        self._asked: set[int] = set()

    def note_configured(self, node: LifecycleNode) -> Action:
        def act(_: LaunchContext) -> list[Action]:
            self._configured.add(id(node))
            return self._go_on()

        return OpaqueFunction(function=act)

    def note_active(self, node: LifecycleNode) -> Action:
        def act(_: LaunchContext) -> list[Action]:
            self._waiting = [n for n in self._waiting if n is not node]
            return self._go_on()

        return OpaqueFunction(function=act)

    def _go_on(self) -> list[Action]:
        for node in self._waiting[:1]:
            if id(node) in self._configured - self._asked:
                self._asked.add(id(node))
                return [_change(node, Transition.TRANSITION_ACTIVATE)]
        return []


def _change(node: LifecycleNode, transition: int) -> Action:
    matcher = matches_action(node)
    return EmitEvent(event=ChangeState(lifecycle_node_matcher=matcher, transition_id=transition))


def _on(node: LifecycleNode, start: str, goal: str, action: Action) -> Action:
    return RegisterEventHandler(
        OnStateTransition(
            target_lifecycle_node=node, start_state=start, goal_state=goal, entities=[action]
        )
    )


def give_up(reason: str) -> Action:
    """Stop everything, with an exit code other than 0.

    The action `Shutdown` would end in 0: only what is raised counts as a failure.
    """

    def fail(context: LaunchContext) -> list[Action]:
        if context.is_shutdown:
            return []
        raise RuntimeError(reason)

    return OpaqueFunction(function=fail)
