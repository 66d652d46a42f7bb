"""What every node of the graph shares: lifecycle, parameters, endpoints, diagnostics."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from rclpy.clock import Clock, ClockType, JumpThreshold, TimeJump
from rclpy.duration import Duration
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from elbowroom.core import Params
from elbowroom.nodes.base.diagnostics import Diagnostics
from elbowroom.nodes.base.health import Health, Level
from elbowroom.nodes.base.parameters import ParameterSet
from elbowroom.nodes.base.qos import interface, profile
from elbowroom.nodes.base.scheduling import SchedulingParams
from elbowroom.nodes.graph import TOPICS, NodeSpec

_DONE = TransitionCallbackReturn.SUCCESS
_REFUSED = TransitionCallbackReturn.FAILURE
_FAILED = TransitionCallbackReturn.ERROR


class Adapter(LifecycleNode):
    """A lifecycle node with the name, topics and services of its entry in the graph.

    A derived node fills in `build` (endpoints and objects), `begin` and `end` (activation) and
    `look` (diagnostics). Endpoints live from configure to cleanup; lifecycle publishers are silent
    and `every` is idle unless the node is active.

    Raises:
        ParameterError: if a given parameter is unknown, of the wrong type or out of bounds.
    """

    spec: ClassVar[NodeSpec]
    groups: ClassVar[Mapping[str, type[Params]]]

    def __init__(self, **options: Any) -> None:
        self.active = self._built = self.is_finalized = False
        self.on_loaded: Callable[[], None] = lambda: None
        self.on_idle: Callable[[], None] = lambda: None
        super().__init__(
            self.spec.name, automatically_declare_parameters_from_overrides=True, **options
        )
        groups = self.parameter_groups()
        self.parameters = ParameterSet(self, groups, locked=lambda: self._built)
        self._undo: list[Callable[[], Any]] = []
        self._health = Diagnostics(self, self._report)
        backwards = Duration(nanoseconds=-1)
        threshold = JumpThreshold(min_forward=None, min_backward=backwards, on_clock_change=True)
        self._jump = self.get_clock().create_jump_callback(threshold, post_callback=self._jumped)

    @classmethod
    def parameter_groups(cls) -> dict[str, type[Params]]:
        """The node's groups of parameters, and how it is scheduled if it has deadlines."""
        shared = {"scheduling": SchedulingParams} if cls.spec.urgency else {}
        return {**cls.groups, **shared}

    def build(self) -> None:
        """Make everything the node needs, from its parameters; may refuse with a ValueError."""
        raise NotImplementedError

    def begin(self) -> None:
        """The node becomes active."""

    def end(self) -> None:
        """The node stops being active; publishers still work."""

    def look(self) -> Health:
        """The node's own view of its health while it is active."""
        raise NotImplementedError

    def on_clock_jump(self, text: str) -> None:
        """The node's clock went backwards or changed its source."""

    def now(self) -> float:
        """The node's clock [s]."""
        return self.get_clock().now().nanoseconds * 1e-9

    def advertise(self, topic: str) -> Any:
        """A publisher on a topic of the graph; it speaks while the node is active."""
        assert topic in self.spec.publishes, f"{self.spec.name} does not declare {topic}"
        kind = interface(TOPICS[topic].type)
        publisher = self.create_lifecycle_publisher(kind, topic, profile(topic))
        self._undo.append(lambda: self.destroy_lifecycle_publisher(publisher))
        return publisher

    def listen(self, topic: str, callback: Callable[[Any], None], *, newest: bool = False) -> None:
        """Call back with the messages on a topic of the graph while the node is active.

        Args:
            topic: its name.
            callback: takes the message.
            newest: whether messages that came while the node was busy may be skipped but the last.
        """
        assert topic in self.spec.subscribes, f"{self.spec.name} does not declare {topic}"
        kind = interface(TOPICS[topic].type)

        def receive(message: Any) -> None:
            if self.active or TOPICS[topic].qos == "latched":
                callback(message)

        subscription = self.create_subscription(
            kind, topic, receive, profile(topic, hearing=True, newest=newest)
        )
        self._undo.append(lambda: self.destroy_subscription(subscription))

    def serve(self, name: str, callback: Callable[[Any, Any], Any]) -> None:
        """Offer a service of the graph below the node's name."""
        (service,) = (s for s in self.spec.services if s.name == name)
        server = self.create_service(interface(service.type), f"~/{name}", callback)
        self._undo.append(lambda: self.destroy_service(server))

    def every(self, period: float, callback: Callable[[], None], *, steady: bool = False) -> None:
        """Call back each `period` [s] while active, on the node's clock or a steady one."""
        clock = Clock(clock_type=ClockType.STEADY_TIME) if steady else self.get_clock()

        def fire() -> None:
            if self.active:
                callback()

        timer = self.create_timer(period, fire, clock=clock)
        self._undo.append(lambda: self.destroy_timer(timer))

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Read the parameters and build; a refusal leaves the node unconfigured."""
        self._built = True
        try:
            self.build()
        except (ValueError, OSError) as error:
            self.get_logger().error(f"cannot be configured: {error}")
            self._tear_down()
            return _REFUSED
        except Exception:
            return self._fail("configuring")
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Start working."""
        result = super().on_activate(state)
        self.on_loaded()
        self.active = True
        try:
            self.begin()
        except Exception:
            self.active = False
            self.on_idle()
            return self._fail("activating")
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop working; whatever moves is told to stand still."""
        self._rest()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Forget everything."""
        self._tear_down()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop for good."""
        self._rest()
        self._tear_down()
        self.is_finalized = True
        return _DONE

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Back to unconfigured, so that another attempt can be made."""
        self._rest()
        self._tear_down()
        return _DONE

    def _rest(self) -> None:
        if self.active:
            self.end()
        self.active = False
        self.on_idle()

    def _tear_down(self) -> None:
        while self._undo:
            self._undo.pop()()
        self._built = False

    def _fail(self, doing: str) -> TransitionCallbackReturn:
        self.get_logger().fatal(f"failed while {doing}:\n{traceback.format_exc()}")
        return _FAILED

    def _report(self) -> Health:
        return self.look() if self.active else Health(Level.OK, "not active")

    def on_set_back(self, by: float) -> None:
        """The computer's clock was set back by so much [s]; of that ROS says nothing."""
        if not self.get_clock().ros_time_is_active:
            self._tell_jump(-by)

    def _jumped(self, jump: TimeJump) -> None:
        self._tell_jump(jump.delta.nanoseconds * 1e-9)

    def _tell_jump(self, by: float) -> None:
        if self.active:
            text = f"the clock jumped by {by:+.3f} s"
            self.get_logger().warning(text)
            self.on_clock_jump(text)
