"""What to do when the cuff catches: go back along the way and try again, never pull harder."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from elbowroom.core import PlanMode
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.state import NEVER

LONGEST_RETREAT = 1.5
"""A retreat that has not arrived after this time is over [s]."""
RELIEVED = 0.25
"""Share of snag_force below which the cuff is free again and a retreat is over."""


@dataclass(frozen=True)
class Snag:
    """Progress watched for snags; arc lengths are counted from the elbow [m].

    Attributes:
        first: where the watch began; behind it the cuff would come off the hand.
        best: farthest place so far.
        since: when it was last improved, or the force was last low [s].
        back_to: place of a retreat under way, or None.
        retreats: how many there were.
    """

    first: float = math.inf
    best: float = NEVER
    since: float = NEVER
    back_to: float | None = None
    retreats: int = 0


def watch(
    snag: Snag, place: float, force: float, now: float, params: PlannerParams
) -> tuple[Snag, PlanMode, str]:
    """Judge the progress at one plan.

    A snag is a force above snag_force for snag_time without snag_progress. The cuff then goes
    back by `retreat`, or until the force is nearly gone; after `retreats` of them it waits where
    it is. It never goes back behind where it was first seen, where it would come off the hand.

    Args:
        snag: before.
        place: of the cuff [m].
        force: low-passed [N].
        now: [s].
        params: thresholds.

    Returns:
        New state, FOLLOWING, RETREATING or WAITING, and the reason.
    """
    if snag.first == math.inf:
        snag = replace(snag, first=place)
    if snag.back_to is not None:
        free = force < RELIEVED * params.snag_force
        if place > snag.back_to and now - snag.since <= LONGEST_RETREAT and not free:
            return snag, PlanMode.RETREATING, "the cuff snagged"
        snag = replace(snag, back_to=None, best=place, since=now)
    if place > snag.best + params.snag_progress or force < params.snag_force:
        return replace(snag, best=max(place, snag.best), since=now), PlanMode.FOLLOWING, ""
    if now - snag.since < params.snag_time or place - params.retreat < snag.first:
        return snag, PlanMode.FOLLOWING, ""
    if snag.retreats >= params.retreats:
        return snag, PlanMode.WAITING, "the cuff snagged too often"
    back = replace(snag, back_to=place - params.retreat, since=now, retreats=snag.retreats + 1)
    return back, PlanMode.RETREATING, "the cuff snagged"
