"""Figures as tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def show_figures(title: str, figures: Mapping[str, str]) -> None:
    """Print names and values, one row each."""
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="left")
    for name, value in figures.items():
        table.add_row(name, value)
    Console().print(table)


def show_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table whose first column names the rows."""
    table = Table(title=title, title_justify="left")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def percent(share: float | None, digits: int = 1) -> str:
    """A share of 1 as per cent, or a dash."""
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def centimetres(metres: float | None) -> str:
    """A length [m] as centimetres, or a dash."""
    return "-" if metres is None else f"{100 * metres:.1f} cm"


def number(value: Any, unit: str = "", digits: int = 2) -> str:
    """A number with its unit, or a dash."""
    return "-" if value is None else f"{value:.{digits}f} {unit}".rstrip()
