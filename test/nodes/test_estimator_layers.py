"""What the estimator node publishes of its network, with the model that ships."""

from __future__ import annotations

import pytest

from elbowroom.nodes.estimator_node import EstimatorNode
from elbowroom.nodes.messages import convert
from nodes.harness import ELBOW, Bench


def test_the_layers_are_published_with_the_stamp_of_their_wrench(bench: Bench) -> None:
    bench.listen("features", "elbow_box")
    node = bench.start(EstimatorNode, features__layers="hidden,sensor", features__every=2)
    bench.send_arm()
    bench.spin_until(lambda: node._tracker._arm is not None)
    stamps = []
    for _ in range(60):
        head = convert.header(bench.stamp(), "world")
        bench.publish("elbow_sighting", convert.point_message(head, ELBOW))
        bench.send_all()
        stamps.append(bench.stamp())
        bench.tick()
    bench.spin_until(lambda: len(bench.heard["features"]) >= 6)
    heard = bench.heard["features"]
    assert [m.layer for m in heard[:4]] == ["hidden", "sensor", "hidden", "sensor"]
    assert all(m.header.stamp in stamps for m in heard)
    assert {m.model_version for m in heard} == {node._tracker._estimator.model.version}
    members = node._tracker._estimator.model.ensemble.members
    widths = {m.layer: len(m.values) for m in heard}
    assert widths["hidden"] == members * node._tracker._estimator.model.ensemble.hidden
    apart = convert.seconds(heard[2].header.stamp) - convert.seconds(heard[0].header.stamp)
    assert apart == pytest.approx(2 / 24, abs=1 / 240)
