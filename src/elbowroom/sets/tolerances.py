"""Every tolerance of the sets, named in one place.

None of them makes an outer bound smaller: they say when a pivot is too small to divide by, how far
from a boundary a point still counts as inside, and when two vertices are one.
"""

from __future__ import annotations

from typing import Final

UNIT_ROUNDOFF: Final = 2.0**-53
"""u of IEEE-754 double precision, rounding to nearest."""

INSIDE: Final = 1e-9
"""A point this far outside a set, relative to the set's size, still counts as inside."""

PIVOT: Final = 1e-11
"""Pivots smaller than this, relative to the column and the direction, are not divided by."""

OPTIMAL: Final = 1e-9
"""A basic factor may exceed its bound by this much at the optimum of a support problem."""

ORTHONORMAL: Final = 1e-6
"""Largest |R'R - I| entry accepted of a rotation."""

UNIT_LENGTH: Final = 1e-6
"""Largest | |d| - 1 | accepted of a direction."""

SAME_POINT: Final = 1e-9
"""Vertices closer than this, relative to the set's size, are one vertex."""

PARALLEL: Final = 1e-12
"""Generators whose directions differ by less than this are merged into one."""

CLIP_MARGIN: Final = 1e-12
"""Half-spaces are moved out by this times the size of the region before they are clipped."""

UNBOUNDED: Final = 1e6
"""A half-space list that reaches this far from the origin [m] is refused as unbounded."""

FACES_TRIED: Final = 24
"""So many of the largest faces of a polytope are tried as a side of its bounding box."""

SLACK_FOLDED: Final = 1e-10
"""A slack larger than this times the size of the set becomes generators when it is mapped."""
