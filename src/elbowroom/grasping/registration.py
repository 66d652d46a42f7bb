"""The tasks under ids of Gymnasium: elbowroom/Grasp-Instance-v0 and so on.

Where the package is installed by pip, `gymnasium.make("elbowroom/Grasp-Instance-v0")` is enough.
Elsewhere the id is preceded by this module: "elbowroom.grasping.registration:elbowroom/...".
"""

from __future__ import annotations

from gymnasium.envs.registration import register, registry

IDS = {
    "indiscriminate": "elbowroom/Grasp-Indiscriminate-v0",
    "instance": "elbowroom/Grasp-Instance-v0",
    "hard": "elbowroom/Grasp-Hard-v0",
    "cuff": "elbowroom/Grasp-Cuff-v0",
}
"""Id by task; `make` takes the arguments of `GraspEnv`, such as obs="image"."""


def register_tasks() -> None:
    """Register every task that is not registered yet."""
    for task, name in IDS.items():
        if name not in registry:
            register(name, entry_point="elbowroom.grasping.env:GraspEnv", kwargs={"task": task})


register_tasks()
