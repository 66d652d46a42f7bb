"""Quality of service, one profile for each kind of topic."""

from __future__ import annotations

from copy import copy
from importlib import import_module
from typing import Any

from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
)

from elbowroom.nodes.graph import TOPICS


def _profile(depth: int, *, reliable: bool, latched: bool = False) -> QoSProfile:
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        liveliness=LivelinessPolicy.AUTOMATIC,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


# One second of the sensor: a callback that is held up for that long loses nothing.
_SECOND = 240

PROFILES = {
    "sensor": _profile(_SECOND, reliable=False),
    "stream": _profile(_SECOND, reliable=True),
    "command": _profile(1, reliable=True),
    "view": _profile(1, reliable=True),
    "latched": _profile(1, reliable=True, latched=True),
    "clock": _profile(1, reliable=False),
}


_HEARD = _profile(_SECOND, reliable=True, latched=True)


def profile(topic: str, *, hearing: bool = False, newest: bool = False) -> QoSProfile:
    """The profile of a topic of the graph.

    Args:
        topic: its name.
        hearing: whether for a subscription: it keeps all that a second brings of a latched topic,
            of which the publisher keeps the newest for whoever comes later.
        newest: whether for a subscription that has no use for any but the newest message.

    Raises:
        KeyError: if the graph has no such topic.
    """
    kind = TOPICS[topic].qos
    chosen = _HEARD if hearing and kind == "latched" else PROFILES[kind]
    if newest:
        chosen = copy(chosen)
        chosen.depth = 1
    return chosen


def interface(name: str) -> Any:
    """The class of an interface name such as `geometry_msgs/msg/PoseStamped`.

    Raises:
        ImportError, AttributeError: if it is not installed.
    """
    package, kind, type_name = name.split("/")
    return getattr(import_module(f"{package}.{kind}"), type_name)
