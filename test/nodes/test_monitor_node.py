"""The monitor node, in process, with a reference made of made-up dressings."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from std_srvs.srv import Trigger

from elbowroom.monitoring import attendant
from elbowroom.monitoring.watching.reference import save_reference
from elbowroom.msg import GraspState, InputHealth, LayerFeatures
from elbowroom.nodes.messages import convert
from elbowroom.nodes.monitor_node import MonitorNode
from monitoring.made import VERSION, draw_readings, make_reference
from nodes.harness import Bench


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    save_reference(folder, make_reference())
    return folder


@pytest.fixture
def node(bench: Bench, folder: Path, tmp_path: Path) -> MonitorNode:
    return start(bench, folder, tmp_path)


def start(bench: Bench, folder: Path, tmp_path: Path) -> Any:
    bench.listen("input_health", "/diagnostics")
    return bench.start(
        MonitorNode,
        keep__reference=str(folder),
        keep__report=str(tmp_path / "report"),
        keep__state=str(tmp_path / "state"),
        watch__run_length=50.0,
    )


def dress(
    bench: Bench, node: Any, seed: int, version: str = VERSION, arm: bool = True, **how: Any
) -> None:
    """Publish one dressing, at its own stamps, and wait until the node has judged all of it."""
    if arm:
        bench.send_arm()
        bench.spin(0.05)
    begin = bench.time
    for reading in draw_readings(seed, begin=begin, **how):
        bench.set_time(reading.stamp)
        for layer, values in reading.layers.items():
            head = convert.header(bench.stamp(), "")
            bench.publish(
                "features",
                LayerFeatures(header=head, model_version=version, layer=layer, values=values),
            )
    state = node._attendant
    bench.spin_until(lambda: len(state._state.rows) + state._state.refused >= 48)


def health(bench: Bench, level: int) -> InputHealth:
    """The newest verdict once one of this level came."""
    bench.spin_until(lambda: any(m.level == level for m in bench.heard["input_health"]))
    chosen = [m for m in bench.heard["input_health"] if m.level == level]
    bench.heard["input_health"].clear()
    return chosen[-1]


def call(bench: Bench, node: Any, name: str) -> Any:
    client = bench.probe.create_client(Trigger, f"/monitor/{name}")
    bench.spin_until(client.service_is_ready)
    answer = client.call_async(Trigger.Request())
    bench.spin_until(answer.done)
    bench.probe.destroy_client(client)
    return answer.result()


def test_silence_is_stale_and_features_are_ok(bench: Bench, node: MonitorNode) -> None:
    assert "no features yet" in health(bench, InputHealth.STALE).reason
    dress(bench, node, 700)
    verdict = health(bench, InputHealth.OK)
    assert verdict.reference_hash == node._attendant.watch.reference.digest
    assert list(verdict.layers) == ["input", "hidden"]
    assert verdict.dressing_score < verdict.dressing_threshold
    assert verdict.tau > 0
    bench.tick(1.0)
    assert "no features for" in health(bench, InputHealth.STALE).reason


def test_a_change_is_an_error_at_the_stamp_of_the_features(bench: Bench, node: MonitorNode) -> None:
    begin = bench.time
    dress(bench, node, 3, shift=12.0)
    verdict = health(bench, InputHealth.ERROR)
    assert begin + 1.0 <= convert.seconds(verdict.header.stamp) < begin + 2.0
    assert "unlike all calibrated on" in verdict.reason
    node._health.publish()
    report = next(m.status[0] for m in bench.wait("/diagnostics") if m.status[0].name == "monitor")
    assert report.level == b"\x02"
    values = {v.key: v.value for v in report.values}
    assert {"e-value", "threshold", "units seen", "tau [s]", "reference", "layer input"} <= set(
        values
    )
    assert values["model"] == VERSION
    # It lasts while the person is the same, and ends with the dressing.
    bench.tick(3.0)
    health(bench, InputHealth.ERROR)
    dress(bench, node, 700)
    health(bench, InputHealth.OK)


def test_an_attempt_to_grasp_begins_and_ends_a_unit(bench: Bench, node: MonitorNode) -> None:
    def tell(state: int, attempts: int, length: int) -> None:
        message = GraspState(state=state, request=1, attempts=attempts)
        bench.publish("grasp_state", message)
        bench.spin_until(lambda: len(node._attendant._state.rows) == length)

    dress(bench, node, 700)
    # Said for every decision: only the first and the last of an attempt mean something here.
    tell(GraspState.GRASPING, 1, 0)
    assert node._attendant.judge(0.0).units_seen == 1
    dress(bench, node, 701, arm=False)
    tell(GraspState.GRASPING, 1, 48)
    tell(GraspState.DONE, 1, 0)
    assert node._attendant.judge(0.0).units_seen == 2


def test_a_reset_takes_the_alarm_back(bench: Bench, node: MonitorNode) -> None:
    dress(bench, node, 3, shift=12.0)
    health(bench, InputHealth.ERROR)
    answer = call(bench, node, "reset")
    assert answer.success
    assert "unlike" in answer.message
    heard = bench.heard["input_health"]
    bench.spin_until(lambda: any(m.level == InputHealth.WARN for m in heard))
    told = [m for m in heard if m.level in (InputHealth.OK, InputHealth.WARN)]
    # By this very word the estimator and the planner take the alarm back.
    assert told[0].level == InputHealth.OK
    assert told[0].reason.startswith("reset: this dressing is unlike")
    assert told[1].reason == "this dressing's alarm was taken back"


def test_a_report_is_written_on_demand(bench: Bench, node: MonitorNode, tmp_path: Path) -> None:
    assert not call(bench, node, "report").success
    dress(bench, node, 3, shift=12.0)
    answer = call(bench, node, "report")
    assert answer.success
    page = tmp_path / "report" / "index.html"
    assert answer.message == f"{page} is being written"
    bench.spin_until(page.exists)
    assert (tmp_path / "report" / "violations.json").exists()


def test_a_report_does_not_hold_up_the_watch(
    bench: Bench, node: MonitorNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, write = threading.Event(), attendant.write_report

    def write_late(*args: Any) -> Path:
        assert gate.wait(20.0)
        return write(*args)

    monkeypatch.setattr(attendant, "write_report", write_late)
    dress(bench, node, 700)
    try:
        assert call(bench, node, "report").success
        bench.heard["input_health"].clear()
        # Features are heard, an alarm is raised, and the verdict is renewed all the while.
        dress(bench, node, 3, shift=12.0)
        health(bench, InputHealth.ERROR)
        bench.wait("input_health", count=5)
        refused = call(bench, node, "report")
        assert not refused.success
        assert "a report is being written" in refused.message
        assert not (tmp_path / "report").exists()
    finally:
        gate.set()
    bench.spin_until((tmp_path / "report" / "index.html").exists)
    told = node._attendant
    bench.spin_until(lambda: told.describe(told.judge(0.0))["last report"] != "")


def test_features_of_another_model_are_named(bench: Bench, node: MonitorNode) -> None:
    dress(bench, node, 700, version="other")
    bench.tick(1.0)
    bench.spin_until(lambda: any("of model other" in m.reason for m in bench.heard["input_health"]))


def test_what_is_known_survives_a_restart(
    bench: Bench, node: MonitorNode, folder: Path, tmp_path: Path
) -> None:
    dress(bench, node, 700)
    dress(bench, node, 701)
    assert node.trigger_deactivate().name == "SUCCESS"
    assert node.trigger_cleanup().name == "SUCCESS"
    before = node._attendant.judge(0.0)
    assert before.units_seen == 1
    again = start(bench, folder, tmp_path)
    after = again._attendant.judge(0.0)
    assert after.units_seen >= 1
    assert again.trigger_deactivate().name == "SUCCESS"


def test_a_tampered_reference_keeps_the_node_unconfigured(
    bench: Bench, folder: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in folder.iterdir():
        (broken / path.name).write_bytes(path.read_bytes())
    blob = (broken / "model.safetensors").read_bytes()
    (broken / "model.safetensors").write_bytes(blob[:-1] + bytes([blob[-1] ^ 1]))
    node = bench.start(MonitorNode, active=False, keep__reference=str(broken))
    assert node.trigger_configure().name == "FAILURE"
