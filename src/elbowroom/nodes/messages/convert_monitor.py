"""Messages of the monitor to the package's types and back, as `convert` does for the others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from builtin_interfaces.msg import Time

from elbowroom.core import InputError
from elbowroom.models.layers.reading import Origin, Reading, Single
from elbowroom.monitoring.watching.verdict import Level, Verdict
from elbowroom.msg import InputHealth, LayerFeatures
from elbowroom.nodes.messages import convert


def feature_messages(reading: Reading, version: str, stamp: Time) -> Iterator[LayerFeatures]:
    """One message for every layer of a reading, with the stamp of the measurement."""
    for layer, values in reading.layers.items():
        yield LayerFeatures(
            header=convert.header(stamp, ""),
            model_version=version,
            inputs=reading.origin.inputs,
            count=reading.origin.count,
            layer=layer,
            values=values,
        )


def read_features(message: LayerFeatures) -> Single:
    """Activations of a layer, shape (d,); whether they are finite is for the monitor to judge."""
    return np.array(message.values, dtype=np.float32)


def read_origin(message: LayerFeatures) -> Origin:
    """Where a layer's reading comes from, as far as its source tells."""
    return Origin(message.count, message.inputs)


def read_level(message: InputHealth) -> Level:
    """How far the inputs can be trusted."""
    try:
        return Level(message.level)
    except ValueError as error:
        raise InputError(f"unknown level {message.level}") from error


def health_message(stamp: Time, verdict: Verdict) -> InputHealth:
    """A verdict, with the stamp of the newest features judged."""
    return InputHealth(
        header=convert.header(stamp, ""),
        level=int(verdict.level),
        reason=verdict.reason,
        e_value=float(verdict.e_value),
        threshold=float(verdict.threshold),
        units_seen=int(verdict.units_seen),
        tau=float(verdict.tau),
        reference_hash=verdict.reference_hash,
        layers=list(verdict.scores),
        scores=[float(v) for v in verdict.scores.values()],
        dressing_score=float(verdict.dressing_score),
        dressing_threshold=float(verdict.dressing_threshold),
    )
