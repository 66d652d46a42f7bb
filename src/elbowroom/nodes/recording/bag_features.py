"""What the monitor heard in a recorded rosbag2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from elbowroom.core import InputError, TrialError
from elbowroom.models.layers.reading import Origin, Single
from elbowroom.nodes.messages import convert
from elbowroom.nodes.messages.attempts import Attempts
from elbowroom.nodes.messages.convert_monitor import read_features, read_origin
from elbowroom.nodes.recording.bag import count_messages, read_messages

Heard: TypeAlias = tuple[float, str, str, Single, Origin]
"""What `Attendant.take` takes: stamp [s], model version, layer, activations and origin."""


def has_features(folder: Path) -> bool:
    """Whether the bag holds features that were published."""
    return count_messages(folder).get("features", 0) > 0


def read_layers(folder: Path) -> Iterator[Heard | None]:
    """Features as they came; None where a dressing begins, or an attempt begins or ends.

    Raises:
        TrialError: if the bag is missing or mangled.
    """
    cuts: list[None] = []
    attempts = Attempts(lambda: cuts.append(None))
    for topic, _, message in read_messages(folder, {"features", "arm_measurement", "grasp_state"}):
        if topic == "grasp_state":
            attempts.hear(message)
            yield from cuts
            cuts.clear()
            continue
        if topic == "arm_measurement":
            yield None
            continue
        try:
            stamp = convert.seconds(message.header.stamp)
            values, origin = read_features(message), read_origin(message)
            yield stamp, message.model_version, message.layer, values, origin
        except (InputError, ValueError) as error:
            raise TrialError(f"{folder.name}: features that cannot be read: {error}") from error
