"""Time from a wrench's stamp to the box's arrival, with the real nodes as processes over DDS.

    python benchmarks/latency.py [--seconds 60] [--load 1] [--method set] [--json FILE]

Simulator, estimator, planner and monitor run as they do in a dressing; a fifth process, this one,
receives the boxes. The simulator stamps a sample with the wall clock's time of its tick, before it
is computed and sent, so what is measured includes the simulator's step, both hops and the filter.
Stamps lie on a grid of 1/240 s: a stamp of the grid without a box is a drop. `--load N` keeps N
further processes busy on the same cores. The nodes ask for their real-time priority and so does
this process, like the estimator; with `--priority 0` nobody does.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from rclpy.context import Context
from rclpy.node import Node

from elbowroom.nodes.base.executor import LeanExecutor
from elbowroom.nodes.base.qos import interface, profile
from elbowroom.nodes.base.scheduling import Scheduling, SchedulingParams
from elbowroom.nodes.bringup.session import Session
from elbowroom.nodes.graph import DRESSING, TOPICS
from elbowroom.nodes.messages.convert import seconds

RATE = 240.0
_POLICIES = {os.SCHED_OTHER: "other", os.SCHED_FIFO: "fifo", os.SCHED_RR: "rr"}
WARM_UP = 3.0
"""Time at the start that is not counted: connections are still being made [s]."""


class Observer:
    """Receives one topic and notes stamp and time of arrival."""

    def __init__(self, context: Context, topic: str) -> None:
        self.node = Node("observer", context=context)
        self.rows: list[tuple[float, float]] = []
        kind = interface(TOPICS[topic].type)
        self.node.create_subscription(kind, topic, self._receive, profile(topic))
        self.statuses: dict[int, int] = {}

    def _receive(self, message: Any) -> None:
        self.rows.append((seconds(message.header.stamp), time.time()))
        self.statuses[message.status] = self.statuses.get(message.status, 0) + 1


def keep_busy() -> None:
    """Compute for ever, at the priority that any other work on the machine has."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(-os.nice(0))
    while True:
        np.linalg.svd(np.random.default_rng(0).normal(size=(40, 40)))


def observe(duration: float, priority: int) -> tuple[Observer, str]:
    """Receive boxes for a while [s], at a planner's priority; also tells how it was scheduled."""
    context = Context()
    rclpy.init(context=context)
    observer = Observer(context, "elbow_box")
    executor = LeanExecutor(context=context)
    executor.add_node(observer.node)
    executor.create_task(gc.freeze)
    end = time.monotonic() + duration
    observer.node.create_timer(0.1, lambda: time.monotonic() > end and executor.shutdown(0))
    asked = SchedulingParams(priority).of(DRESSING.node("estimator").urgency)
    scheduling = Scheduling(asked)
    refused = scheduling.raise_()
    told = refused or f"{_POLICIES.get(os.sched_getscheduler(0), '?')} {asked}"
    executor.spin()
    scheduling.lower()
    rclpy.shutdown(context=context)
    return observer, told


def summarise(rows: list[tuple[float, float]]) -> dict[str, Any]:
    """Latencies [ms] and drops, of the boxes whose stamps lie on the sensor's grid."""
    stamps, arrivals = np.array(rows).T
    kept = stamps >= stamps[0] + WARM_UP
    stamps, arrivals = stamps[kept], arrivals[kept]
    steps = np.round((stamps - stamps[0]) * RATE).astype(int)
    expected = int(steps[-1]) + 1
    latency = 1e3 * (arrivals - stamps)
    p50, p99, p999 = np.percentile(latency, [50, 99, 99.9])
    return {
        "boxes": len(stamps),
        "expected": expected,
        "dropped": expected - len(np.unique(steps)),
        "seconds": float(stamps[-1] - stamps[0]),
        "rate_hz": (len(stamps) - 1) / float(stamps[-1] - stamps[0]),
        "latency_ms": {
            "p50": round(float(p50), 3),
            "p99": round(float(p99), 3),
            "p99.9": round(float(p999), 3),
            "max": round(float(latency.max()), 3),
        },
    }


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run the graph under load and measure."""
    length = args.seconds + 30.0
    values: dict[str, dict[str, Any]] = {
        "sim": {
            "publish_clock": False,
            "seed": args.seed,
            "cast.motion_duration": min(length, 120.0),
            "sim.max_duration": min(length, 600.0),
        },
        "estimator": {"method": args.method},
        "planner": {"name": args.planner},
    }
    for name in ("sim", "estimator", "planner"):
        values[name]["scheduling.priority"] = args.priority
    busy = [multiprocessing.Process(target=keep_busy, daemon=True) for _ in range(args.load)]
    log = (lambda line: print(line, file=sys.stderr)) if args.verbose else (lambda _: None)
    with Session(DRESSING, values=values, use_sim_time=False, say=log) as session:
        session.start()
        for process in busy:
            process.start()
        observer, told = observe(args.seconds + WARM_UP, args.priority)
        for process in busy:
            process.terminate()
        session.check()
    figures: dict[str, Any] = {"method": args.method, "planner": args.planner, "load": args.load}
    statuses = {str(k): v for k, v in sorted(observer.statuses.items())}
    figures["priority"] = told
    figures["load_average"] = round(os.getloadavg()[0], 1)
    return figures | {"cores": os.cpu_count()} | summarise(observer.rows) | {"statuses": statuses}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="time that is measured [s]")
    parser.add_argument("--load", type=int, default=1, help="busy processes beside the nodes")
    parser.add_argument("--priority", type=int, default=10, help="real-time priority, 0 for none")
    parser.add_argument("--method", default="set", help="estimator")
    parser.add_argument("--planner", default="robust", help="planner")
    parser.add_argument("--seed", type=int, default=0, help="of the dressing")
    parser.add_argument("--json", type=Path, help="file that takes the figures")
    parser.add_argument("--verbose", action="store_true", help="show the nodes' output")
    args = parser.parse_args()
    figures = measure(args)
    print(json.dumps(figures, indent=1))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
