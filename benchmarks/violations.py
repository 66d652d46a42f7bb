"""Does the alarm come before the box is violated? A part of benchmarks/monitoring.py.

New people are dressed under planted changes and the alarm is run over what was recorded; dressings
that the folder holds already are kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SHIFTS = (
    "soft_arm",
    "fast_person",
    "baggy_sleeve",
    "stiff_fabric",
    "sensor_bias",
    "sensor_bias:3",
    "sensor_gain",
    "sensor_gain:3",
    "axis_swap",
    "axis_swap:2",
    "adversarial",
    "adversarial:3",
)


def measure_violations(folder: str, delta: float, trials: int, seed: int) -> list[tuple[str, ...]]:
    """Rows of name, figure and target: violations alarmed in time, false-alarmed trials."""
    from elbowroom.campaign.surveillance import survey
    from elbowroom.estimation import EstimatorParams
    from elbowroom.estimation.layers.tap import TapParams

    found = survey(
        list(SHIFTS),
        trials,
        seed,
        Path(folder),
        estimator=EstimatorParams(delta=delta),
        tap=TapParams(),
    )
    return tell_violations(found, delta)


def tell_violations(found: dict[str, Any], delta: float) -> list[tuple[str, ...]]:
    """Those rows from what `survey` returns."""
    changed, quiet = found["changed"], found["shifts"]["none"]
    told = _share(changed["alarmed_before"], changed["violated"])
    people = f"{len(SHIFTS)} changes, delta {delta:g}"
    false = _share(round(quiet["alarmed"] * quiet["trials"]), quiet["trials"])
    return [
        (f"would-be violations alarmed in time, {people}", told, ">= 90 %"),
        ("false-alarmed trials", false, "<= 5 %"),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" = {100 * part / whole:.1f} %" if whole else "")
