"""`python -m elbowroom.nodes <name> [--ros-args ...]`: run one node of the graph."""

from __future__ import annotations

import importlib
import sys

from elbowroom.nodes.base.signals import block_signals
from elbowroom.nodes.graph import NODES


def start(arguments: list[str]) -> int:
    """Run the node named first; returns its exit code."""
    if not arguments or arguments[0] not in NODES:
        sys.stderr.write(f"which node? one of {sorted(NODES)}\n")
        return 2
    # From here on a signal waits until the node can stop cleanly.
    block_signals()
    module = importlib.import_module(NODES[arguments[0]].module)
    return int(module.main(arguments))


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
