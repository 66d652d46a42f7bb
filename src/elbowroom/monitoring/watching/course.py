"""Where the readings of a dressing stand in time, and whether it is seen from its start.

The alarm within a dressing compares with the course of whole dressings, so it may judge only what
it has seen from the start on, at the reference's period.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from elbowroom.models.layers.reading import Reading
from elbowroom.monitoring.checks import require

_LATE = 6
"""Readings of the model up to which it is early enough to begin watching."""
_OFF = 0.5
"""By what share of the period a step between readings may differ from it."""
_ODD = 6
"""Steps of another length in a row that show that the readings come at another period."""


@dataclass(frozen=True)
class Course:
    """What is remembered of the readings of the dressing under way.

    Attributes:
        stamp: of the newest [s]; NaN before the first.
        count: of the newest, see `Origin`.
        far: stamp of the last reading if it lay too far off to be believed [s], else NaN.
        odd: steps of another length than the reference's period, in a row.
        step: the newest step [s].
        broken: why this dressing is not judged, or empty.
        begun: whether it was begun, and is not what is left of one that was interrupted.
    """

    stamp: float = math.nan
    count: int = 0
    far: float = math.nan
    odd: int = 0
    step: float = math.nan
    broken: str = ""
    begun: bool = True

    @property
    def judged(self) -> bool:
        """Whether the newest reading may be compared with the course of whole dressings."""
        return not self.broken and not self.odd

    @property
    def out_of_step(self) -> bool:
        """Whether the readings come at another period than the reference's did."""
        return self.odd >= _ODD


NEW = Course()
"""Before the first reading."""


def is_early(course: Course, readings: int) -> bool:
    """Whether a dressing has only just begun: what breaks it off is still of the one before."""
    return course.begun and readings <= _LATE


def is_jump(course: Course, reading: Reading, longest_gap: float) -> bool:
    """Whether time went on without us, or began anew.

    One stamp that lies far off is no jump; it is when the next one lies close behind it.

    Raises:
        MonitoringError: if the stamp cannot be believed yet, or is not later than the last.
    """
    gap = reading.stamp - course.stamp
    require(math.isfinite(reading.stamp), f"stamp {reading.stamp} is not later than the last")
    if abs(gap) > longest_gap:
        again = 0 < reading.stamp - course.far <= longest_gap
        require(again, f"stamp {reading.stamp:.3f} lies {gap:+.3f} s from the last")
        return True
    require(not gap <= 0, f"stamp {reading.stamp:.3f} is not later than the last")
    told = reading.origin.count
    return 0 < told <= course.count


def doubt(course: Course, reading: Reading, longest_gap: float) -> Course:
    """The course after a reading that was not believed."""
    off = abs(reading.stamp - course.stamp) > longest_gap
    return replace(course, far=reading.stamp if off else math.nan)


def follow(course: Course, reading: Reading, period: float) -> Course:
    """The course with a reading that belongs to it."""
    told = reading.origin.count
    broken = course.broken
    if math.isnan(course.stamp) and told > _LATE:
        broken = broken or f"it was not seen from its start, but from reading {told} on"
    step = reading.stamp - course.stamp
    odd = course.odd + 1 if abs(step - period) > _OFF * period else 0
    return replace(
        course, stamp=reading.stamp, count=told, far=math.nan, odd=odd, step=step, broken=broken
    )
