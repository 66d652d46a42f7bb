"""One dressing by the real nodes as processes, recorded and watched."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rclpy.serialization import deserialize_message

from elbowroom.campaign.run import RunParams
from elbowroom.core import PlanMode
from elbowroom.nodes.base.qos import interface
from elbowroom.nodes.bringup.bagging import record
from elbowroom.nodes.bringup.lifecycle import BringupError
from elbowroom.nodes.bringup.session import Session
from elbowroom.nodes.graph import DRESSING, TOPICS
from elbowroom.nodes.messages import convert
from elbowroom.nodes.recording import scenery
from elbowroom.nodes.recording.scenery import Scenery
from elbowroom.view.robot import read_urdf

_AFTER = 0.3
_SILENCE = 20.0
_NEEDED = ("truth/sleeve", "arm_measurement", "plan_state")


class Watch:
    """Follows a dressing from its messages: how far it is, and whether it is over.

    Args:
        params: when a dressing ends.

    Attributes:
        over: why it ended, or empty.
        share: of the way or of the time, whichever is more, 0..1.
        words: where it is.
    """

    def __init__(self, params: RunParams) -> None:
        self._params = params
        self._kinds = {name: interface(TOPICS[name].type) for name in _NEEDED}
        self._goal, self._begin, self._stopped = math.inf, -1.0, math.inf
        self.over, self.share, self.words = "", 0.0, "starting the nodes"
        self.heard = time.monotonic()

    def listen(self, topic: str, data: bytes) -> None:
        """Take a message in."""
        self.heard = time.monotonic()
        if topic not in self._kinds or self.over:
            return
        message = deserialize_message(data, self._kinds[topic])
        if topic == "arm_measurement":
            arm = convert.read_arm(message)
            self._goal = arm.forearm + self._params.goal_share * arm.upper_arm
        elif topic == "plan_state":
            self._judge_plan(message)
        else:
            self._judge_sleeve(message)

    def _judge_plan(self, message: Any) -> None:
        now = convert.seconds(message.header.stamp)
        if self._begin < 0 or now < self._begin:
            # Before the first measurement the planner stands still, and rightly so.
            return
        if message.state == PlanMode.DONE:
            self.over = "arrived"
        if message.state != PlanMode.STOPPED:
            self._stopped = math.inf
            return
        self._stopped = min(self._stopped, now)
        if now - self._stopped > self._params.patience:
            self.over = f"stopped: {message.reason}"

    def _judge_sleeve(self, message: Any) -> None:
        now = convert.seconds(message.header.stamp)
        self._begin = now if self._begin < 0 else self._begin
        lasted = now - self._begin
        self.share = min(max(message.progress / self._goal, lasted / self._params.max_duration), 1)
        self.words = f"{lasted:.1f} s, cuff {100 * message.progress:.0f} cm up the arm"
        if message.past_elbow and message.progress >= self._goal:
            self.over = "arrived"
        elif lasted >= self._params.max_duration:
            self.over = "time"


def run_nodes(
    folder: Path,
    values: Mapping[str, Mapping[str, Any]],
    params: RunParams,
    *,
    tell: Callable[[float, str], None] = lambda share, words: None,
    page: Any = None,
) -> str:
    """Start the nodes of a simulated dressing and record every topic until it is over.

    Args:
        folder: gets `bag/` and `nodes.log`.
        values: parameters by node and name.
        params: when the dressing ends.
        tell: called now and then with the share done and words.
        page: a `WebScene` to be kept up to date, or None.

    Returns:
        How it ended: "arrived", "time" or "stopped: ...".

    Raises:
        BringupError: if a node dies, does not come up or falls silent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    watch, mirror = Watch(params), Mirror(page) if page is not None else None
    tell(0.0, watch.words)

    def listen(topic: str, data: bytes) -> None:
        watch.listen(topic, data)
        if mirror is not None:
            mirror.listen(topic, data)

    with (
        # Line by line: what hangs or is killed has to be read about.
        (folder / "nodes.log").open("w", buffering=1) as log,
        Session(DRESSING, values=values, say=lambda line: print(line, file=log)) as session,
        record(DRESSING, folder / "bag", listen=listen) as recorder,
    ):
        session.start()
        watch.heard = time.monotonic()
        while not watch.over:
            session.check()
            recorder.check()
            if time.monotonic() - watch.heard > _SILENCE:
                raise BringupError(f"nothing was heard for {_SILENCE:.0f} s; see nodes.log")
            tell(watch.share, watch.words)
            time.sleep(0.1)
        time.sleep(_AFTER)
        tell(1.0, watch.words)
    return watch.over


class Mirror:
    """Keeps a page up to date from messages.

    Args:
        page: see `elbowroom.view.web.WebScene`.
    """

    def __init__(self, page: Any) -> None:
        self._page, self._scene = page, Scenery()
        names = {*scenery.TOPICS, "robot_description"}
        self._kinds = {name: interface(TOPICS[name].type) for name in names}
        self._skip = 0

    def listen(self, topic: str, data: bytes) -> None:
        """Take a message in; measurements are taken at a tenth of their rate."""
        self._skip += 1
        fast = topic in ("wrench", "elbow_box", "truth/elbow", "plan_state")
        if topic not in self._kinds or (fast and self._skip % 7):
            return
        message = deserialize_message(data, self._kinds[topic])
        if topic == "robot_description":
            self._page.set_robot(read_urdf(message.data))
            return
        frame = self._scene.take(topic, message)
        if frame is not None:
            self._page.update(frame)
