"""The policy and the eye that ship: an object is lifted by what the wrist camera shows alone."""

from __future__ import annotations

import numpy as np
import pytest

from elbowroom.grasping.environments.observation import HAND, LENGTH, state_size
from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.guides.scripted import ScriptedGuide
from elbowroom.grasping.networks.policy import default_policy
from elbowroom.grasping.seeing.estimator import find_eye
from elbowroom.grasping.training.evaluation import evaluate
from elbowroom.grasping.worlds import make_env

EPISODES = 8


def test_the_policy_that_ships_lifts_the_right_object_by_images() -> None:
    policy = default_policy("image")
    assert (policy.facts["obs"], policy.task.name) == ("image", "instance")
    assert policy.observation == state_size(TASKS["instance"])
    env = make_env("instance", "image")
    assert evaluate(env, policy, None, 0, EPISODES, seed=5)["success"] >= 0.75
    env.close()


def test_the_policy_that_ships_takes_no_other_eye() -> None:
    policy, eye = default_policy("image"), find_eye(TASKS["instance"], None)
    policy.check_eye(eye.version)
    assert policy.facts["inputs"] == {"eye": eye.version}
    with pytest.raises(GraspError, match=f"through the eye {eye.version}, this is 0123456789ab"):
        policy.check_eye("0123456789ab")


def test_the_eye_that_ships_tells_places_to_millimetres_near_the_fingers() -> None:
    env = make_env("instance", "image")
    near: list[float] = []
    for seed in range(4):
        guide = ScriptedGuide()
        guide.reset(np.random.default_rng(seed))
        seen, info = env.reset(seed=seed)
        over = False
        while not over:
            true = info["state"][HAND + 1 : HAND + 3]
            if np.hypot(*true) * LENGTH < 0.05:
                near.append(LENGTH * float(np.hypot(*(seen[HAND + 1 : HAND + 3] - true))))
            seen, _, ended, cut, info = env.step(guide.act(seen, info))
            over = ended or cut
    env.close()
    assert len(near) > 20
    assert np.mean(near) < 0.005
