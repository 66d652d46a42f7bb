"""A monitor beside the grasping node: the policy's features reach it, and its word is obeyed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from elbowroom.grasping.networks.policy import load_policy
from elbowroom.monitoring.dressing.dressings import DressingReadings
from elbowroom.monitoring.watching.fit import FitParams, fit_reference
from elbowroom.monitoring.watching.reference import save_reference
from elbowroom.nodes.monitor_node import MonitorNode
from nodes.grasp.test_grasp_policy import make_policy
from nodes.harness import Bench
from nodes.tabletop import HEARD, Tabletop, ask, is_still, run, see, start, wait_for_reason


def make_reference(folder: Path, version: str) -> str:
    """A reference of attempts in which the layers held something else altogether."""
    rng = np.random.default_rng(0)
    attempts = [
        DressingReadings(
            str(k),
            np.arange(10) / 12,
            {name: 50 + rng.normal(size=(10, 16)) for name in ("body.2", "body.5")},
        )
        for k in range(60)
    ]
    reference = fit_reference(attempts, version, 1 / 12, FitParams(components=4, least=6))
    save_reference(folder, reference)
    return str(folder)


def test_strange_features_stop_the_gripper(bench: Bench, tmp_path: Path) -> None:
    policy = make_policy(tmp_path / "policy")
    version = load_policy(Path(policy)).version
    reference = make_reference(tmp_path / "reference", version)
    bench.listen(*HEARD)
    node = start(bench, control="exploration", policy=policy)
    monitor = bench.start(MonitorNode, keep__reference=reference)
    table = Tabletop(bench)
    see(bench, node, table)
    ask(node, "")
    states = run(table, node, 4)
    while not any(s.reason == "the policy acts" for s in states):
        states += run(table, node, 1)
    bench.spin_until(lambda: bool(node._eyes.alarm))
    assert monitor._attendant._state.refused == 0
    stopped = wait_for_reason(bench, "the inputs have changed: this dressing is unlike")
    assert "body." in stopped.reason
    assert is_still(bench.heard["gripper_command"][-1])
    table.close()
