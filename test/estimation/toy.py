"""A small arm without a simulator: enough like a dressing for the learned estimators to learn."""

from __future__ import annotations

import numpy as np

from elbowroom.core import Trial

RATE = 240.0
LEVERS = np.random.default_rng(11).normal(0, 0.4, (3, 7))


def draw_trial(seed: int, duration: float = 2.0) -> Trial:
    """A swinging upper arm pulled by a gripper whose force leans towards the elbow."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(duration * RATE)) / RATE
    length, forearm = rng.uniform(0.24, 0.31), rng.uniform(0.22, 0.28)
    shoulder = np.array([0.0, 0, 1.0]) + 0.01 * _wave(rng, time)
    direction = np.array([0.7, -0.3, -0.6]) + 0.25 * (_wave(rng, time) - _wave(rng, time[:1]))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    elbow = shoulder + length * direction
    ahead = np.array([0.9, 0.1, 0.3]) + 0.1 * _wave(rng, time)
    wrist = elbow + forearm * ahead / np.linalg.norm(ahead, axis=1, keepdims=True)
    share = np.clip(time / duration, 0, 1)[:, None]
    gripper = wrist + share * (elbow - wrist) + [0, 0, 0.05]
    force = 15 * (elbow - gripper) + rng.normal(0, 0.1, (len(time), 3))
    seen = np.arange(len(time)) % 8 == 0
    # A stream of their own: the optional inputs leave everything else of a seed as it is.
    others = np.random.default_rng([seed, 1])
    progress = share[:, 0] * forearm + others.normal(0, 0.003) + others.normal(0, 0.01, len(time))
    effort = force @ LEVERS + others.normal(0, 0.3, 7) + others.normal(0, 0.3, (len(time), 7))
    return Trial(
        time=time,
        force=force,
        torque=0.1 * force[:, ::-1],
        gripper_position=gripper,
        gripper_orientation=np.tile([0.0, 0, 0, 1], (len(time), 1)),
        shoulder=_camera(rng, shoulder, seen, 0.004),
        sighting=_camera(rng, elbow, seen & (time < 0.25), 0.004),
        wrist=_camera(rng, wrist, seen & (time % 1.0 < 0.5), 0.004),
        true_elbow=elbow,
        true_shoulder=shoulder,
        true_wrist=wrist,
        true_force=force,
        true_progress=share[:, 0] * forearm,
        true_threaded=np.ones(len(time)),
        progress=np.where(seen & (time % 1.1 > 0.4), progress, np.nan),
        effort=np.where((seen & (time % 1.3 < 0.7))[:, None], effort, np.nan),
        facts={
            "person": seed,
            "upper_arm": length + rng.normal(0, 0.004),
            "forearm": forearm + rng.normal(0, 0.004),
            "garment": {"kind": "toy"},
            "motion": {"kind": "swing"},
        },
    )


def run(estimator, samples, arm):
    """Every estimate of an estimator over samples."""
    state, found = estimator.start(arm), []
    for sample in samples:
        state, estimate = estimator.step(state, sample)
        found.append(estimate)
    return found


def _wave(rng: np.random.Generator, time: np.ndarray) -> np.ndarray:
    phase, rate = rng.uniform(0, 6.3, 3), rng.uniform(1.0, 3.0, 3)
    return np.sin(time[:, None] * rate + phase)


def _camera(rng, points, seen, noise):
    rows = np.full_like(points, np.nan)
    rows[seen] = points[seen] + rng.normal(0, noise, (int(seen.sum()), 3))
    return rows
