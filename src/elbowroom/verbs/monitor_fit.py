"""Make the trusted reference of the monitor from recorded dressings of people, or from bags.

Record dressings under the conditions of use, one a person, of people that the model was neither
trained nor calibrated on: the promise of the alarm holds for people exchangeable with these. With
`--bags` the features are taken as a node published them, those of a policy that grasps for
instance, and every attempt is a unit. A reference serves one version of the model only; after
training or calibrating, fit anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from elbowroom.core import Params, param
from elbowroom.estimation import EstimatorParams
from elbowroom.estimation.layers.tap import TapParams
from elbowroom.monitoring.dressing.channel import ChannelParams
from elbowroom.monitoring.watching.fit import FitParams
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import show_figures


@dataclass(frozen=True)
class MonitorFitParams(Params):
    """From what the reference is made and where it goes."""

    recorded: str = param(
        "data/trials/monitor", "folders of recorded dressings, separated by commas"
    )
    bags: str = param(
        "",
        "instead of these: bags with features, or folders of such bags, separated by commas; of "
        "all layers in them unless features.layers is given",
    )
    artefacts: str = param("", "folder of learned artefacts; empty for those that ship")
    inputs: str = param("none", "optional inputs of the estimator")
    folder: str = param("runs/artefacts/elbow_monitor", "where the reference is written")
    people: int = param(0, "use only so many dressings, 0 for all", low=0, high=1_000_000)
    workers: int = param(0, "processes, 0 for one per core", low=0, high=1024)


GROUPS = {"": MonitorFitParams, "features": TapParams, "keep": FitParams, "alarm": ChannelParams}
RESUME = "the same command starts again; the reference is replaced at the end only"


class Source(NamedTuple):
    """What a reference is made of: units, model version, time between readings [s], facts."""

    units: list[Any]
    version: str
    period: float
    facts: dict[str, Any]


def run(options: Options) -> dict[str, Any]:
    """Read, fit, write, print."""
    from elbowroom.monitoring.watching.fit import fit_reference
    from elbowroom.monitoring.watching.reference import load_reference, save_reference
    from elbowroom.monitoring.watching.watch import Watch

    p = options.of(MonitorFitParams)
    source = _read_bags(options) if p.bags else _read_dressings(options)
    reference = fit_reference(
        source.units,
        source.version,
        source.period,
        options.of(FitParams),
        options.of(ChannelParams),
        source.facts,
        options.seed,
    )
    # Refuses a reference that is too small for the detector over units.
    Watch(reference)
    folder = Path(p.folder)
    save_reference(folder, reference)
    reference = load_reference(folder, source.version)
    channel, size = reference.channel, sum(f.stat().st_size for f in folder.iterdir())
    whom = "units" if p.bags else "people"
    show_figures(
        f"Reference in {folder}",
        {
            "model": reference.model_version,
            "layers": ", ".join(reference.layers),
            whom: f"{reference.facts['people']}, {channel.people} of them calibrate the alarm",
            "false alarms promised": f"at most {channel.params.alpha:g} of new {whom}",
            "threshold": f"{channel.threshold:.3f}",
            "tau": f"{reference.tau:.2f} s",
            "sha256": reference.digest[:12],
            "size": f"{size / 1e6:.2f} MB",
        },
    )
    return {"digest": reference.digest, "threshold": channel.threshold, "tau_s": reference.tau} | {
        **reference.facts,
        "bytes": size,
    }


def _read_dressings(options: Options) -> Source:
    from elbowroom.campaign.readings import open_tap, read_many
    from elbowroom.campaign.recordings import check_people, find_recordings

    p, tap = options.of(MonitorFitParams), options.of(TapParams)
    estimator = EstimatorParams(artefacts=p.artefacts, inputs=p.inputs)
    paths = find_recordings(p.recorded)
    paths = paths[: p.people or None]
    check_people(paths, estimator)
    dressings = read_many(paths, estimator, tap, p.workers)
    _, opened = open_tap(estimator, tap)
    return Source(dressings, opened.version, opened.period, {"inputs": opened.inputs})


def _read_bags(options: Options) -> Source:
    from elbowroom.nodes.recording.units import find_bags, read_units

    p, given = options.of(MonitorFitParams), options.given
    named = options.of(TapParams).layers if "features.layers" in given else ""
    found = read_units(find_bags(p.bags), [n.strip() for n in named.split(",") if n.strip()])
    facts = {"inputs": found.inputs} if found.inputs else {}
    return Source(found.units[: p.people or None], found.version, found.period, facts)
