"""Where an elbow can be at all: the set that the arm's lengths allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import ArmMeasurement, Box, Estimate, Status, param
from elbowroom.estimation.guard import GuardState
from elbowroom.estimation.joint_limits import TrunkParams, reach_factors

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PriorSettings(TrunkParams):
    """How uncertain the kinematic prior takes its inputs to be."""

    sigmas: float = param(
        5.0, "Standard deviations by which every error is bounded", low=0.0, high=20.0
    )
    shoulder_error: float = param(
        0.005, "Standard deviation of the seen shoulder along one axis", unit="m", low=0.0
    )
    wrist_error: float = param(
        0.006, "Standard deviation of the seen wrist along one axis", unit="m", low=0.0
    )
    joint_speed: float = param(
        1.0, "Largest speed of shoulder and wrist while they are not seen", unit="m/s", low=0.0
    )
    shoulder_timeout: float = param(
        0.5, "Age of the seen shoulder beyond which the box is void", unit="s", low=0.0
    )
    wrist_timeout: float = param(
        0.1, "Age of the seen wrist beyond which it is not used", unit="s", low=0.0
    )
    unknown: float = param(
        10.0, "Half-width of the box when no shoulder was ever seen", unit="m", low=1.0
    )


class KinematicPrior:
    """The elbow is an upper arm away from the shoulder and a forearm away from the wrist.

        |e - s| <= L_u + sigmas hypot(std L_u, std s) + speed age(s)
        |e - w| <= L_f + sigmas hypot(std L_f, std w) + speed age(w)   while the wrist is seen

    The box encloses the intersection of the two balls. If the trunk's heading is known, it ends
    where the shoulder's range of motion does (`joint_limits`).
    """

    def __init__(self, settings: PriorSettings | None = None) -> None:
        self.settings = settings or PriorSettings()
        self._reach = reach_factors(self.settings)

    def bounds(self, arm: ArmMeasurement, seen: GuardState) -> tuple[Array, Array]:
        """Lower and upper corner of the box at the guard's newest stamp [m], shapes (3,)."""
        if seen.shoulder is None:
            middle = np.zeros(3) if seen.gripper is None else seen.gripper
            return middle - self.settings.unknown, middle + self.settings.unknown
        radius = self.shoulder_radius(arm, seen)
        # What is not known of length and place counts in full whatever the direction.
        error = radius - arm.upper_arm
        low, high = (arm.upper_arm * factors + error for factors in self._reach)
        low, high = seen.shoulder - low, seen.shoulder + high
        if seen.wrist is None or _age(seen, seen.wrist_stamp) > self.settings.wrist_timeout:
            return low, high
        around = ball_pair_bounds(seen.shoulder, radius, seen.wrist, self._wrist_radius(arm, seen))
        inner = np.maximum(low, around[0]), np.minimum(high, around[1])
        return inner if np.all(inner[0] <= inner[1]) else around

    def box(self, arm: ArmMeasurement, seen: GuardState) -> Box:
        """`bounds` as a box."""
        return box_between(*self.bounds(arm, seen))

    def shoulder_radius(self, arm: ArmMeasurement, seen: GuardState) -> float:
        """Largest distance of the elbow from the seen shoulder [m]."""
        s = self.settings
        error = s.sigmas * float(np.hypot(arm.upper_arm_error, s.shoulder_error))
        return arm.upper_arm + error + s.joint_speed * _age(seen, seen.shoulder_stamp)

    def is_void(self, seen: GuardState) -> bool:
        """Whether the shoulder was never seen, or too long ago."""
        if seen.shoulder is None:
            return True
        return _age(seen, seen.shoulder_stamp) > self.settings.shoulder_timeout

    def estimate(
        self,
        arm: ArmMeasurement,
        seen: GuardState,
        reason: str,
        *,
        status: Status = Status.PRIOR,
        method: str = "prior",
        version: str = "",
    ) -> Estimate:
        """The fallback of every estimator: the prior's box, VOID if the shoulder is lost.

        Args:
            arm: measured lengths.
            seen: what the guard last accepted; the estimate holds at its stamp (0 before any).
            reason: why there is nothing better.
            status: what the box promises while the shoulder is seen.
            method: name of the estimator.
            version: version of its artefact.
        """
        box = self.box(arm, seen)
        if self.is_void(seen):
            status = Status.VOID
            lost = "no shoulder was seen" if seen.shoulder is None else "the shoulder is lost"
            reason = f"{reason}; {lost}" if reason else lost
        stamp = seen.stamp if np.isfinite(seen.stamp) else 0.0
        return Estimate(
            stamp, box, status, box.centre, reason=reason, method=method, version=version
        )

    def _wrist_radius(self, arm: ArmMeasurement, seen: GuardState) -> float:
        s = self.settings
        error = s.sigmas * float(np.hypot(arm.forearm_error, s.wrist_error))
        return arm.forearm + error + s.joint_speed * _age(seen, seen.wrist_stamp)


def ball_pair_bounds(
    first: Array, radius: float, second: Array, other_radius: float
) -> tuple[Array, Array]:
    """Interval hull of the intersection of two balls: centres of shape (3,), radii [m].

    Along a direction d the farthest point of the intersection is the farthest point of one ball
    if the other contains it, else it lies on the circle where the two spheres meet. Balls that do
    not meet contradict each other: the hull of the first is returned then.
    """
    between = second - first
    distance = float(np.linalg.norm(between))
    if distance >= radius + other_radius or distance < 1e-9:
        return first - radius, first + radius
    axis = between / distance
    along = (distance**2 + radius**2 - other_radius**2) / (2.0 * distance)
    circle = np.sqrt(max(radius**2 - along**2, 0.0))
    across = np.sqrt(np.maximum(1.0 - axis**2, 0.0))
    middle = first + along * axis
    corners = []
    for sign in (-1.0, 1.0):
        reach = sign * np.eye(3)
        in_other = np.sum((first + radius * reach - second) ** 2, axis=1) <= other_radius**2
        in_first = np.sum((second + other_radius * reach - first) ** 2, axis=1) <= radius**2
        met = np.where(in_first, second + sign * other_radius, middle + sign * circle * across)
        corners.append(np.where(in_other, first + sign * radius, met))
    return corners[0], corners[1]


def box_between(low: Array, high: Array) -> Box:
    """Axis-aligned box between corners [m], shape (3,), rounded up so that both are inside."""
    centre = 0.5 * (low + high)
    half = np.maximum(high - centre, centre - low)
    return Box(centre, 2.0 * np.nextafter(half, np.inf))


def _age(seen: GuardState, stamp: float) -> float:
    return max(seen.stamp - stamp, 0.0) if np.isfinite(seen.stamp) else 0.0
