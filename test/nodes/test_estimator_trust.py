"""Whom the estimator node speaks of, and whether the monitor lets it promise anything."""

from __future__ import annotations

import math

import pytest

from elbowroom.msg import ElbowBox, InputHealth
from nodes.harness import Bench
from nodes.test_estimator_node import Node, listen_to_box


@pytest.fixture
def node(bench: Bench) -> Node:
    bench.listen("elbow_box")
    node = bench.start(Node)
    bench.send_arm()
    bench.spin_until(lambda: node._tracker._arm is not None)
    return node


@pytest.mark.parametrize("change", [{"forearm": 0.7}, {"upper_arm": math.nan}])
def test_a_refused_arm_takes_the_place_of_the_person_before(
    bench: Bench, node: Node, change: dict[str, float]
) -> None:
    bench.send_all()
    listen_to_box(bench)
    bench.send_arm(**change)
    bench.spin_until(lambda: node._senses.inbox.refused["arm_measurement"] == 1)
    bench.tick()
    bench.send_all()
    bench.spin(0.15)
    assert not bench.heard["elbow_box"]
    assert node.look().level == 2
    assert "the arm measurement was refused" in node.look().message
    bench.send_arm()
    bench.spin_until(lambda: node._tracker._arm is not None)
    bench.tick()
    bench.send_all()
    assert listen_to_box(bench).status == ElbowBox.GUARANTEED


def say_health(bench: Bench, node: Node, level: int, reason: str = "") -> None:
    """Let the monitor speak of what was measured last, and wait until it is heard."""
    bench.tick()
    message = InputHealth(level=level, reason=reason)
    message.header.stamp = bench.stamp()
    bench.publish("input_health", message)
    bench.spin_until(lambda: node._senses.health._reason == reason)


def test_the_monitors_error_voids_the_box(bench: Bench, node: Node) -> None:
    say_health(bench, node, InputHealth.ERROR, "other cloth")
    bench.send_all()
    box = listen_to_box(bench)
    assert box.status == ElbowBox.VOID
    assert "other cloth" in box.reason


def test_the_box_stays_void_until_the_monitor_is_reset(bench: Bench, node: Node) -> None:
    say_health(bench, node, InputHealth.ERROR, "other cloth")
    for level, reason in ((InputHealth.STALE, "not active"), (InputHealth.OK, "")):
        say_health(bench, node, level, reason)
        bench.send_all()
        assert listen_to_box(bench).status == ElbowBox.VOID
    say_health(bench, node, InputHealth.OK, "reset: other cloth")
    bench.tick()
    bench.send_all()
    assert listen_to_box(bench).status == ElbowBox.GUARANTEED


def test_the_next_dressing_takes_the_monitors_alarm_back(bench: Bench, node: Node) -> None:
    say_health(bench, node, InputHealth.ERROR, "other cloth")
    bench.send_all()
    assert listen_to_box(bench).status == ElbowBox.VOID
    bench.tick()
    bench.send_arm()
    bench.spin_until(lambda: not node._senses.health._alarm)
    say_health(bench, node, InputHealth.OK)
    bench.send_all()
    assert listen_to_box(bench).status == ElbowBox.GUARANTEED


def test_a_level_that_is_none_is_refused(bench: Bench, node: Node) -> None:
    bench.publish("input_health", InputHealth(level=17))
    bench.spin_until(lambda: node._senses.inbox.refused["input_health"] == 1)
    assert node.look().values["monitor"].startswith("STALE")
