"""Sets for guaranteed estimation: the same verbs on each, outer under rounding.

Verbs: linear_map, translate, minkowski_sum, intersect_strip, intersect_halfspace, support, hull,
contains, volume, reduce, sample, vertices. A verb that a set cannot answer exactly answers with an
outer bound and says so.
"""

from elbowroom.sets.constrained import ConstrainedZonotope
from elbowroom.sets.dual import hull_dual, support_dual
from elbowroom.sets.errors import EmptySetError, SetError, UnboundedSetError
from elbowroom.sets.intersection import intersect_regions
from elbowroom.sets.interval import Interval
from elbowroom.sets.oriented_box import OrientedBox
from elbowroom.sets.polytope import Polytope3
from elbowroom.sets.shell import ShellPatch
from elbowroom.sets.zonotope import Zonotope

__all__ = [
    "ConstrainedZonotope",
    "EmptySetError",
    "Interval",
    "OrientedBox",
    "Polytope3",
    "SetError",
    "ShellPatch",
    "UnboundedSetError",
    "Zonotope",
    "hull_dual",
    "intersect_regions",
    "support_dual",
]
