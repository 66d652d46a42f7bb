"""Runs one node as a process: clean stop on SIGINT and SIGTERM, meaningful exit codes."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Sequence

import rclpy
from rclpy.logging import get_logger
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from elbowroom.core import ParameterError
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.executor import LeanExecutor
from elbowroom.nodes.base.signals import SIGNALS, block_signals

EXIT_REFUSED = 2
"""Exit code when a given parameter was refused."""
EXIT_FORCED = 130
"""Exit code when a second signal cut the clean stop short."""

OWNER = "ELBOWROOM_OWNER"
"""Environment variable: process number of the parent without which the node stops."""


def run(make: Callable[[], Adapter], args: Sequence[str] | None = None) -> int:
    """Spin a node until a signal comes; then shut it down through its lifecycle.

    The signal is awaited in a thread, so no callback is ever cut in two, and the node can still
    publish while it shuts down: a planner's last command is to stand still.

    Returns:
        0 after a clean stop, `EXIT_REFUSED` when the node refused its parameters.
    """
    block_signals()
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = make()
    except ParameterError as error:
        get_logger("elbowroom").fatal(f"refused to start: {error}")
        rclpy.try_shutdown()
        return EXIT_REFUSED
    node.on_loaded = _spare_garbage_collection
    _raise_priority(node.spec.urgency)
    executor = LeanExecutor()
    executor.add_node(node)
    stop: Future[None] = Future(executor=executor)
    threading.Thread(target=_await_signals, args=(stop, executor), daemon=True).start()
    executor.spin_until_future_complete(stop)
    node.trigger_shutdown()
    node.destroy_node()
    rclpy.try_shutdown()
    return 0


def _raise_priority(urgency: int) -> None:
    # A plan takes many milliseconds: among equals it would hold up every box meanwhile.
    policy = os.sched_getscheduler(0)
    if policy in (os.SCHED_FIFO, os.SCHED_RR):
        priority = os.sched_getparam(0).sched_priority + urgency
        os.sched_setscheduler(0, policy, os.sched_param(priority))


def _spare_garbage_collection() -> None:
    # Loaded libraries are never garbage: scanning them would stall a callback.
    gc.collect()
    gc.freeze()


def _await_signals(stop: Future[None], executor: LeanExecutor) -> None:
    owner = int(os.environ.get(OWNER, 0))
    # Whoever started the node may be killed without a chance to stop it.
    while signal.sigtimedwait(SIGNALS, 1.0) is None:
        if owner and os.getppid() != owner:
            break
    stop.set_result(None)
    executor.wake()
    signal.sigwait(SIGNALS)
    os._exit(EXIT_FORCED)
