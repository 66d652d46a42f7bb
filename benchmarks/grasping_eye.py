"""How well the eye and the tracker estimate the state, and what a guide can do with the estimate.

    python benchmarks/grasping_eye.py --episodes 100

The scripted guide, which is without error on the true state, acts by the estimate: its success
bounds what a policy on images can reach. Where the object is not yet seen it goes forward.
"""

from __future__ import annotations

import argparse
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.environments.observation import HAND, LENGTH, SLOT

Array = NDArray[np.float64]

FIRST = 650_000_000
EDGES = (0.0, 0.01, 0.02, 0.05, 0.10, 0.15, 1.0)
FORWARD = np.array([1, 0, 0.3, 0, -1], np.float32)


def main() -> None:
    """Print a line a task, and the errors by distance."""
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--eye", type=Path, help="folder of an eye; by default the one that ships")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--tasks", default="instance,indiscriminate,hard")
    given = parser.parse_args()
    rows = [r for t in given.tasks.split(",") for r in measure(t, given.eye, given.episodes)]
    show(np.array(rows))


def measure(task: str, eye: Path | None, episodes: int) -> list[tuple[float, ...]]:
    """Play; returns distance, level error, error of the height [m], of the turn [rad], a step."""
    from elbowroom.grasping.worlds import make_env

    env: Any = make_env(task, "image", eye)
    rows: list[tuple[float, ...]] = []
    wins = hidden = steps = 0
    began = time.process_time()
    for k in range(episodes):
        found, won, unseen, taken = play(env, FIRST + k)
        rows += found
        wins, hidden, steps = wins + won, hidden + unseen, steps + taken
    rate = steps / (time.process_time() - began)
    print(
        f"{task}: success {wins / episodes:.2f}, not in the first picture {hidden / episodes:.2f}, "
        f"{rate:.0f} steps a second of CPU",
        flush=True,
    )
    env.close()
    return rows


def play(env: Any, seed: int) -> tuple[list[tuple[float, ...]], bool, bool, int]:
    """One episode: errors, success, whether the object was hidden at first, steps."""
    from elbowroom.grasping.guides.scripted import ScriptedGuide

    guide = ScriptedGuide()
    guide.reset(np.random.default_rng(seed))
    seen, info = env.reset(seed=seed)
    hidden, over = seen[HAND] == 0, False
    rows, steps = [], 0
    while not over:
        known = seen[HAND] > 0
        if known:
            rows.append(compare(seen, info["state"], bool(info["target"])))
        action = guide.act(seen, {"state": seen}) if known else FORWARD
        seen, _, ended, cut, info = env.step(action)
        over, steps = ended or cut, steps + 1
    return rows, info["success"], hidden, steps


def compare(seen: Array, state: Array, named: bool) -> tuple[float, ...]:
    """Errors of the first object of an estimate; without a name, of what is nearest to it."""
    told, slots = seen[HAND : HAND + SLOT], state[HAND:].reshape(-1, SLOT)
    apart = np.hypot(*(slots[:, 1:3] - told[1:3]).T)
    true = slots[0 if named else int(apart.argmin())]
    turn = np.arctan2(told[7], told[8]) - np.arctan2(true[7], true[8])
    turned = np.abs(true[7:9]).sum() > 0
    return (
        LENGTH * float(np.hypot(*true[1:3])),
        LENGTH * float(np.hypot(*(told - true)[1:3])),
        LENGTH * float(abs(told[3] - true[3])),
        abs(float((turn + np.pi) % (2 * np.pi) - np.pi)) if turned else np.nan,
    )


def show(rows: Array) -> None:
    """Print the errors by distance."""
    for low, high in pairwise(EDGES):
        part = rows[(rows[:, 0] >= low) & (rows[:, 0] < high)]
        if not len(part):
            continue
        level = 1000 * part[:, 1]
        print(
            f"{100 * low:.0f} to {100 * high:.0f} cm, {len(part)} steps: level {level.mean():.1f} "
            f"mean, {np.median(level):.1f} median, {np.percentile(level, 90):.1f} mm 90 %; height "
            f"{1000 * part[:, 2].mean():.1f} mm; turn (k times) {np.nanmean(part[:, 3]):.2f} rad"
        )


if __name__ == "__main__":
    main()
