"""Which seeds which episodes have, so that nothing is judged by what was learned from.

| first seed | episodes | of training seed s they begin |
|---|---|---|
| `TRAIN` | in which the learner acts | `APART` s later |
| `TEST` | evaluations on the way, `EVALUATION` apart | `APART` s later |
| `PROBE` | in which a guide is measured | `CLOSE` s later |
| `DEMONSTRATIONS` | in which a guide demonstrates | `CLOSE` s later |
| `FINAL` | the last evaluation | the same for every s |
| `FRESH` | `elbowroom grasp evaluate`, s being its own seed | `APART` s later |
"""

from __future__ import annotations

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.training.methods import TrainParams

TRAIN, TEST, PROBE = 0, 500_000_000, 600_000_000
DEMONSTRATIONS, FINAL, FRESH = 700_000_000, 900_000_000, 950_000_000
APART, CLOSE, EVALUATION = 1_000_000, 10_000, 1000
ALONE = EVALUATION // 2
"""By which the episodes of the learner alone come after those of the combined policy."""
SEEDS = 100
"""From this seed on, evaluations on the way would reach the episodes that measure a guide."""


def check_seeds(seed: int, train: TrainParams, demos: int) -> None:
    """Refuse a training in which the same episode would serve two purposes.

    Raises:
        GraspError: if it would.
    """
    evaluations = train.steps // train.evaluate_every + 2
    limits = {
        "the seed": (seed, SEEDS - 1),
        "evaluations (train.steps / train.evaluate_every)": (evaluations, APART // EVALUATION),
        "train.evaluate_episodes": (train.evaluate_episodes, ALONE),
        "train.probe": (train.probe, CLOSE),
        "train.final_episodes": (train.final_episodes, FRESH - FINAL),
        "demonstrations": (demos, APART),
    }
    for what, (value, most) in limits.items():
        if not 0 <= value <= most:
            raise GraspError(
                f"{what} must lie in 0..{most}, got {value}: beyond, a policy would be judged by "
                "episodes that it has learned from"
            )


def check_fresh(episodes: int) -> None:
    """Refuse more fresh episodes than lie between two seeds.

    Raises:
        GraspError: if there are more, or none.
    """
    if not 1 <= episodes <= APART:
        raise GraspError(f"1 to {APART} episodes can be played, got {episodes}")
