"""The way of the cuff: along the forearm, round the outside of the elbow, up the upper arm.

With elbow e, wrist w and shoulder s let u = (w - e)/|w - e| and v = (s - e)/|s - e|. The outward
direction is n = -(u + v)/|u + v| and the flexion phi obeys |u + v| = 2 sin(phi / 2). A quadratic
Bezier curve takes the corner from e + L u to e + L v with the control point e + c n,
c = 2 o + L sin(phi / 2), so that its middle passes the elbow at the distance o on the outside.

For an elbow that is only known to lie in a box, a point of the arm at the share z of the way from
a known point (cuff or shoulder) to the elbow lies in the box scaled by z: the corridor narrows
towards both ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from elbowroom.core import Box
from elbowroom.core.types import Array
from elbowroom.planning.vectors import length, unit

SPACING = 0.005
"""Distance of the corridor's points [m], nearly."""


@dataclass(frozen=True)
class Bend:
    """The elbow as a corner.

    Attributes:
        elbow: [m], shape (3,).
        to_wrist, to_shoulder: unit vectors, shape (3,).
        outward: unit vector away from both, in the arm's plane, shape (3,).
        flexion: 0 for a straight arm [rad].
    """

    elbow: Array
    to_wrist: Array
    to_shoulder: Array
    outward: Array
    flexion: float


@dataclass(frozen=True)
class Corridor:
    """Points along the way of the cuff's centre, from the hand to the shoulder.

    Attributes:
        points: the wanted way [m], shape (m, 3).
        axis: the arm's centre line beside each point [m], shape (m, 3).
        tangent: unit vectors along the way, shape (m, 3).
        lengths: arc length from the first point [m], shape (m,).
        share: how much of the elbow's uncertainty a point bears, 0..1, shape (m,).
        bend: the corner it goes round.
    """

    points: Array
    axis: Array
    tangent: Array
    lengths: Array
    share: Array
    bend: Bend

    @property
    def elbow_length(self) -> float:
        """Arc length at which the way passes the elbow [m]."""
        distance = np.linalg.norm(self.points - self.bend.elbow, axis=1)
        return float(self.lengths[int(np.argmin(distance))])

    def locate(self, point: Array, around: float | None = None, window: float = 0.08) -> float:
        """Arc length [m] of the corridor's point nearest to `point`.

        Args:
            point: [m], shape (3,).
            around: search only within `window` of this arc length, so that a cuff beside a
                sharply bent elbow does not jump from the forearm to the upper arm.
            window: [m].
        """
        distance = np.linalg.norm(self.points - point, axis=1)
        if around is not None:
            distance = np.where(np.abs(self.lengths - around) <= window, distance, np.inf)
        return float(self.lengths[int(np.argmin(distance))])

    def sample(self, at: Array) -> tuple[Array, Array, Array, Array]:
        """Points, axis, tangents and shares at arc lengths [m], shape (n,); held at the ends."""
        columns = np.concatenate([self.points, self.axis, self.tangent], axis=1)
        rows = np.stack([np.interp(at, self.lengths, c) for c in columns.T], axis=1)
        tangent = rows[:, 6:] / np.linalg.norm(rows[:, 6:], axis=1, keepdims=True)
        return rows[:, :3], rows[:, 3:6], tangent, np.interp(at, self.lengths, self.share)


def describe_bend(wrist: Array, elbow: Array, shoulder: Array) -> Bend:
    """The corner at an elbow; joint centres [m], shape (3,) each.

    A straight arm has no outside: its outward direction is the one nearest to straight down.
    """
    to_wrist, to_shoulder = unit(wrist - elbow), unit(shoulder - elbow)
    inward = to_wrist + to_shoulder
    flexion = 2.0 * float(np.arcsin(np.clip(length(inward) / 2.0, 0.0, 1.0)))
    if flexion > 0.02:
        return Bend(elbow, to_wrist, to_shoulder, -unit(inward), flexion)
    down = np.array([0.0, 0.0, -1.0])
    outward = unit(down - (down @ to_shoulder) * to_shoulder)
    return Bend(elbow, to_wrist, to_shoulder, outward, flexion)


def lay_corridor(
    wrist: Array, elbow: Array, shoulder: Array, offset: float, rounding: float, hand: float = 0.15
) -> Corridor:
    """Lay the way of the cuff for one elbow.

    Args:
        wrist: [m], shape (3,).
        elbow: [m], shape (3,).
        shoulder: [m], shape (3,).
        offset: how far outside the elbow the way passes [m].
        rounding: how far from the elbow the way leaves the arm's centre line [m].
        hand: how far beyond the wrist the way begins [m].
    """
    bend = describe_bend(wrist, elbow, shoulder)
    forearm = length(wrist - elbow)
    upper = length(shoulder - elbow)
    rounding = min(rounding, 0.9 * forearm, 0.9 * upper)
    start = elbow + (forearm + hand) * bend.to_wrist
    enter = elbow + rounding * bend.to_wrist
    leave = elbow + rounding * bend.to_shoulder
    control = elbow + (2 * offset + rounding * np.sin(bend.flexion / 2)) * bend.outward
    z = np.linspace(0, 1, 33)[:, None]
    curve = (1 - z) ** 2 * enter + 2 * z * (1 - z) * control + z**2 * leave
    corner = np.where(
        z < 0.5, enter + 2 * z * (elbow - enter), elbow + (2 * z - 1) * (leave - elbow)
    )
    before, after = _line(start, enter), _line(leave, shoulder)
    points = np.concatenate([before[:-1], curve, after[1:]])
    axis = np.concatenate([before[:-1], corner, after[1:]])
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    tangent = np.gradient(points, lengths, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    reach = np.linalg.norm(axis - elbow, axis=1)
    towards_shoulder = (axis - elbow) @ bend.to_shoulder > reach * 0.999 - 1e-9
    share = np.clip(1 - reach / np.where(towards_shoulder, upper, forearm + hand), 0.0, 1.0)
    return Corridor(points, axis, tangent, lengths, share, bend)


def half_width(box: Box, direction: Array) -> float:
    """Support of the box about its centre, max over e in the box of d . (e - centre) [m]."""
    return float(np.abs(box.rotation.T @ direction) @ box.size) / 2


def _line(start: Array, end: Array) -> Array:
    count = max(2, int(length(end - start) / SPACING) + 1)
    return start + np.linspace(0, 1, count)[:, None] * (end - start)
