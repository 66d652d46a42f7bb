"""The units of recorded features: whole dressings, or attempts to grasp, as the monitor cuts them.

A reference of a model that only a node runs, such as a policy that grasps, is made of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from elbowroom.models.layers.reading import Reading
from elbowroom.monitoring.checks import require
from elbowroom.monitoring.dressing.dressings import DressingReadings, join_readings
from elbowroom.monitoring.watching.gatherer import Gatherer
from elbowroom.monitoring.watching.watch import WatchParams
from elbowroom.nodes.recording.bag_features import Heard, read_layers

_METADATA = "metadata.yaml"


@dataclass(frozen=True)
class RecordedUnits:
    """What the features in bags amount to.

    Attributes:
        units: in the order of the recordings.
        version: of the model that all of them are of.
        period: time between readings, the median [s].
        inputs: optional inputs that the model was given in all of them; empty if it has none.
    """

    units: list[DressingReadings]
    version: str
    period: float
    inputs: str


def find_bags(folders: str) -> list[Path]:
    """Bags in the order of the folders.

    Args:
        folders: separated by commas; each is a bag, or holds bags.

    Raises:
        MonitoringError: if one is neither.
    """
    found: list[Path] = []
    for folder in (Path(name.strip()) for name in folders.split(",")):
        bags = [folder] if (folder / _METADATA).is_file() else []
        bags = bags or sorted(path.parent for path in folder.glob(f"*/{_METADATA}"))
        require(bags, f"{folder} is no bag and holds none")
        found += bags
    return found


def read_units(bags: Sequence[Path], layers: Sequence[str] = ()) -> RecordedUnits:
    """The units that the monitor would cut the recorded features into.

    A unit ends where a dressing or an attempt begins or ends, and where no reading came for
    `WatchParams.longest_gap`. A reading that lacks a layer, or is not later than the one before, is
    left out.

    Args:
        bags: folders of bags.
        layers: that are read; empty for all that were recorded.

    Raises:
        TrialError: if a bag is missing or mangled.
        MonitoringError: if there are no such features, the bags differ in their layers, or the
            features are of several versions of the model, or of several choices of inputs.
    """
    heard = {bag: list(read_layers(bag)) for bag in bags}
    recorded = {bag: _list_layers(rows) for bag, rows in heard.items()}
    wanted = tuple(layers) or next(iter(recorded.values()))
    for bag, names in recorded.items():
        require(names, f"{bag.name} holds no features")
        fits = set(wanted) <= set(names) if layers else set(wanted) == set(names)
        require(fits, f"{bag.name} holds the layers {list(names)}, wanted are {list(wanted)}")
    versions = sorted({v for rows in heard.values() for v in _list_versions(rows, wanted)})
    require(
        len(versions) == 1,
        f"the features are of several models: {', '.join(versions)}; a reference serves one only",
    )
    inputs = sorted({row[4].inputs for rows in heard.values() for row in rows if row is not None})
    require(len(inputs) == 1, f"the model was given other inputs in some of the features: {inputs}")
    units = [
        join_readings(f"{bag.name}, {k}", readings)
        for bag, rows in heard.items()
        for k, readings in enumerate(_cut(rows, wanted))
    ]
    steps = np.concatenate([np.diff(unit.stamps) for unit in units] or [np.empty(0)])
    require(len(steps), "no unit of the features has two readings")
    return RecordedUnits(units, versions[0], float(np.median(steps)), inputs[0])


def _list_layers(rows: list[Heard | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row[2] for row in rows if row is not None))


def _list_versions(rows: list[Heard | None], layers: tuple[str, ...]) -> set[str]:
    return {row[1] or "(none)" for row in rows if row is not None and row[2] in layers}


def _cut(rows: list[Heard | None], layers: tuple[str, ...]) -> list[list[Reading]]:
    gatherer, longest = Gatherer(layers), WatchParams().longest_gap
    units: list[list[Reading]] = [[]]
    for row in rows:
        if row is None:
            units.append([])
            continue
        reading = gatherer.put(*row)
        if reading is None:
            continue
        gap = reading.stamp - units[-1][-1].stamp if units[-1] else 0.0
        if abs(gap) > longest:
            units.append([])
        if gap > 0 or not units[-1]:
            units[-1].append(reading)
    return [unit for unit in units if unit]
