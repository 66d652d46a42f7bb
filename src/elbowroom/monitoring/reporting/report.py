"""What the monitor saw, written down: rates, ranked readings, violations, a page.

A reading is strange in a layer when its distance to the nearest reference readings exceeds what
95 % of the reference readings have to readings of other dressings. The share of strange readings
over time is drawn beside that of the reference itself (5 % by construction, measured all the
same). A dressing gets a p-value in each layer,

    p = (1 + #{reference dressings at least as far from the others}) / (1 + n),

exact for a dressing exchangeable with the n of the reference; several dressings together are
tested by `layered_test`.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.core import Params, param
from elbowroom.monitoring.checks import Array, MonitoringError, UnitError, require
from elbowroom.monitoring.reporting.page import write_page
from elbowroom.monitoring.sequential.units import summarise_unit
from elbowroom.monitoring.twosample.layered import layered_test
from elbowroom.monitoring.twosample.ranking import (
    nearest_other_distance,
    nearest_reference_distance,
    rank_samples,
)
from elbowroom.monitoring.watching.history import Snapshot
from elbowroom.monitoring.watching.reference import Reference
from elbowroom.monitoring.watching.verdict import Verdict
from elbowroom.monitoring.watching.watch import Watch

PAGE, FIGURES, VIOLATIONS = "index.html", "report.json", "violations.json"
_ROUNDING = 1e-9


@dataclass(frozen=True)
class ReportParams(Params):
    """What a report holds."""

    level: float = param(0.05, "Share of reference readings called strange.", low=1e-4, high=0.5)
    bin: float = param(0.5, "Time over which rates are taken.", unit="s", low=0.05, high=3600.0)
    listed: int = param(30, "Strangest readings that are listed.", low=1, high=10000)
    bag: str = param("", "Recording or recordings that the readings are of.")


def write_report(
    folder: Path, watch: Watch, seen: Snapshot, verdict: Verdict, params: ReportParams
) -> Path:
    """Write page, figures and violations; returns the page.

    Args:
        folder: made if absent; files of an earlier report are replaced.
        watch: whose reference is compared with.
        seen: readings to be reported on.
        verdict: the monitor's own, now.
        params: what is reported.

    Raises:
        MonitoringError: if nothing was seen.
    """
    figures = make_report(watch, seen, verdict, params)
    folder.mkdir(parents=True, exist_ok=True)
    violations = {k: figures[k] for k in ("bag", "reference", "model", "violations", "ranked")}
    _replace(folder / VIOLATIONS, json.dumps(violations, indent=1) + "\n")
    _replace(folder / FIGURES, json.dumps(figures, indent=1) + "\n")
    _replace(folder / PAGE, write_page(figures, watch.reference, seen))
    return folder / PAGE


def make_report(
    watch: Watch, seen: Snapshot, verdict: Verdict, params: ReportParams
) -> dict[str, Any]:
    """All figures of a report as JSON values.

    Raises:
        MonitoringError: if nothing was seen.
    """
    require(len(seen), "nothing was seen yet: there is nothing to report")
    reference = watch.reference
    distance, strange, baseline = _measure(reference, seen, params.level)
    score = np.max(list(distance.values()), axis=0)
    dressings = _judge_dressings(reference, seen, watch.params.least_readings)
    threshold = reference.channel.threshold
    return {
        "bag": params.bag,
        "model": reference.model_version,
        "reference": reference.digest,
        "reference_dressings": len(next(iter(reference.units.values()))),
        "verdict": _plain(asdict(verdict)),
        "readings": len(seen),
        "level": params.level,
        "baseline_rate": baseline,
        "rate": {k: float(v.mean()) for k, v in strange.items()},
        "history": _history(seen, strange, params.bin),
        "dressings": dressings,
        "alarmed": [d["dressing"] for d in dressings if d["score_max"] > threshold],
        "together": _test_together(reference, seen, watch.params.least_readings),
        "violations": _violations(watch, seen),
        "ranked": _rank(seen, distance, score, params),
    }


def _measure(
    reference: Reference, seen: Snapshot, level: float
) -> tuple[dict[str, Array], dict[str, Any], dict[str, float]]:
    """Distances relative to the limit by layer, which readings exceed it, and the baseline."""
    distance, strange, baseline = {}, {}, {}
    for name in reference.layers:
        own = nearest_other_distance(reference.samples[name], reference.owners)
        limit = float(np.quantile(own[::2], 1 - level))
        live = nearest_reference_distance(reference.samples[name], seen.components[name])
        distance[name], strange[name] = live / limit, live > limit
        # The other half of the readings, on which the limit was not set.
        baseline[name] = float(np.mean(own[1::2] > limit))
    return distance, strange, baseline


def _judge_dressings(reference: Reference, seen: Snapshot, least: int) -> list[dict[str, Any]]:
    rows = []
    for number in np.unique(seen.dressing):
        mine = seen.dressing == number
        stamps = seen.stamps[mine]
        row: dict[str, Any] = {
            "dressing": int(number),
            "from_s": float(stamps[0]),
            "to_s": float(stamps[-1]),
            "readings": int(mine.sum()),
            "score_max": float(np.nanmax(seen.scores[mine])),
        }
        if mine.sum() >= least:
            row["p"] = {
                name: _p_value(reference.units[name], summarise_unit(seen.components[name][mine]))
                for name in reference.layers
            }
        rows.append(row)
    return rows


def _p_value(units: Array, unit: Array) -> float:
    """Conformal p-value of one unit's distance to the nearest of the others."""
    # Scaled by all together, or the new one would be treated unlike the others.
    every = np.vstack([units, unit])
    every = every / np.maximum(every.std(axis=0), 1e-9)
    alone = nearest_other_distance(every, np.arange(len(every)))
    # Rounding must not part what is equal: p would be too small by it.
    return float(np.mean(alone >= alone[-1] * (1 - _ROUNDING)))


def _test_together(reference: Reference, seen: Snapshot, least: int) -> dict[str, Any] | None:
    units: dict[str, list[Array]] = {name: [] for name in reference.layers}
    for number in np.unique(seen.dressing):
        mine = seen.dressing == number
        if mine.sum() >= least:
            for name in reference.layers:
                units[name].append(summarise_unit(seen.components[name][mine]))
    count = len(units[reference.layers[0]])
    if count < 2:
        return None
    live = {name: np.stack(rows) for name, rows in units.items()}
    try:
        found = layered_test(reference.units, live, permutations=400)
    except (MonitoringError, UnitError) as error:
        return {"refused": str(error)}
    adjusted = {k: float(v) for k, v in found.adjusted_by_layer.items()}
    return {"dressings": count, "p": float(found.p), "p_by_layer": adjusted}


def _history(seen: Snapshot, strange: dict[str, Any], width: float) -> list[dict[str, Any]]:
    rows = []
    place = np.floor((seen.stamps - seen.stamps.min()) / width)
    for number in np.unique(seen.dressing):
        mine = seen.dressing == number
        for k in np.unique(place[mine]):
            chosen = mine & (place == k)
            rows.append(
                {
                    "dressing": int(number),
                    "stamp_s": float(seen.stamps[chosen].mean()),
                    "rate": {n: float(s[chosen].mean()) for n, s in strange.items()},
                    "score": float(np.nanmax(seen.scores[chosen])),
                    "evidence": float(seen.evidence[chosen].max()),
                }
            )
    return rows


def _violations(watch: Watch, seen: Snapshot) -> list[dict[str, Any]]:
    threshold = watch.reference.channel.threshold
    rows = []
    for number in np.unique(seen.dressing):
        over = np.flatnonzero((seen.dressing == number) & (seen.scores > threshold))
        if len(over):
            rows.append(
                {
                    "dressing": int(number),
                    "bag": seen.recordings[over[0]],
                    "first_stamp_s": float(seen.stamps[over[0]]),
                    "last_stamp_s": float(seen.stamps[over[-1]]),
                    "readings": len(over),
                    "score_max": float(seen.scores[over].max()),
                    "threshold": float(threshold),
                }
            )
    return rows


def _rank(
    seen: Snapshot, distance: dict[str, Array], score: Array, params: ReportParams
) -> list[dict[str, Any]]:
    rows = []
    for i in rank_samples(score, params.listed):
        by_layer = {name: float(d[i]) for name, d in distance.items()}
        rows.append(
            {
                "stamp_s": float(seen.stamps[i]),
                "dressing": int(seen.dressing[i]),
                "distance": float(score[i]),
                "layer": max(by_layer, key=lambda n: by_layer[n]),
                "by_layer": by_layer,
                "bag": seen.recordings[i],
            }
        )
    return rows


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    # JSON has no NaN.
    return {
        k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in values.items()
    }


def _replace(path: Path, text: str) -> None:
    # Two reports may be on their way to one folder: each has files of its own until they are whole.
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        temporary.write_text(text)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
