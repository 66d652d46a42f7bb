"""Records every topic of a graph as a rosbag2 in MCAP, with the bytes as they came."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rclpy
from rclpy.context import Context
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from elbowroom.core import Closable
from elbowroom.nodes.base.executor import LeanExecutor
from elbowroom.nodes.base.qos import interface, profile
from elbowroom.nodes.graph import Graph, resolve
from elbowroom.nodes.share import find_share

_DEPTH = 2000
_TURN = 0.1


class RecordingError(OSError):
    """A recording that has ended before its time."""


class Recorder(Closable):
    """A node in a thread and a context of its own; a context manager.

    Messages are stored with the time at which they arrived here, topics with their absolute names
    and the quality of service that their publishers offer.

    Args:
        graph: whose topics are recorded.
        folder: of the bag; must not exist.
        namespace: of the nodes.
        listen: called with (topic, bytes) after a message was stored.
        domain: of ROS; None for the environment's.

    Attributes:
        counts: messages stored so far, by topic.
    """

    def __init__(
        self,
        graph: Graph,
        folder: Path,
        namespace: str = "",
        listen: Callable[[str, bytes], None] | None = None,
        domain: int | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._listen, self._done = listen, threading.Event()
        self._error: BaseException | None = None
        namespace = namespace.strip("/")
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._writer = Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP)
        self._writer.open()
        self._context = Context()
        rclpy.init(
            context=self._context,
            domain_id=domain,
            signal_handler_options=SignalHandlerOptions.NO,
        )
        self._node = Node(
            "recorder", context=self._context, namespace=namespace, enable_rosout=False
        )
        store = load_types()
        for topic in graph.topics:
            connection = self._writer.add_connection(
                resolve(topic.name, namespace),
                topic.type,
                typestore=store,
                offered_qos_profiles=[describe_qos(profile(topic.name))],
            )
            self._node.create_subscription(
                interface(topic.type),
                topic.name,
                self._callback(topic.name, connection),
                _deep(profile(topic.name)),
                raw=True,
            )
        self._executor = LeanExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Make sure that messages are still stored.

        Raises:
            RecordingError: if one could not be, because the disk is full or `listen` raised.
        """
        if self._error is not None:
            raise RecordingError(f"recording failed: {self._error!r}") from self._error

    def close(self) -> None:
        """Stop listening and finish the bag; closing twice does no harm.

        Raises:
            RecordingError: as `check`; what was stored before is kept.
        """
        if self._done.is_set():
            return
        # The executor must not be shut down while its thread waits in it.
        self._done.set()
        self._thread.join()
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)
        try:
            self._writer.close()
        except OSError as error:
            self._error = self._error or error
        self.check()

    def _callback(self, name: str, connection: Any) -> Callable[[bytes], None]:
        def store(data: bytes) -> None:
            self._writer.write(connection, time.time_ns(), data)
            self.counts[name] += 1
            if self._listen:
                self._listen(name, data)

        return store

    def _spin(self) -> None:
        try:
            while not self._done.is_set():
                self._executor.spin_once(timeout_sec=_TURN)
        except Exception as error:
            # Nobody sees what ends a thread; whoever waits for the recording asks.
            self._error = error


def load_types() -> Any:
    """The message types of ROS and of this package, as `rosbags` knows them."""
    store = get_typestore(Stores.ROS2_KILTED)
    for path in sorted(find_share("msg").glob("*.msg")):
        store.register(get_types_from_msg(path.read_text(), f"elbowroom/msg/{path.stem}"))
    return store


def describe_qos(wanted: QoSProfile) -> Qos:
    """A profile as a bag keeps it, so that what plays the bag offers the same."""
    forever = QosTime(2147483647, 4294967295)
    return Qos(
        QosHistory(int(wanted.history)),
        wanted.depth,
        QosReliability(int(wanted.reliability)),
        QosDurability(int(wanted.durability)),
        deadline=forever,
        lifespan=forever,
        liveliness=QosLiveliness.AUTOMATIC,
        liveliness_lease_duration=forever,
        avoid_ros_namespace_conventions=False,
    )


def _deep(wanted: QoSProfile) -> QoSProfile:
    # A recorder shall miss nothing while it waits for the disk.
    return QoSProfile(
        history=wanted.history,
        depth=_DEPTH,
        reliability=wanted.reliability,
        durability=wanted.durability,
    )
