"""Inputs that an estimator may use where a room has them, and how a choice of them is written."""

from __future__ import annotations

from itertools import combinations

from elbowroom.core.params import ParameterError

OPTIONAL = ("wrist", "progress", "effort")
"""Optional sources of a `Sample`, in the order in which a choice is written."""

JOINTS = 7
"""Joints of the robot, the length of `Sample.effort`."""


def name_inputs(used: frozenset[str]) -> str:
    """The written form of a choice: its names joined by "+", or "none"."""
    return "+".join(n for n in OPTIONAL if n in used) or "none"


SUBSETS = tuple(
    name_inputs(frozenset(chosen))
    for size in range(len(OPTIONAL) + 1)
    for chosen in combinations(OPTIONAL, size)
)
"""Every choice of optional inputs, from "none" to all of them."""


def parse_inputs(text: str) -> frozenset[str]:
    """The optional inputs that a text such as "none" or "progress+wrist" names, in any order.

    Raises:
        ParameterError: if a name is unknown or comes twice, or "none" comes with others.
    """
    names = [n.strip() for n in text.split("+")]
    if names == ["none"]:
        return frozenset()
    unknown = [n for n in names if n not in OPTIONAL]
    if unknown or len(set(names)) < len(names):
        raise ParameterError(
            f"inputs must be none or different ones of {', '.join(OPTIONAL)} joined by +, "
            f"got {text!r}"
        )
    return frozenset(names)
