"""How a node's process starts and stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

from nodes.harness import claim_domain

EXECUTABLE = Path(sys.prefix) / "lib" / "elbowroom" / "planner_node"


def run_code(code: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process and a ROS domain of its own."""
    with claim_domain() as domain:
        return subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            timeout=60.0,
            env=os.environ | {"ROS_DOMAIN_ID": str(domain)},
        )


def is_blocked(process: subprocess.Popen[str], number: int) -> bool:
    text = Path(f"/proc/{process.pid}/status").read_text()
    (mask,) = (line.split()[1] for line in text.splitlines() if line.startswith("SigBlk"))
    return bool(int(mask, 16) >> (number - 1) & 1)


@pytest.mark.skipif(not EXECUTABLE.is_file(), reason="the package is not installed")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_libraries_load_stops_the_node_cleanly(number: int) -> None:
    process = subprocess.Popen([EXECUTABLE], stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60.0
    while not is_blocked(process, number) and time.monotonic() < end:
        time.sleep(0.002)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60.0)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


FAILING = """
from rclpy.parameter import Parameter

from elbowroom.nodes.base.runner import run
from elbowroom.nodes.planner_node import PlannerNode

class Node(PlannerNode):
    def _look_out(self):
        raise RuntimeError("beside itself")

    def _say(self, decision, stamp=None):
        super()._say(decision, stamp)
        print(decision.report.reason, *decision.command.linear, flush=True)

def make():
    node = Node(parameter_overrides=[Parameter("name", value="straight")])
    node.trigger_configure()
    node.trigger_activate()
    return node

run(make)
"""


def test_a_callback_that_fails_ends_the_process_with_the_gripper_at_rest() -> None:
    ran = run_code(FAILING)
    assert ran.stdout.splitlines()[-1] == "the planner is not active 0.0 0.0 0.0", ran.stderr
    assert ran.returncode == 1
    assert "RuntimeError: beside itself" in ran.stderr


SERVED = """
from elbowroom.nodes.base.runner import run
from elbowroom.nodes.planner_node import PlannerNode

run(PlannerNode)
"""


def test_a_node_walks_its_lifecycle_by_service_and_ends_cleanly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from elbowroom.nodes.bringup.lifecycle import ACTIVATE, CLEANUP, CONFIGURE, DEACTIVATE, Bringup

    with claim_domain() as domain:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
        process = subprocess.Popen([sys.executable, "-c", SERVED])

        def check() -> None:
            assert process.poll() is None, "the node has ended"

        try:
            with Bringup(check=check) as bringup:
                for transition in (CONFIGURE, ACTIVATE, DEACTIVATE, CLEANUP) * 3:
                    bringup.change(["planner"], transition, 60.0)
            process.send_signal(signal.SIGINT)
            assert process.wait(30.0) == 0
        finally:
            process.kill()


def find_segments(process: subprocess.Popen[bytes]) -> set[Path]:
    """Shared memory of DDS that the process has mapped, ports of a domain aside."""
    maps = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
    paths = {Path(line.split()[-1]) for line in maps if "/dev/shm/fastdds_" in line}
    return {p for p in paths if p.is_file() and not p.name.startswith("fastdds_port")}


def test_nothing_of_a_node_is_left_in_shared_memory() -> None:
    from elbowroom.nodes.bringup.lifecycle import ACTIVATE, CONFIGURE, Bringup

    with claim_domain() as domain, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROS_DOMAIN_ID", str(domain))
        process = subprocess.Popen([sys.executable, "-c", SERVED])
        try:
            with Bringup() as bringup:
                for transition in (CONFIGURE, ACTIVATE):
                    bringup.change(["planner"], transition, 60.0)
            own = find_segments(process)
            if not own:
                pytest.skip("this middleware has no segments of shared memory")
            process.send_signal(signal.SIGINT)
            assert process.wait(30.0) == 0
        finally:
            process.kill()
    assert not [p for p in own if p.exists()]


FINISHED = """
import os, signal, threading

from elbowroom.nodes.base.runner import run
from elbowroom.nodes.planner_node import PlannerNode

def make():
    node = PlannerNode()
    node.trigger_configure()
    node.trigger_shutdown()
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    return node

raise SystemExit(run(make))
"""


def test_a_node_that_was_shut_down_by_service_ends_cleanly() -> None:
    ran = run_code(FINISHED)
    assert ran.returncode == 0, ran.stderr
