"""Plots as SVG text, so that a page needs no other file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from elbowroom.monitoring.checks import Array, IntArray

WIDTH, HEIGHT = 760, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 12, 40
COLOURS = ("#2f5fd0", "#0c9a5b", "#c2410c", "#7c3aed", "#0891b2", "#be123c")

Series = Mapping[str, tuple[Array, Array]]


def draw_lines(
    series: Series, x_label: str, y_label: str, levels: Mapping[str, float] | None = None
) -> str:
    """Lines over a common axis.

    Args:
        series: x and y by name; gaps where y is not finite.
        x_label: of the axis across.
        y_label: of the axis up.
        levels: horizontal lines by name.
    """
    levels = {k: v for k, v in (levels or {}).items() if np.isfinite(v)}
    frame = _Frame([xy for xy in series.values() if len(xy[0])], tuple(levels.values()))
    parts = [frame.axes(x_label, y_label)]
    for i, (name, (x, y)) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        for run in _runs(y):
            points = " ".join(f"{frame.x(x[j]):.1f},{frame.y(y[j]):.1f}" for j in run)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        parts.append(_legend(i, name, colour))
    for name, value in levels.items():
        at = frame.y(value)
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}" '
            f'stroke="#8a9099" stroke-dasharray="4 3"/>'
            f'<text x="{WIDTH - _RIGHT}" y="{at - 3:.1f}" text-anchor="end">{escape(name)}</text>'
        )
    return _wrap(parts)


def draw_points(groups: Mapping[str, Array], x_label: str = "", y_label: str = "") -> str:
    """Points in the plane, shape (n, 2) by name; later groups lie over earlier ones."""
    kept = [(g[:, 0], g[:, 1]) for g in groups.values() if len(g)]
    frame = _Frame(kept, (), HEIGHT * 2)
    parts = [frame.axes(x_label, y_label)]
    for i, (name, points) in enumerate(groups.items()):
        colour = "#b6bcc6" if i == 0 else COLOURS[(i - 1) % len(COLOURS)]
        parts += [
            f'<circle cx="{frame.x(a):.1f}" cy="{frame.y(b):.1f}" r="2.5" fill="{colour}"/>'
            for a, b in points
        ]
        parts.append(_legend(i, name, colour))
    return _wrap(parts, HEIGHT * 2)


class _Frame:
    def __init__(
        self, curves: Sequence[tuple[Array, Array]], levels: Sequence[float], height: int = HEIGHT
    ) -> None:
        xs = np.concatenate([np.asarray(x, float) for x, _ in curves] or [np.array([0.0, 1.0])])
        ys = np.concatenate([np.asarray(y, float) for _, y in curves] + [np.array([*levels])])
        self._height = height
        self._x, self._y = _padded(xs), _padded(ys)

    def x(self, value: float) -> float:
        """Place of a value across."""
        low, high = self._x
        return float(_LEFT + (value - low) / (high - low) * (WIDTH - _LEFT - _RIGHT))

    def y(self, value: float) -> float:
        """Place of a value down."""
        low, high = self._y
        room = self._height - _TOP - _BOTTOM
        return float(_TOP + (high - value) / (high - low) * room)

    def axes(self, x_label: str, y_label: str) -> str:
        """Frame, end values and names."""
        floor, end = self._height - _BOTTOM, WIDTH - _RIGHT
        return (
            f'<path d="M{_LEFT} {_TOP}V{floor}H{end}" fill="none" stroke="#8a9099"/>'
            f'<text x="{_LEFT}" y="{floor + 14}">{self._x[0]:.4g}</text>'
            f'<text x="{end}" y="{floor + 14}" text-anchor="end">{self._x[1]:.4g}</text>'
            f'<text x="{_LEFT - 4}" y="{floor}" text-anchor="end">{self._y[0]:.3g}</text>'
            f'<text x="{_LEFT - 4}" y="{_TOP + 8}" text-anchor="end">{self._y[1]:.3g}</text>'
            f'<text x="{(_LEFT + end) / 2}" y="{floor + 14}" text-anchor="middle">'
            f"{escape(x_label)}</text>"
            f'<text transform="translate(12 {(_TOP + floor) / 2}) rotate(-90)" '
            f'text-anchor="middle">{escape(y_label)}</text>'
        )


def _padded(values: Array) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _runs(y: Array) -> list[IntArray]:
    good = np.flatnonzero(np.isfinite(y))
    return [run for run in np.split(good, np.flatnonzero(np.diff(good) > 1) + 1) if len(run)]


def _legend(index: int, name: str, colour: str) -> str:
    x = _LEFT + 10 + 130 * index
    return f'<text x="{x}" y="{_TOP + 6}" fill="{colour}">{escape(name)}</text>'


def _wrap(parts: Sequence[str], height: int = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="11" fill="#26292f">{"".join(parts)}</svg>'
    )
