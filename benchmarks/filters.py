"""Every filter on the learned pendulum: coverage, size and time of a step.

Run `python benchmarks/filters.py`; prints one line a filter.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from elbowroom.estimation.filters.kalman import ExtendedKalmanFilter
from elbowroom.estimation.filters.learned import LearnedModel
from elbowroom.estimation.filters.particle import ParticleFilter
from elbowroom.estimation.filters.system import BoxPrior, Filter, System, step
from elbowroom.estimation.filters.unscented import UnscentedKalmanFilter
from elbowroom.estimation.filters.zonotopic import ZonotopicFilter, ZonotopicSettings
from elbowroom.models.systems.pendulum import Pendulum, Swings, learn_pendulum, swing

PENDULUM = Pendulum()
START = np.array([0.1, 0.3])
CASES: tuple[tuple[Filter, str], ...] = (
    (ExtendedKalmanFilter(), "none"),
    (UnscentedKalmanFilter(), "none"),
    (ParticleFilter(), "none"),
    (ZonotopicFilter(), "proved"),
    (ZonotopicFilter(), "sampled"),
    (ZonotopicFilter(), "none"),
    (ZonotopicFilter(ZonotopicSettings(beta=3.0)), "proved"),
)


def learn(curvature: str) -> System:
    """The pendulum's system learned from 60 swings."""
    rng = np.random.default_rng(1)
    f, g = learn_pendulum(swing(PENDULUM, 60, 40, rng), rng)
    noise, gauge = np.array(PENDULUM.noise), np.array([PENDULUM.sensor_noise])
    torque, root = np.array([[0.0], [0.0], [1.0]]), np.sqrt(3.0)
    dynamics = LearnedModel(
        f, np.eye(2), np.eye(2), np.eye(3, 2), torque, noise, noise / root, curvature
    )
    measurement = LearnedModel(
        g,
        np.zeros((1, 2)),
        np.eye(1),
        np.eye(1, 2),
        np.zeros((1, 1)),
        gauge,
        gauge / root,
        curvature,
    )
    return System(dynamics, measurement, BoxPrior(np.array([-2.5, -9.0]), np.array([2.5, 9.0])))


def judge(filter_: Filter, system: System, swings: Swings) -> str:
    """Coverage by step and trajectory, mean sides, microseconds a step."""
    inside, sides, begun = [], [], time.process_time()
    for i, states in enumerate(swings.states):
        start = states[0] + START * np.random.default_rng(i).uniform(-1, 1, 2)
        belief = filter_.start(start - START, start + START)
        for k, torque in enumerate(swings.torques[i]):
            value = swings.measurements[i, k + 1]
            belief = step(filter_, system, belief, torque, value, np.zeros(1))
            low, high = belief.hull()
            inside.append(bool(np.all((low <= states[k + 1]) & (states[k + 1] <= high))))
            sides.append(high - low)
    spent = 1e6 * (time.process_time() - begun) / len(inside)
    whole = np.reshape(inside, swings.torques.shape[:2]).all(axis=1).mean()
    width = np.mean(sides, axis=0)
    return (
        f"{np.mean(inside):.4f} {whole:.3f} {width[0]:.4f} rad {width[1]:.3f} rad/s {spent:.0f} us"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trajectories", type=int, default=40)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    swings = swing(PENDULUM, options.trajectories, options.steps, rng)
    systems = {curvature: learn(curvature) for _, curvature in CASES}
    print("filter beta curvature: inside by step, by trajectory, mean sides, time")
    for filter_, curvature in CASES:
        beta = getattr(filter_.settings, "beta", "-") if "zkf" in filter_.name else "-"
        figures = judge(filter_, systems[curvature], swings)
        print(f"{filter_.name:9} {beta!s:4} {curvature:8}: {figures}", flush=True)


if __name__ == "__main__":
    main()
