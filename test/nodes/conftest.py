from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

rclpy = pytest.importorskip("rclpy", reason="needs ROS 2")

from nodes.harness import Bench, claim_domain  # noqa: E402


@pytest.fixture
def bench() -> Iterator[Bench]:
    with claim_domain() as domain:
        bench = Bench(domain)
        yield bench
        bench.close()


@pytest.fixture(scope="session", autouse=True)
def spare_garbage_collection() -> Iterator[None]:
    """Leave loaded libraries out of the collection that ends every test with nodes."""
    import elbowroom.nodes.estimator_node
    import elbowroom.nodes.grasp_node
    import elbowroom.nodes.grasp_sim_node
    import elbowroom.nodes.planner_node
    import elbowroom.nodes.sim_node  # noqa: F401

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
