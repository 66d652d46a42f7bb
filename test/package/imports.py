"""Reads imports out of source text, without running it."""

from __future__ import annotations

import ast
from pathlib import Path


def name_module(path: Path, source: Path) -> str:
    """Return the dotted name of the module at `path` below the package folder `source`."""
    parts = path.relative_to(source.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def resolve_base(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    """Return the absolute name that `from X import` in `module` refers to."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, node.module] if node.module else kept)


def list_imports(text: str, module: str, *, is_package: bool = False) -> set[str]:
    """Return the absolute dotted names that the source of `module` imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_base(node, module, is_package=is_package)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return found


def list_package_imports(source: Path, modules: list[Path]) -> dict[str, set[str]]:
    """Return what each module imports, by dotted module name."""
    return {
        name_module(path, source): list_imports(
            path.read_text(),
            name_module(path, source),
            is_package=path.name == "__init__.py",
        )
        for path in modules
    }
