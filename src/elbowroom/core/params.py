"""Parameters declared once.

A frozen dataclass derived from `Params` whose fields are made by `param` is the only place where
a parameter's default, meaning, unit and bounds are written. Offline use validates against it, the
nodes make their ROS descriptors from it, the command line and the reference page are generated
from it. A bad value is refused, never clamped.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, get_type_hints

_SCALARS = (bool, int, float, str)


class ParameterError(ValueError):
    """A parameter that is unknown, of the wrong type or outside its bounds."""


@dataclass(frozen=True)
class Declaration:
    """What is known of one parameter.

    Attributes:
        name: field name.
        type: bool, int, float, str or tuple (of floats).
        default: value used when none is given.
        doc: one sentence.
        unit: SI unit, or empty.
        low, high: inclusive bounds, or None.
        choices: allowed values, or empty.
    """

    name: str
    type: type
    default: Any
    doc: str
    unit: str
    low: float | None
    high: float | None
    choices: tuple[Any, ...]


def param(
    default: Any,
    doc: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[Any, ...] = (),
) -> Any:
    """Declare one parameter of a `Params` dataclass.

    Args:
        default: value used when none is given.
        doc: one sentence on what it does.
        unit: SI unit.
        low: least allowed value, inclusive.
        high: greatest allowed value, inclusive.
        choices: allowed values, if only a few are.
    """
    metadata = {"doc": doc, "unit": unit, "low": low, "high": high, "choices": tuple(choices)}
    return dataclasses.field(default=default, metadata=metadata)


def describe(cls: type[Params]) -> tuple[Declaration, ...]:
    """Every declaration of a parameter class, in order of writing.

    Raises:
        TypeError: if a field was not made by `param` or is not of a supported type.
    """
    hints = get_type_hints(cls)
    return tuple(_declaration(f, hints[f.name]) for f in dataclasses.fields(cls))


def _declaration(f: dataclasses.Field[Any], hint: Any) -> Declaration:
    if "doc" not in f.metadata:
        raise TypeError(f"{f.name} is not declared with param(...)")
    kind = hint if hint in _SCALARS else tuple
    return Declaration(f.name, kind, f.default, **f.metadata)


def _check(d: Declaration, value: Any) -> Any:
    value = _convert(d, value)
    for number in value if isinstance(value, tuple) else (value,):
        _check_bounds(d, number)
    return value


def _convert(d: Declaration, value: Any) -> Any:
    if d.type is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if d.type is tuple and isinstance(value, list | tuple):
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in value):
            raise ParameterError(f"{d.name} must be a list of numbers, got {value!r}")
        if len(value) != len(d.default):
            raise ParameterError(f"{d.name} must have {len(d.default)} numbers, got {len(value)}")
        return tuple(float(v) for v in value)
    if type(value) is not d.type:
        raise ParameterError(f"{d.name} must be a {d.type.__name__}, got {value!r}")
    return value


def _check_bounds(d: Declaration, value: Any) -> None:
    if d.choices and value not in d.choices:
        raise ParameterError(f"{d.name} must be one of {list(d.choices)}, got {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ParameterError(f"{d.name} must be finite, got {value}")
    if (d.low is not None and value < d.low) or (d.high is not None and value > d.high):
        raise ParameterError(
            f"{d.name} must lie in [{d.low}, {d.high}] {d.unit}".rstrip() + f", got {value}"
        )


@dataclass(frozen=True)
class Params:
    """Base of every parameter class; validates itself on construction."""

    def __post_init__(self) -> None:
        for d in describe(type(self)):
            object.__setattr__(self, d.name, _check(d, getattr(self, d.name)))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Build from names and values, as read from YAML or from ROS.

        Raises:
            ParameterError: if a name is unknown or a value is of the wrong type or out of bounds.
        """
        known = {d.name for d in describe(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ParameterError(
                f"unknown parameter {', '.join(unknown)}; {cls.__name__} has {sorted(known)}"
            )
        return cls(**values)
