"""The nodes' parameter files and reference tables, written from their declarations.

`python -m elbowroom.nodes.reference` rewrites the files in config/ and the tables of
docs/nodes.md.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import yaml

from elbowroom.core import Params, describe
from elbowroom.core.params import Declaration
from elbowroom.nodes.graph import NODES, TOPICS, NodeSpec
from elbowroom.nodes.share import find_share


def load_groups(spec: NodeSpec) -> dict[str, type[Params]]:
    """The parameter classes of a node, by group."""
    module = importlib.import_module(spec.module)
    words = "".join(word.title() for word in spec.name.split("_"))
    node = getattr(module, f"{words}Node")
    groups: dict[str, type[Params]] = node.parameter_groups()
    return groups


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


def write_topics() -> str:
    """Every topic as a table."""
    rows = ["| topic | type | QoS | from | to | carries |", "|---|---|---|---|---|---|"]
    for topic in TOPICS.values():
        sources = ", ".join(n for n, spec in NODES.items() if topic.name in spec.publishes)
        sinks = ", ".join(n for n, spec in NODES.items() if topic.name in spec.subscribes)
        kind = topic.type.replace("/msg/", "/")
        ends = f"{sources or '-'} | {sinks or '-'}"
        rows.append(f"| `{topic.name}` | {kind} | {topic.qos} | {ends} | {topic.doc} |")
    return "\n".join(rows)


def write_parameters() -> str:
    """Every parameter of every node as tables."""
    parts = []
    for spec in NODES.values():
        rows = [f"### {spec.name}", "", "| parameter | default | meaning |", "|---|---|---|"]
        for group, cls in load_groups(spec).items():
            for d in describe(cls):
                name = f"{group}.{d.name}" if group else d.name
                rows.append(f"| `{name}` | `{_scalar(d.default)}` | {describe_briefly(d)} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def fill_page(text: str) -> str:
    """The page of the nodes with its tables written anew."""
    for name, write in (("topics", write_topics), ("parameters", write_parameters)):
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        head, rest = text.split(begin, 1)
        text = head + begin + write() + "\n" + end + rest.split(end, 1)[1]
    return text


def write_files() -> Iterator[str]:
    """Rewrite config/ and the tables of docs/nodes.md, yielding the path of every file."""
    config = find_share("config")
    for spec in NODES.values():
        path = config / spec.config
        path.write_text(write_yaml(spec))
        yield str(path)
    page = config.parent / "docs" / "nodes.md"
    if page.is_file():
        page.write_text(fill_page(page.read_text()))
        yield str(page)


if __name__ == "__main__":
    for written in write_files():
        print(written)  # noqa: T201
