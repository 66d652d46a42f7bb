"""A changed sensor, from the simulator through all nodes to a gripper that stands still."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

from rclpy.serialization import deserialize_message

from elbowroom.msg import ElbowBox, InputHealth, PlanState
from elbowroom.nodes.base.qos import interface
from elbowroom.nodes.bringup.session import Session
from elbowroom.nodes.graph import DRESSING, TOPICS
from elbowroom.nodes.recording.recorder import Recorder
from nodes.harness import claim_domain

WATCHED = {"input_health", "elbow_box", "plan_state", "gripper_command"}
# Offsets of the wrist sensor far beyond those of any dressing calibrated on [N, N m].
SHIFT = {"sim.bias_force": 5.0, "sim.bias_torque": 0.5}


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What the nodes say of a shifted sensor, until the planner has stopped for a while."""
    heard: list[tuple[str, Any]] = []

    def listen(topic: str, data: bytes) -> None:
        if topic in WATCHED:
            heard.append((topic, deserialize_message(data, interface(TOPICS[topic].type))))

    def is_over() -> bool:
        stops = [m for t, m in heard[-40:] if t == "plan_state"]
        return len(stops) >= 10 and all("monitor" in m.reason for m in stops)

    with claim_domain() as domain:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
        # Slow enough that boxes are in time on a machine that has other things to do.
        values = {"sim": {"seed": 3, "speed": 0.2, **SHIFT}}
        end = time.monotonic() + 90.0
        with (
            Session(DRESSING, values=values, say=lambda _: None) as session,
            Recorder(DRESSING, tmp_path / "bag", listen=listen),
        ):
            session.start()
            session.wait(lambda: is_over() or time.monotonic() > end)
    return heard


def test_a_shifted_sensor_voids_the_box_and_stops_the_gripper(said: list[tuple[str, Any]]) -> None:
    def find(topic: str, begin: int, level: str, value: int, reason: str) -> int:
        for k, (name, message) in enumerate(said[begin:], begin):
            if name == topic and getattr(message, level) == value and reason in message.reason:
                return k
        raise AssertionError(f"no {topic} with {level} {value} and {reason!r} after {begin}")

    promised = find("elbow_box", 0, "status", ElbowBox.GUARANTEED, "")
    alarm = find("input_health", promised, "level", InputHealth.ERROR, "unlike all calibrated on")
    void = find("elbow_box", alarm, "status", ElbowBox.VOID, "the inputs have changed")
    stop = find("plan_state", alarm, "state", PlanState.STOPPED, "the monitor reports an error")
    after = [m for t, m in said[max(void, stop) + 1 :] if t == "gripper_command"]
    assert len(after) >= 5
    assert np.all([[v.x, v.y, v.z] == [0.0, 0.0, 0.0] for v in (m.twist.linear for m in after)])
    assert all(m.status == ElbowBox.VOID for t, m in said[void:] if t == "elbow_box")
    box = said[void][1]
    assert np.isnan(box.delta)
    # Void, it is every place that the arm's lengths allow.
    assert max(box.size.x, box.size.y, box.size.z) > 0.3
