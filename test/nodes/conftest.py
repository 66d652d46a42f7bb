from __future__ import annotations

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
