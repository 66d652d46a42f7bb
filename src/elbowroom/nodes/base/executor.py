"""An executor for sensor rates: rclpy's single-threaded one with less work for every message.

rclpy gathers every entity of a node anew before each wait, waits for all of them, and makes a
task of each callback; on a slow core that costs more than the callback. Here entities are gathered
only when some were added or removed, plain callbacks are called plainly, and services, clients
and events, which nobody uses at sensor rate, are looked at every `RARE` seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor, TimeoutObject
from rclpy.impl.implementation_singleton import rclpy_implementation as _rclpy
from rclpy.subscription import Subscription

RARE = 0.05
"""Longest time for which a service, a client or an event waits to be looked at [s]."""

_NANO = 1_000_000_000
_PLAIN = Subscription.CallbackType.MessageOnly
_GATHERED = (
    *("_subscriptions", "_timers", "_guards", "_often"),
    *("_clients", "_services", "_events", "_rest"),
)
"""What is kept of the nodes' entities between two changes of them."""


class LeanExecutor(SingleThreadedExecutor):
    """Runs every callback that is ready, timers first, subscriptions in order of creation.

    One message is taken from each subscription a turn. Callbacks of subscriptions and timers must
    be plain functions, those of timers without arguments.
    """

    def __init__(self, **options: Any) -> None:
        self._stale = True
        self._next_look = 0.0
        super().__init__(**options)
        self._tasks: list[Any] = []

    def wake(self) -> None:
        """Gather the entities again and stop waiting; nodes call it when they change."""
        self._stale = True
        super().wake()

    def add_node(self, node: Any) -> bool:
        """Serve a node from now on."""
        self._stale = True
        return super().add_node(node)

    def remove_node(self, node: Any) -> None:
        """Serve a node no more."""
        self._stale = True
        super().remove_node(node)

    def shutdown(self, timeout_sec: float | None = None) -> bool:
        """End, and let go of the nodes: what is held of them keeps their DDS participants."""
        done = super().shutdown(timeout_sec)
        for name in _GATHERED:
            if hasattr(self, name):
                delattr(self, name)
        self._tasks = []
        return done

    def _spin_once_impl(
        self,
        timeout_sec: float | TimeoutObject | None = None,
        wait_condition: Callable[[], bool] = lambda: False,
    ) -> None:
        given = timeout_sec.timeout if isinstance(timeout_sec, TimeoutObject) else timeout_sec
        end = time.monotonic() + given if given is not None and given >= 0 else float("inf")
        while not (self._is_shutdown or wait_condition()):
            now = time.monotonic()
            if self._turn(now, min(end, self._next_look) - now) or time.monotonic() >= end:
                return

    def _turn(self, now: float, timeout: float) -> bool:
        """Wait and serve; whether anything was done."""
        if self._stale:
            self._gather()
        worked = self._run_tasks()
        if now >= self._next_look:
            self._next_look = now + RARE
            worked |= self._look_at_rest()
            timeout = 0.0 if worked else min(timeout, RARE)
            if self._stale:
                # A service, such as that of a lifecycle transition, has removed entities.
                self._gather()
        return self._serve(max(timeout, 0.0)) or worked

    def _gather(self) -> None:
        self._require_context()
        self._stale = False
        nodes = list(self.get_nodes())
        self._subscriptions = [s for n in nodes for s in n.subscriptions]
        self._timers = [t for n in nodes for t in n.timers]
        own = [g for g in (self._guard, self._sigint_gc) if g is not None]
        self._guards = own + [g for n in nodes for g in n.guards]
        self._clients = [(c, n) for n in nodes for c in n.clients]
        self._services = [(s, n) for n in nodes for s in n.services]
        self._events = [(w, n) for n in nodes for w in n.waitables]
        counts = (len(self._subscriptions), len(self._guards), len(self._timers))
        handle: Any = self._context.handle
        self._often = _rclpy.WaitSet(*counts, 0, 0, 0, handle)
        rest = (len(self._clients), len(self._services), len(self._events))
        self._rest = _rclpy.WaitSet(0, 0, 0, *rest, handle)

    def _require_context(self) -> None:
        if not self._context.ok():
            raise ExternalShutdownException

    def _serve(self, timeout: float) -> bool:
        wait_set = self._often
        wait_set.clear_entities()
        for subscription in self._subscriptions:
            wait_set.add_subscription(subscription.handle)
        for timer in self._timers:
            wait_set.add_timer(timer.handle)
        for guard in self._guards:
            wait_set.add_guard_condition(guard.handle)
        wait_set.wait(int(timeout * _NANO))
        fired = wait_set.get_ready_entities("timer")
        heard = wait_set.get_ready_entities("subscription")
        timers = [t for t in self._timers if t.handle.pointer in fired]
        subscriptions = [s for s in self._subscriptions if s.handle.pointer in heard]
        for timer in timers:
            _call_timer(timer)
        for subscription in subscriptions:
            _take(subscription)
        return bool(timers or subscriptions)

    def _look_at_rest(self) -> bool:
        self._require_context()
        wait_set = self._rest
        wait_set.clear_entities()
        for client, _ in self._clients:
            wait_set.add_client(client.handle)
        for service, _ in self._services:
            wait_set.add_service(service.handle)
        for event, _ in self._events:
            event.add_to_wait_set(wait_set)
        wait_set.wait(0)
        told, asked = (wait_set.get_ready_entities(kind) for kind in ("client", "service"))
        # What is asked of the wait set must be asked before a callback changes the entities.
        ready = [(c, n, self._take_client) for c, n in self._clients if c.handle.pointer in told]
        ready += [
            (s, n, self._take_service) for s, n in self._services if s.handle.pointer in asked
        ]
        ready += [(e, n, self._take_waitable) for e, n in self._events if e.is_ready(wait_set)]
        for entity, node, take in ready:
            self._make_handler(entity, node, take)
        return self._run_tasks()

    def _run_tasks(self) -> bool:
        tasks, self._tasks = self._tasks, []
        for task, entity, node in tasks:
            task()
            error = task.exception()
            if error is not None:
                raise error
            if not task.done():
                self._tasks.append((task, entity, node))
        return bool(tasks)


def _call_timer(timer: Any) -> None:
    try:
        if not timer.handle.is_timer_ready():
            return
        timer.handle.call_timer_with_info()
    except (_rclpy.InvalidHandle, _rclpy.TimerCancelledError):
        # Destroyed or cancelled by a callback of the same turn.
        return
    timer.callback()


def _take(subscription: Any) -> None:
    try:
        taken = subscription.handle.take_message(subscription.msg_type, subscription.raw)
    except _rclpy.InvalidHandle:
        return
    if taken is None:
        return
    plain = subscription._callback_type is _PLAIN
    subscription.callback(*(taken[:1] if plain else taken))
