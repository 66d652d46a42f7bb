"""Whether the cloth is still between the fingers.

Fingers hold cloth by friction, so a pull that is too hard ends with empty fingers: the force was
high and then is gone. A robot that goes on believes it dresses and does not.
"""

from __future__ import annotations

from dataclasses import replace

from elbowroom.planning.params import PlannerParams
from elbowroom.planning.state import NEVER, Grip

STRAIN_TIME = 2.0
"""A slack wrist tells of a slip when the strain was not longer ago [s]."""


def watch_grip(grip: Grip, force: float, now: float, params: PlannerParams) -> Grip:
    """What is known of the grip after a measurement.

    Args:
        grip: before.
        force: size of the measured force [N], not filtered.
        now: [s].
        params: slip_force, slack_force, slack_time.
    """
    if now < max(grip.strained, grip.slack):
        # The clock went backwards: what was felt by the old one tells nothing of the new.
        grip = Grip(lost=grip.lost)
    if force >= params.slip_force:
        return Grip(strained=now, lost=grip.lost)
    if force >= params.slack_force:
        return replace(grip, slack=NEVER)
    slack = now if grip.slack == NEVER else grip.slack
    due = now - slack >= params.slack_time and slack - grip.strained <= STRAIN_TIME
    return replace(grip, slack=slack, lost=grip.lost or due)
