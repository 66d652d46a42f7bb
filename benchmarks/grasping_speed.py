"""Steps a second of the grasp environments, in CPU time of one core, without resets.

    OMP_NUM_THREADS=1 python benchmarks/grasping_speed.py --episodes 120

"mixed": every other episode by the clumsy guide, the rest by random actions; "guide": by the guide
alone, which touches more.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from elbowroom.grasping.environments.env import GraspEnv
from elbowroom.grasping.guides.named import CLUMSY
from elbowroom.grasping.guides.scripted import ScriptedGuide

CASES = (
    ("indiscriminate", "state"),
    ("instance", "state"),
    ("hard", "state"),
    ("instance", "image"),
    ("cuff", "state"),
)
WARM = 3
"""Episodes before the first that counts: kernels are compiled in them."""


def measure(task: str, obs: str, mixed: bool, episodes: int) -> list[float]:
    """Steps a second of every episode."""
    env, guide = GraspEnv(task, obs=obs), ScriptedGuide(*CLUMSY)
    rates = []
    for k in range(WARM + episodes):
        observation, info = env.reset(seed=k)
        rng = np.random.default_rng([k, 1])
        guide.reset(rng)
        spent, steps, over = 0.0, 0, False
        while not over:
            by_chance = mixed and k % 2
            action = rng.uniform(-1, 1, 5) if by_chance else guide.act(observation, info)
            began = time.process_time()
            observation, _, ended, cut, info = env.step(action.astype(np.float32))
            spent += time.process_time() - began
            steps, over = steps + 1, ended or cut
        rates.append(steps / spent)
    env.close()
    return rates[WARM:]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=120)
    p = parser.parse_args()
    print("| task | sees | who acts | quietest episode | median |\n|---|---|---|---|---|")
    for task, obs in CASES:
        for mixed in (True, False):
            rates = measure(task, obs, mixed, p.episodes)
            who = "mixed" if mixed else "guide"
            print(f"| {task} | {obs} | {who} | {max(rates):.0f} | {np.median(rates):.0f} |")


if __name__ == "__main__":
    main()
