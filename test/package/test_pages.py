"""Pages say what they mean: nothing in them waits to be filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

MARKER = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
WORD = re.compile(r"[A-Z][A-Z0-9_]*")


def find_placeholders(text: str) -> list[str]:
    """Return the lines that wait: marked ones, and rows or lines of one word in capitals."""
    return [line for line in text.splitlines() if MARKER.search(line) or is_placeholder(line)]


def is_placeholder(line: str) -> bool:
    cells = [cell.strip(" *`") for cell in line.strip().strip("|").split("|")]
    filled = [cell for cell in cells if cell]
    return len(filled) == 1 and WORD.fullmatch(filled[0]) is not None and len(filled[0]) > 1


def list_pages(root: Path) -> list[Path]:
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def test_no_page_waits_to_be_filled_in(root: Path) -> None:
    found = {p.name: lines for p in list_pages(root) if (lines := find_placeholders(p.read_text()))}
    assert found == {}


@pytest.mark.parametrize(
    "line", ["| FIGURES |", "|  | ROWS |  |", "TABLE_HERE", "a TODO remains", "<!-- FIXME -->"]
)
def test_placeholders_are_recognised(line: str) -> None:
    assert find_placeholders(line) == [line]


@pytest.mark.parametrize("line", ["| VOID | the box is the prior |", "| a | b |", "", "A", "|---|"])
def test_plain_rows_are_none(line: str) -> None:
    assert find_placeholders(line) == []
