"""Makes the trusted reference from the dressings of people nobody else has seen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Params, param
from elbowroom.monitoring.checks import Array, UnitError, require
from elbowroom.monitoring.dressing.channel import ChannelParams, fit_channel
from elbowroom.monitoring.dressing.dressings import DressingReadings, Projection, fit_projection
from elbowroom.monitoring.dressing.quantile import count_needed
from elbowroom.monitoring.sequential.units import autocorrelation_time, summarise_unit
from elbowroom.monitoring.watching.reference import Reference


@dataclass(frozen=True)
class FitParams(Params):
    """What a reference holds."""

    components: int = param(12, "Principal components kept of a layer.", low=1, high=200)
    samples: int = param(600, "Single readings kept for reports.", low=50, high=100_000)
    fit_share: float = param(
        0.5,
        "Share of the people that the alarm is fitted to; the rest calibrates.",
        low=0.1,
        high=0.9,
    )
    least: int = param(12, "Readings below which a dressing is left out.", low=2, high=10_000)


def fit_reference(
    dressings: Sequence[DressingReadings],
    model_version: str,
    period: float,
    params: FitParams | None = None,
    channel: ChannelParams | None = None,
    facts: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Reference:
    """Make a reference.

    Args:
        dressings: one a person, under the conditions of use.
        model_version: of the model whose layers were read.
        period: time between readings [s].
        params: what is kept.
        channel: how the alarm within a dressing is made.
        facts: JSON values that are stored along.
        seed: of the split into people fitted to and calibrated on, and of the samples.

    Raises:
        MonitoringError: if there are too few people, layers differ between dressings, or a layer
            is constant.
    """
    p, alpha = params or FitParams(), (channel or ChannelParams()).alpha
    kept = [d for d in dressings if len(d) >= p.least]
    require(kept, f"none of the {len(dressings)} dressings has {p.least} readings")
    needed = count_needed(p.fit_share, alpha)
    require(
        len(kept) >= needed,
        f"{len(kept)} of {len(dressings)} units have the least of {p.least} readings (keep.least), "
        f"{needed} are needed for alpha = {alpha:g}",
    )
    layers = tuple(kept[0].layers)
    for d in kept:
        require(tuple(d.layers) == layers, f"{d.name} has layers {list(d.layers)}, not {layers}")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(kept))
    fitted = [kept[i] for i in order[: round(p.fit_share * len(kept))]]
    calibrated = [kept[i] for i in order[len(fitted) :]]
    projections = {n: fit_projection([d.layers[n] for d in fitted], p.components) for n in layers}
    alarm = fit_channel(layers, fitted, calibrated, projections, channel)
    # Only of people the projections were not fitted to: a new person is exchangeable with these,
    # and with no others, and the detectors' promises rest on that.
    components = {n: [projections[n].apply(d.layers[n]) for d in calibrated] for n in layers}
    samples, owners = _thin(components, p.samples, rng)
    return Reference(
        model_version=model_version,
        layers=layers,
        period=period,
        tau=period * _find_tau(components),
        projections=projections,
        units={n: np.stack([summarise_unit(x) for x in rows]) for n, rows in components.items()},
        samples=samples,
        owners=owners,
        channel=alarm,
        facts=dict(facts or {})
        | {
            "seed": seed,
            "people": len(kept),
            "people_fitted": len(fitted),
            "people_calibrated": len(calibrated),
            "left_out": len(dressings) - len(kept),
            "data": _hash(kept, projections),
        },
    )


def _thin(
    components: Mapping[str, list[Array]], count: int, rng: np.random.Generator
) -> tuple[dict[str, Array], NDArray[np.int64]]:
    """Readings drawn from all dressings alike, and whose they are."""
    first = next(iter(components.values()))
    each = max(1, count // len(first))
    chosen = [np.sort(rng.choice(len(x), min(each, len(x)), replace=False)) for x in first]
    owners = np.repeat(np.arange(len(first)), [len(c) for c in chosen])
    picked = {
        name: np.concatenate([x[c] for x, c in zip(rows, chosen, strict=True)])
        for name, rows in components.items()
    }
    return picked, owners


def _find_tau(components: Mapping[str, list[Array]]) -> float:
    """Longest autocorrelation time over the layers' first components [readings].

    Where it does not die out within a dressing, the median length of a dressing.
    """
    times = []
    for rows in components.values():
        try:
            times.append(autocorrelation_time([x[:, :4] for x in rows if len(x) > 1]))
        except UnitError:
            # It does not die out within a dressing: the dressing is the unit, as it is here.
            times.append(float(np.median([len(x) for x in rows])))
    return max(times)


def _hash(dressings: Sequence[DressingReadings], projections: Mapping[str, Projection]) -> str:
    digest = hashlib.sha256()
    for d in dressings:
        digest.update(d.name.encode())
        for name in projections:
            digest.update(np.ascontiguousarray(d.layers[name], np.float32).tobytes())
    return digest.hexdigest()[:16]
