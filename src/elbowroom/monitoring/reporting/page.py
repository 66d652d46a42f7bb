"""A report as one page of HTML that needs nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.monitoring.checks import Array
from elbowroom.monitoring.dressing.channel import UNSCORED
from elbowroom.monitoring.reporting.svg import draw_lines, draw_points
from elbowroom.monitoring.twosample.embedding import embed
from elbowroom.monitoring.watching.history import Snapshot
from elbowroom.monitoring.watching.reference import Reference
from elbowroom.monitoring.watching.verdict import Level

_DRAWN = 150
_LEAST = 8
_PAUSE = 0.5  # drawn between two dressings [s]
_COLOURS = {0: "#0c9a5b", 1: "#d99a00", 2: "#be123c", 3: "#555b64"}
_NAMES = {0: "OK", 1: "WARN", 2: "ERROR", 3: "STALE"}
_STYLE = (
    "body{font:14px/1.5 sans-serif;max-width:820px;margin:2em auto;color:#26292f}"
    "table{border-collapse:collapse;margin:.6em 0}td,th{padding:2px 10px;text-align:right;"
    "border-bottom:1px solid #e6e8ec}td:first-child,th:first-child{text-align:left}"
    "h2{margin-top:1.6em;font-size:1.1em}.level{color:#fff;padding:2px 10px;border-radius:4px}"
)


def write_page(figures: dict[str, Any], reference: Reference, seen: Snapshot) -> str:
    """The page of the figures that `make_report` made."""
    parts = [
        _head(figures),
        "<h2>Strange readings over time</h2>",
        f"<p>Share of readings farther from the reference than {1 - figures['level']:.0%} of the "
        f"reference's own readings are from other dressings.</p>",
        _draw_history(figures),
        "<h2>Alarm within a dressing</h2>",
        _draw_scores(figures, seen),
        "<h2>Layers</h2>",
        _list_layers(figures),
        "<h2>Dressings</h2>",
        _list_dressings(figures, reference.layers),
        "<h2>Reference and live readings</h2>",
        *[_draw_picture(reference, seen, name) for name in reference.layers],
        "<h2>Strangest readings</h2>",
        _list_ranked(figures),
    ]
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<title>Input monitor</title><style>{_STYLE}</style></head><body>"
        f"{''.join(parts)}</body></html>\n"
    )


def _head(figures: dict[str, Any]) -> str:
    verdict = figures["verdict"]
    alarmed, count = len(figures["alarmed"]), len(figures["dressings"])
    # A dressing that alarmed is not made good by the next one.
    level = int(Level.ERROR if alarmed else verdict["level"])
    rows = [
        ("verdict", f"{verdict['reason'] or 'the inputs look as calibrated on'}"),
        ("dressings that alarmed", f"{alarmed} of {count}"),
        ("evidence over dressings", f"{verdict['e_value']:.4g} of {verdict['threshold']:.4g}"),
        ("dressings seen", f"{verdict['units_seen']}"),
        ("readings", f"{figures['readings']}"),
        ("model", figures["model"]),
        ("reference", f"{figures['reference'][:12]}, {figures['reference_dressings']} dressings"),
        ("recording", figures["bag"] or "-"),
    ]
    together = figures["together"]
    if together and "p" in together:
        rows.append((f"all {together['dressings']} dressings together", f"p = {together['p']:.3g}"))
    return (
        f"<h1>Input monitor <span class='level' style='background:{_COLOURS[level]}'>"
        f"{_NAMES[level]}</span></h1>" + _table((), rows)
    )


def _draw_history(figures: dict[str, Any]) -> str:
    history = figures["history"]
    number = np.array([h["dressing"] for h in history])
    time = _line_up(np.array([h["stamp_s"] for h in history]), number)
    rates = {n: np.array([h["rate"][n] for h in history]) for n in figures["rate"]}
    series = {name: _gapped(time, rate, number) for name, rate in rates.items()}
    baseline = float(np.mean(list(figures["baseline_rate"].values())))
    return draw_lines(series, "time within the dressings [s]", "rate", {"reference": baseline})


def _draw_scores(figures: dict[str, Any], seen: Snapshot) -> str:
    scores = np.where(seen.scores > UNSCORED, seen.scores, np.nan)
    curve = _gapped(_line_up(seen.stamps, seen.dressing), scores, seen.dressing)
    threshold = figures["verdict"]["dressing_threshold"]
    levels = {"alarm": threshold} if threshold is not None else {}
    return draw_lines({"score": curve}, "time within the dressings [s]", "score", levels)


def _draw_picture(reference: Reference, seen: Snapshot, name: str) -> str:
    known = _thin(reference.samples[name])
    live = _thin(seen.components[name])
    if len(known) + len(live) < _LEAST:
        return ""
    placed = embed(np.vstack([known, live]))
    groups = {"reference": placed[: len(known)], "live": placed[len(known) :]}
    return f"<p>{escape(name)} (t-SNE)</p>" + draw_points(groups)


def _list_layers(figures: dict[str, Any]) -> str:
    rows = [
        (n, f"{figures['rate'][n]:.1%}", f"{figures['baseline_rate'][n]:.1%}")
        for n in figures["rate"]
    ]
    return _table(("layer", "strange readings", "in the reference"), rows)


def _list_dressings(figures: dict[str, Any], layers: Sequence[str]) -> str:
    rows = [
        (
            f"{d['dressing']}",
            f"{d['from_s']:.2f}",
            f"{d['to_s'] - d['from_s']:.2f}",
            f"{d['score_max']:.3g}",
            *(f"{d['p'][n]:.3f}" if "p" in d else "-" for n in layers),
        )
        for d in figures["dressings"]
    ]
    names = ("dressing", "from [s]", "length [s]", "largest score", *(f"p, {n}" for n in layers))
    return _table(names, rows)


def _list_ranked(figures: dict[str, Any]) -> str:
    rows = [
        (f"{r['stamp_s']:.3f}", f"{r['dressing']}", f"{r['distance']:.2f}", r["layer"], r["bag"])
        for r in figures["ranked"]
    ]
    return _table(("stamp [s]", "dressing", "distance / limit", "layer", "recording"), rows, 4)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]], link: int = -1) -> str:
    head = "".join(f"<th>{escape(n)}</th>" for n in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(c, i == link)}</td>" for i, c in enumerate(r)) + "</tr>"
        for r in rows
    )
    return f"<table>{f'<tr>{head}</tr>' if names else ''}{body}</table>"


def _cell(text: str, linked: bool) -> str:
    if linked and text:
        # From the page's folder, the name of a file given elsewhere leads nowhere.
        uri = Path(os.path.expanduser(text)).absolute().as_uri()
        return f"<a href='{uri}'>{escape(text)}</a>"
    return escape(text)


def _line_up(stamps: Array, dressing: Array) -> Array:
    """Time since the first reading [s], every dressing a little after the one before."""
    placed, begin = np.empty(len(stamps)), 0.0
    for number in np.unique(dressing):
        mine = dressing == number
        placed[mine] = begin + stamps[mine] - stamps[mine].min()
        begin = float(placed[mine].max()) + _PAUSE
    return placed


def _gapped(x: Array, y: Array, dressing: Array) -> tuple[Array, Array]:
    breaks = np.flatnonzero(np.diff(dressing)) + 1
    return np.insert(x, breaks, np.nan), np.insert(y, breaks, np.nan)


def _thin(rows: Array) -> Array:
    step = max(1, int(np.ceil(len(rows) / _DRAWN)))
    return rows[::step]
