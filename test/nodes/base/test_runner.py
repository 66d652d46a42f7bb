"""How a node's process starts and stops."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

EXECUTABLE = Path(sys.prefix) / "lib" / "elbowroom" / "planner_node"


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
