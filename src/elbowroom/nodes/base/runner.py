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
from elbowroom.nodes.base.scheduling import Scheduling, SchedulingParams
from elbowroom.nodes.base.signals import SIGNALS, block_signals

EXIT_REFUSED = 2
"""Exit code when a given parameter was refused."""
EXIT_FORCED = 130
"""Exit code when a second signal cut the clean stop short."""

_ADVICE = (
    "beside other work samples may come late. Allow it to the user (rtprio in "
    "/etc/security/limits.conf) or do without it (scheduling.priority: 0)"
)

OWNER = "ELBOWROOM_OWNER"
"""Environment variable: process number of the parent without which the node stops."""


def run(make: Callable[[], Adapter], args: Sequence[str] | None = None) -> int:
    """Spin a node until a signal comes; then shut it down through its lifecycle.

    The signal is awaited in a thread, so no callback is ever cut in two, and the node can still
    publish while it shuts down: a planner's last command is to stand still. So it is when a
    callback raises; the exception ends the process after that.

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
    _keep_time(node)
    executor = LeanExecutor()
    executor.add_node(node)
    stop: Future[None] = Future(executor=executor)
    threading.Thread(target=_await_signals, args=(stop, executor), daemon=True).start()
    try:
        executor.spin_until_future_complete(stop)
    finally:
        if not node.is_finalized:
            node.trigger_shutdown()
        node.destroy_node()
        executor.shutdown()
        rclpy.try_shutdown()
        # Whatever of the node is still held keeps its DDS participant, whose shared memory outlives
        # the process, and whom others would take for alive.
        del node, executor, stop
        gc.unfreeze()
        gc.collect()
    return 0


def _keep_time(node: Adapter) -> None:
    # The process is this node's alone, so its scheduling is too.
    scheduling = Scheduling(0)

    def hurry() -> None:
        nonlocal scheduling
        _spare_garbage_collection()
        if not node.spec.urgency:
            return
        params = node.parameters.read("scheduling", SchedulingParams)
        scheduling = Scheduling(params.of(node.spec.urgency))
        refused = scheduling.raise_()
        if refused:
            node.get_logger().warning(f"{refused}; {_ADVICE}")

    node.on_loaded = hurry
    node.on_idle = lambda: scheduling.lower()


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
