"""Where the attempts of the grasping node begin and end, for whoever cuts what it says by them."""

from __future__ import annotations

from collections.abc import Callable

from elbowroom.msg import GraspState


class Attempts:
    """Follows grasp_state.

    Between two attempts of a request the gripper is on its way for less than a second: a gap in the
    features does not tell them apart.

    Args:
        cut: called when an attempt begins or ends.
    """

    def __init__(self, cut: Callable[[], None]) -> None:
        self._cut = cut
        self._now: tuple[int, int, bool] | None = None

    def hear(self, message: GraspState) -> None:
        """Take a state in."""
        now = int(message.request), int(message.attempts), message.state == GraspState.DONE
        if now != self._now:
            self._now = now
            self._cut()
