"""ROS parameters made from the package's parameter classes.

A node's parameters come in groups: the group "" holds the node's own, a group "inbox" the
parameters `inbox.<name>`, and so on. Nothing is declared twice and nothing is accepted that no
class declares.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from elbowroom.core import ParameterError, Params, describe
from elbowroom.core.params import Declaration

P = TypeVar("P", bound=Params)

# Declared by rclpy itself.
_OWN_TO_ROS = ("use_sim_time", "start_type_description_service", "qos_overrides.")


def descriptor(d: Declaration) -> ParameterDescriptor:
    """What `ros2 param describe` shows of a declaration."""
    result = ParameterDescriptor(
        description=f"{d.doc} [{d.unit}]" if d.unit else d.doc,
        additional_constraints=f"one of {list(d.choices)}" if d.choices else "",
    )
    if (d.low is None and d.high is None) or d.type not in (int, float):
        return result
    if d.type is int:
        low, high = d.low if d.low is not None else -(2**63), d.high
        high = high if high is not None else 2**63 - 1
        result.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
    else:
        most = sys.float_info.max
        bounds = (-most if d.low is None else d.low, most if d.high is None else d.high)
        result.floating_point_range = [
            FloatingPointRange(from_value=float(bounds[0]), to_value=float(bounds[1]))
        ]
    return result


def full_name(group: str, name: str) -> str:
    """`group.name`, or just the name in the nameless group."""
    return f"{group}.{name}" if group else name


class ParameterSet:
    """The declared parameters of a node.

    The node must have been made with `automatically_declare_parameters_from_overrides=True`:
    only so are overrides for names that nobody declares seen, and refused.

    Args:
        node: the node.
        groups: parameter class of each group.
        locked: true while parameters must not change.

    Raises:
        ParameterError: if an override is unknown, of the wrong type or out of bounds.
    """

    def __init__(
        self, node: Node, groups: Mapping[str, type[Params]], locked: Callable[[], bool] = bool
    ) -> None:
        self._node, self._groups, self._locked = node, dict(groups), locked
        self._declarations = {
            full_name(g, d.name): (g, d) for g, cls in groups.items() for d in describe(cls)
        }
        overrides = self._take_overrides()
        for group in self._groups:
            values = self._build(group, overrides)
            for d in describe(type(values)):
                node.declare_parameter(
                    full_name(group, d.name),
                    _ros_value(getattr(values, d.name)),
                    descriptor(d),
                    ignore_override=True,
                )
        node.add_on_set_parameters_callback(self._judge)

    @property
    def names(self) -> frozenset[str]:
        """Every declared name."""
        return frozenset(self._declarations)

    def read(self, group: str, cls: type[P]) -> P:
        """The values now held, as an instance of the group's class.

        Raises:
            TypeError: if the group was declared with another class.
        """
        if self._groups[group] is not cls:
            raise TypeError(f"group {group!r} holds {self._groups[group].__name__}")
        return cast(P, self._build(group, self._held()))

    def _take_overrides(self) -> dict[str, Any]:
        found = self._node.get_parameters_by_prefix("")
        mine = {n: p.value for n, p in found.items() if not n.startswith(_OWN_TO_ROS)}
        unknown = sorted(set(mine) - self.names)
        if unknown:
            raise ParameterError(
                f"unknown parameter {', '.join(unknown)}; "
                f"{self._node.get_name()} has {sorted(self.names)}"
            )
        for name in mine:
            self._node.undeclare_parameter(name)
        return mine

    def _held(self) -> dict[str, Any]:
        return {n: self._node.get_parameter(n).value for n in self._declarations}

    def _build(self, group: str, values: Mapping[str, Any]) -> Params:
        members = {
            d.name: _plain(values[name])
            for name, (g, d) in self._declarations.items()
            if g == group and name in values
        }
        return self._groups[group].from_mapping(members)

    def _judge(self, changes: Sequence[Parameter[Any]]) -> SetParametersResult:
        mine = {p.name: p.value for p in changes if p.name in self._declarations}
        if not mine:
            return SetParametersResult(successful=True)
        if self._locked():
            reason = "parameters are read when the node is configured: clean it up first"
            return SetParametersResult(successful=False, reason=reason)
        try:
            for group in {self._declarations[n][0] for n in mine}:
                self._build(group, self._held() | mine)
        except ParameterError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)


def _ros_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:
    return list(value) if hasattr(value, "__len__") and not isinstance(value, str) else value
