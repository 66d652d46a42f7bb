"""From images to the estimated state: the eye, and the tracker that remembers what it saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from elbowroom.core import ARTEFACTS
from elbowroom.grasping.environments.env import GraspEnv
from elbowroom.grasping.environments.observation import LIMIT, state_size
from elbowroom.grasping.environments.tasks import Task
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.seeing.encoder import Eye, load_eye
from elbowroom.grasping.seeing.tracker import Tracker

Single = NDArray[np.float32]


def find_eye(task: Task, folder: Path | None = None) -> Eye:
    """The eye for a task.

    Args:
        task: what is to be seen.
        folder: of the eye; None for the one that ships.

    Raises:
        GraspError: if the one that ships was not taught the objects of the task.
        ArtefactError: if the folder holds no eye.
    """
    if folder is None and task.cloth:
        raise GraspError(f"the eye that ships was not taught the objects of the task {task.name}")
    return load_eye(folder or ARTEFACTS / "grasp_eye")


class StateEstimator:
    """Estimates the state observation of a task from images.

    Args:
        eye: tells what is in an image.
        task: says how many objects there are places for.
    """

    def __init__(self, eye: Eye, task: Task) -> None:
        self._eye, self._tracker = eye, Tracker(task.count)

    def reset(self) -> None:
        """Begin an episode: forget what was seen."""
        self._tracker.reset()

    def estimate(self, image: NDArray[np.uint8], vector: Single) -> Single:
        """The state as far as it has been seen, shape (`state_size(task)`,).

        Args:
            image: of the camera on the wrist, shape (IMAGE, IMAGE, 3).
            vector: `describe_hand`, shape (VECTOR,).

        Raises:
            GraspError: if image or vector are missing or of another shape.
        """
        return self._tracker.update(vector, *self._eye.look(image, vector))


class SeeingEnv(gymnasium.ObservationWrapper[Single, Single, Any]):
    """An image environment whose observations are the estimated state.

    Args:
        env: gives images.
        eye: tells what is in them.

    Attributes:
        eye_version: of the eye.
    """

    def __init__(self, env: GraspEnv, eye: Eye) -> None:
        super().__init__(env)
        self.eye_version = eye.version
        self._estimator = StateEstimator(eye, env.task)
        size = state_size(env.task)
        self.observation_space = gymnasium.spaces.Box(-LIMIT, LIMIT, (size,), np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Single, dict[str, Any]]:
        """Begin an episode; see `GraspEnv.reset`."""
        self._estimator.reset()
        return super().reset(seed=seed, options=options)

    def observation(self, observation: dict[str, Any]) -> Single:
        """The state as far as it has been seen."""
        return self._estimator.estimate(observation["image"], observation["vector"])
