"""The eye: what it learns, what it refuses, and the environment seen through it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from elbowroom.core import ARTEFACTS, ArtefactError
from elbowroom.grasping.environments.env import IMAGE, GraspEnv
from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.seeing.encoder import KINDS, TOLD, VECTOR, Eye, load_eye, save_eye
from elbowroom.grasping.seeing.estimator import SeeingEnv, StateEstimator
from elbowroom.grasping.seeing.frames import collect_frames
from elbowroom.grasping.seeing.teaching import SeeingParams, teach


def test_an_eye_learns_to_tell_where_things_are(tmp_path: Path) -> None:
    frames = collect_frames(150, 0)
    losses: list[float] = []
    eye, taught = teach(
        frames,
        SeeingParams(frames=150, passes=15, batch=32),
        0,
        lambda stage, done, total, loss: losses.append(loss),
    )
    assert len(losses) == 1 + 15
    assert losses[-1] < 0.75 * losses[1]
    assert taught["near_error_m"] < taught["far_error_m"] < 0.05
    save_eye(tmp_path / "eye", eye, taught)
    again = load_eye(tmp_path / "eye")
    kinds, told = again.look(frames.image[0], frames.vector[0])
    shown = np.bincount(frames.segments[0].ravel(), minlength=1 + KINDS)[1:]
    assert set(np.flatnonzero(shown > 5)) <= set(kinds.tolist()) <= set(np.flatnonzero(shown))
    assert told.shape == (len(kinds), TOLD)
    np.testing.assert_array_equal(told, eye.look(frames.image[0], frames.vector[0])[1])


def test_fewer_objects_than_a_batch_are_refused() -> None:
    with pytest.raises(GraspError, match="fewer than a batch"):
        teach(collect_frames(30, 0), SeeingParams(frames=100, batch=4096), 0)


def test_the_same_seed_gives_the_same_frames() -> None:
    a, b = collect_frames(40, 3), collect_frames(40, 3)
    for name in ("image", "vector", "segments", "slots"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_the_eye_refuses_what_is_no_picture() -> None:
    with torch.random.fork_rng():
        estimator = StateEstimator(Eye(), TASKS["instance"])
    picture, vector = np.zeros((IMAGE, IMAGE, 3), np.uint8), np.zeros(VECTOR, np.float32)
    for wrong in (None, picture[:-1], picture.astype(np.float32)):
        with pytest.raises(GraspError, match="an image of"):
            estimator.estimate(wrong, vector)
    with pytest.raises(GraspError, match="finite numbers"):
        estimator.estimate(picture, vector[:-1])


def test_an_empty_picture_shows_nothing() -> None:
    eye = load_eye(ARTEFACTS / "grasp_eye")
    kinds, told = eye.look(np.full((IMAGE, IMAGE, 3), 150, np.uint8), np.zeros(VECTOR, np.float32))
    assert (kinds.shape, told.shape) == ((0,), (0, TOLD))


def test_the_eye_stands_between_image_and_learner(tmp_path: Path) -> None:
    env = SeeingEnv(GraspEnv("instance", obs="image"), Eye().eval())
    seen, info = env.reset(seed=0)
    assert env.observation_space.contains(seen)
    assert env.observation_space.shape == info["state"].shape
    env.close()
    with pytest.raises(ArtefactError):
        load_eye(tmp_path)
