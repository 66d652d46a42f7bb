"""A grasping node that sees a simulated table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from elbowroom.nodes.grasp_node import GraspNode
from nodes.harness import Bench
from nodes.tabletop import HEARD, Tabletop, see, start


@pytest.fixture
def node(bench: Bench) -> GraspNode:
    bench.listen(*HEARD)
    return start(bench)


@pytest.fixture
def table(bench: Bench, node: GraspNode) -> Iterator[Tabletop]:
    table = Tabletop(bench)
    see(bench, node, table)
    yield table
    table.close()
