"""The tasks under ids of Gymnasium: elbowroom/Grasp-Instance-v0 and so on.

Importing this module registers them, which an id preceded by the module does as well:
`gymnasium.make("elbowroom.grasping.registration:elbowroom/Grasp-Instance-v0")`.
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


for _task, _name in IDS.items():
    if _name not in registry:  # where the module is loaded a second time
        register(
            _name,
            entry_point="elbowroom.grasping.environments.env:GraspEnv",
            kwargs={"task": _task},
        )
