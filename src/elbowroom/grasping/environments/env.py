"""The Gymnasium environment: one attempt at grasping an episode, reward 1 for the right lift."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from elbowroom.grasping.environments.action import PERIOD, SIZE, interpret
from elbowroom.grasping.environments.observation import (
    CODE,
    HAND,
    LIMIT,
    HandState,
    arrange,
    describe_hand,
    describe_state,
    state_size,
)
from elbowroom.grasping.environments.tasks import Task, find_task
from elbowroom.grasping.errors import GraspError
from elbowroom.sim.errors import SimulationError
from elbowroom.sim.grasping import CuffScene, GraspScene, GraspSceneParams, draw_items, scatter
from elbowroom.sim.grasping.cuff import draw_sleeve

Single = NDArray[np.float32]

IMAGE = 48
"""Height and width of an image [pixels]."""
START = (0.16, 0.03, 0.05, 0.5)
"""Height of the hand at the start, its spread up and down, aside [m], and of its yaw [rad]."""
_CLEAR = 0.08
"""By which it starts higher over a stand [m]."""
_TRIES = 50


def find_start_height(stand: bool) -> float:
    """Mean height of the hand at the start [m], where there may be a stand and where not."""
    return START[0] + (_CLEAR if stand else 0.0)


class GraspEnv(gymnasium.Env[Any, Single]):
    """Lift an object, or the named one, off a cluttered table.

    The reward is 1 when the right object has been lifted, else 0; the episode ends when any
    object has been lifted, and is cut after `Task.horizon` steps. The action is that of
    `elbowroom.grasping.environments.action`, the observation that of `observation` beside it.
    `info` holds "state" (the state observation), "target" (name, or "") and "success".

    Args:
        task: a task or its name.
        params: settings of the scene.
        obs: "state", or "image": then an observation is {"image": what the camera on the wrist
            sees, shape (IMAGE, IMAGE, 3), "vector": `describe_hand`}.
        render_mode: "rgb_array" or None; `render` gives a picture either way.

    Raises:
        GraspError: if the task, the kind of observation or the render mode is unknown.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 12}  # noqa: RUF012  as Gymnasium has it

    def __init__(
        self,
        task: str | Task = "instance",
        params: GraspSceneParams | None = None,
        obs: str = "state",
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise GraspError(f"a render mode is 'rgb_array' or None, got {render_mode!r}")
        if obs not in ("state", "image"):
            raise GraspError(f"an observation is 'state' or 'image', got {obs!r}")
        self.task = find_task(task) if isinstance(task, str) else task
        self.scene = CuffScene(params) if self.task.cloth else GraspScene(params)
        self._centre = np.array(self.scene.params.field)
        self._ticks = max(1, round(PERIOD * self.scene.params.rate))
        self.obs = obs
        self.observation_space: spaces.Space[Any] = self._space(state_size(self.task))
        self.action_space = spaces.Box(-1.0, 1.0, (SIZE,), np.float32)
        self.render_mode = render_mode
        self._left = 0

    def _space(self, size: int) -> spaces.Space[Any]:
        if self.obs == "state":
            return spaces.Box(-LIMIT, LIMIT, (size,), np.float32)
        return spaces.Dict(
            {
                "image": spaces.Box(0, 255, (IMAGE, IMAGE, 3), np.uint8),
                "vector": spaces.Box(-LIMIT, LIMIT, (HAND + CODE,), np.float32),
            }
        )

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Lay out new objects; `options={"placed": ..., "target": ...}` asks for given ones.

        Where a sleeve lies on the table, `options={"stand": True}` or False says where it is.
        """
        super().reset(seed=seed)
        self._lay_out(options or {})
        self._left = self.task.horizon
        self._closed = False
        objects = self.scene.objects()
        names = [o.item.name for o in objects]
        self.target: str | None = None
        if self.task.named:
            self.target = (options or {}).get("target") or str(self.np_random.choice(names))
        self.order = arrange(objects, self.target, self.scene.hand.position)
        return self._observe(), self._tell(False)

    def _lay_out(self, options: dict[str, Any]) -> None:
        task, rng = self.task, self.np_random
        for attempt in range(_TRIES):
            placed = options.get("placed")
            height, up, aside, turn = START
            try:
                if isinstance(self.scene, CuffScene):
                    stand = options.get("stand", rng.random() < task.stand)
                    draw_sleeve(rng, self.scene, task.reach, bool(stand))
                    height += _CLEAR if stand else 0.0
                    placed = ()
                elif placed is None:
                    items = draw_items(rng, task.count, task.shapes, *task.scale)
                    placed = scatter(rng, items, self._centre, task.reach, task.gap)
                spread = rng.uniform(-1, 1, 3) * (aside, aside, up)
                position = np.array([*self._centre, height]) + spread
                self.scene.reset(tuple(placed), position, float(rng.uniform(-turn, turn)))
                return
            except SimulationError:
                if attempt == _TRIES - 1 or options.get("placed") is not None:
                    raise

    def step(self, action: Single) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Act for `elbowroom.grasping.environments.action.PERIOD` seconds."""
        move = interpret(action, self.scene.hand.yaw, self._closed)
        self._closed = move.closed
        for _ in range(self._ticks):
            self.scene.advance(move.command, move.closed)
        self._left -= 1
        lifted = self.scene.lifted()
        success = bool(lifted) and (self.target is None or self.target in lifted)
        observation = self._observe()
        truncated = self._left <= 0 and not lifted
        return observation, float(success), bool(lifted), truncated, self._tell(success)

    def _observe(self) -> Any:
        hand, objects = self.scene.hand, self.scene.objects()
        state = HandState(hand.position, hand.yaw, hand.opening, self._closed)
        self._state = describe_state(state, objects, self.order, self.task, self._centre)
        if self.obs == "state":
            return self._state
        target = next((o.item for o in objects if o.item.name == self.target), None)
        vector = describe_hand(state, target, self._centre)
        return {"image": self.scene.picture(IMAGE), "vector": vector}

    def render(self) -> Any:
        """What a camera beside the table sees, shape (240, 320, 3)."""
        return self.scene.render()

    def _tell(self, success: bool) -> dict[str, Any]:
        return {"state": self._state, "target": self.target or "", "success": success}

    def close(self) -> None:
        """Close the scene."""
        self.scene.close()
