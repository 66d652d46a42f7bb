"""The nodes' parameters as YAML and as tables, written from their declarations.

`python -m elbowroom.nodes.reference` rewrites the files in config/.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import yaml

from elbowroom.core import Params, describe
from elbowroom.core.params import Declaration
from elbowroom.nodes.graph import NODES, NodeSpec
from elbowroom.nodes.share import find_share


def load_groups(spec: NodeSpec) -> dict[str, type[Params]]:
    """The parameter classes of a node, by group."""
    module = importlib.import_module(spec.module)
    node = getattr(module, f"{spec.name.title()}Node")
    return dict(node.groups)


def write_yaml(spec: NodeSpec) -> str:
    """A node's parameter file: every parameter with its default and what it means."""
    lines = [
        f"# Parameters of the node {spec.name}, which {spec.doc}.",
        "# Every value below is the default; a file given as params_file needs only what differs.",
        f"/**/{spec.name}:",
        "  ros__parameters:",
    ]
    for group, cls in load_groups(spec).items():
        if group:
            lines += ["", f"    # {(cls.__doc__ or '').splitlines()[0]}", f"    {group}:"]
        indent = "      " if group else "    "
        for d in describe(cls):
            lines += [f"{indent}# {describe_briefly(d)}", f"{indent}{d.name}: {_scalar(d.default)}"]
    return "\n".join(lines) + "\n"


def describe_briefly(d: Declaration) -> str:
    """One line: meaning, unit, bounds."""
    text = d.doc.rstrip(".")
    if d.choices:
        text += f"; one of {', '.join(map(str, d.choices))}"
    if d.low is not None or d.high is not None:
        low = "-inf" if d.low is None else f"{d.low:g}"
        high = "inf" if d.high is None else f"{d.high:g}"
        text += f"; {low} to {high}"
    return f"{text} [{d.unit}]" if d.unit else text


def _scalar(value: Any) -> str:
    plain = list(value) if isinstance(value, tuple) else value
    return yaml.safe_dump(plain, default_flow_style=True, width=1000).removesuffix("...\n").strip()


def write_files() -> Iterator[str]:
    """Rewrite config/, yielding the path of every file."""
    for spec in NODES.values():
        path = find_share("config") / spec.config
        path.write_text(write_yaml(spec))
        yield str(path)


if __name__ == "__main__":
    for written in write_files():
        print(written)  # noqa: T201
