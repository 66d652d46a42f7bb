"""What every source file keeps to: size, docstrings, nothing of the machine it was written on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 300  # lines
LONGEST_NODE = 120  # lines
TEXT = {".cfg", ".cmake", ".in", ".md", ".msg", ".py", ".rst", ".rviz", ".srv", ".toml", ".txt"}
TEXT |= {".urdf", ".xml", ".yaml", ".yml", ".json"}
SKIPPED = {".git", ".venv", "build", "dist", "install", "log", "__pycache__", "out", "runs"}
KINDS = ("msg", "srv")  # folders of generated modules
MACHINE_PATH = re.compile(r"(?<![\w.$}~/])/(?:work|home|root|Users)/\w")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def list_public(tree: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """Yield the public functions, classes and methods, without those inside functions."""
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from list_public(node)


def is_excused(node: Definition) -> bool:
    """Say whether another definition carries the docstring: an overload, a setter, an override."""
    names = [ast.unparse(decorator) for decorator in node.decorator_list]
    return any(name.split(".")[-1] in {"overload", "setter", "override"} for name in names)


def find_undocumented(text: str) -> list[str]:
    """Return the public names of a module that have no docstring."""
    tree = ast.parse(text)
    found = [] if ast.get_docstring(tree) else ["module"]
    return found + [
        node.name
        for node in list_public(tree)
        if not ast.get_docstring(node) and not is_excused(node)
    ]


def list_texts(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        skipped = SKIPPED & set(path.relative_to(root).parts)
        generated = any(path.is_relative_to(root / "src/elbowroom" / kind) for kind in KINDS)
        if path.suffix in TEXT and path.is_file() and not skipped and not generated:
            yield path


def test_every_public_name_has_a_docstring(source: Path, modules: list[Path]) -> None:
    missing = {
        str(path.relative_to(source)): names
        for path in modules
        if (names := find_undocumented(path.read_text()))
    }
    assert missing == {}


def test_missing_docstrings_are_found() -> None:
    text = '"""M."""\ndef a():\n  def b(): pass\nclass C:\n  """C."""\n  def d(self): pass\n'
    assert find_undocumented(text) == ["a", "d"]


def test_no_module_is_long(root: Path, modules: list[Path]) -> None:
    paths = [*modules, *root.glob("test/**/*.py"), *root.glob("launch/*.py"), root / "setup.py"]
    sizes = {str(path.relative_to(root)): len(path.read_text().splitlines()) for path in paths}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_nodes_are_thin(source: Path) -> None:
    texts = {path.name: path.read_text() for path in source.glob("nodes/*.py")}
    nodes = {name: text for name, text in texts.items() if "\ndef main(" in text}
    sizes = {name: len(text.splitlines()) for name, text in nodes.items()}
    assert {name: size for name, size in sizes.items() if size > LONGEST_NODE} == {}


def test_no_file_names_a_machine_path(root: Path) -> None:
    found = [
        f"{path.relative_to(root)}: {match.group()}"
        for path in list_texts(root)
        if (match := MACHINE_PATH.search(path.read_text()))
    ]
    assert found == []


def test_machine_paths_are_recognised() -> None:
    home = "/" + "home/anna/elbowroom"
    assert MACHINE_PATH.search(f'open("{home}")')
    assert not MACHINE_PATH.search("docs/home/page and $X/home/a and ~/home/a")
