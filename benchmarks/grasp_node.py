"""How often the real nodes lift the object they are asked for, one arrangement after another.

    python benchmarks/grasp_node.py --arrangements 30 --task instance --control guide

Simulator and grasping node run as processes; every object is asked for by the service.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from std_srvs.srv import Trigger
from tqdm import tqdm

from elbowroom.msg import GraspState
from elbowroom.nodes.bringup.grasping import Customer
from elbowroom.nodes.bringup.session import Session
from elbowroom.nodes.graph import GRASPING


def main() -> None:
    """Run the nodes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arrangements", type=int, default=30)
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--task", default="instance")
    parser.add_argument("--obs", default="state")
    parser.add_argument("--control", default="guide")
    parser.add_argument("--horizon", type=int, default=0)
    parser.add_argument("--attempts", type=int, default=3)
    parser.add_argument("--speed", type=float, default=1.0)
    p = parser.parse_args()
    values: dict[str, dict[str, Any]] = {
        "grasp_sim": {"seed": p.seed, "task": p.task, "speed": p.speed},
        "grasp": {"task": p.task, "obs": p.obs, "control": p.control, "horizon": p.horizon}
        | {"retry.attempts": p.attempts},
    }
    if p.obs == "state":
        values["grasp_sim"]["image_rate"] = 0.0
    rows = []
    with Session(GRASPING, values=values, say=lambda line: None) as session:
        session.start()
        with Customer(check=session.check) as customer:
            for _ in tqdm(range(p.arrangements)):
                rows.append(customer.ask("", timeout=300.0))
                customer.call("grasp_sim/shuffle", Trigger.Request())
                # The first list of the new objects comes after the simulator's start delay.
                time.sleep(1.5)
    show(rows)


def show(rows: list[GraspState]) -> None:
    """Print what became of the requests."""
    won = [r for r in rows if r.success]
    first = [r for r in won if r.attempts == 1]
    print(f"held up: {len(won)} of {len(rows)}, at the first attempt {len(first)}")
    if won:
        print(f"steps of the attempt that did it: {np.mean([r.step for r in won]):.1f} mean")
    for reason in sorted({r.reason for r in rows if not r.success}):
        print(f"  not held up: {reason} ({sum(r.reason == reason for r in rows)})")


if __name__ == "__main__":
    main()
