"""Command-line options generated from parameter classes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from elbowroom.core import Params, describe
from elbowroom.core.params import Declaration

P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class Options:
    """What the command line said.

    Attributes:
        seed: of everything random.
        json: file for the figures, or None.
        groups: one validated object per parameter class.
        given: names of the options that were given, as `seed`, `person`, `grasp.task`.
    """

    seed: int
    json: Path | None
    groups: Mapping[type[Params], Params]
    given: frozenset[str] = frozenset()

    def of(self, cls: type[P]) -> P:
        """The options of one parameter class."""
        return cast(P, self.groups[cls])


def add_options(
    parser: argparse.ArgumentParser, groups: Mapping[str, type[Params]], plain: str = ""
) -> None:
    """Add `--seed`, `--json` and one option a parameter.

    The parameters of the group "" have plain names, those of the group "sim" start with `--sim.`.

    Args:
        parser: gets the options.
        groups: parameter classes by group.
        plain: parameter of the group "" that may also be given without its name.
    """
    if plain:
        parser.add_argument(
            _key("", plain), nargs="?", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
    common = parser.add_argument_group("common options")
    common.add_argument("-h", "--help", action="help", help="show this text and exit")
    common.add_argument(
        "--seed",
        type=_natural,
        default=argparse.SUPPRESS,
        metavar="N",
        help="of everything random (default: 0)",
    )
    common.add_argument(
        "--json", type=Path, metavar="FILE", help="write the figures to this file as well"
    )
    for name, cls in groups.items():
        title = f"{name} options" if name else "options"
        group = parser.add_argument_group(title, _sentence(cls) if name else None)
        for declaration in describe(cls):
            _add(group, name, declaration)


def read_options(given: argparse.Namespace, groups: Mapping[str, type[Params]]) -> Options:
    """Build the parameter objects.

    Raises:
        ParameterError: if a value is out of bounds.
    """
    values = vars(given)
    built: dict[type[Params], Params] = {}
    for name, cls in groups.items():
        keys = {d.name: _key(name, d.name) for d in describe(cls)}
        built[cls] = cls.from_mapping({n: values[k] for n, k in keys.items() if k in values})
    names = frozenset(key.lstrip(".") for key in values if key != "json")
    return Options(values.get("seed", 0), given.json, built, names)


def _add(group: Any, name: str, d: Declaration) -> None:
    flag = "--" + (f"{name}." if name else "") + d.name.replace("_", "-")
    settings: dict[str, Any] = {
        "dest": _key(name, d.name),
        "default": argparse.SUPPRESS,
        "help": _help(d),
    }
    if d.type is bool:
        settings["action"] = argparse.BooleanOptionalAction
    elif d.type is tuple:
        settings |= {"type": float, "nargs": len(d.default), "metavar": "X"}
    else:
        settings |= {"type": d.type, "metavar": _METAVARS[d.type]}
    if d.choices:
        settings |= {"choices": d.choices, "metavar": "{" + ",".join(map(str, d.choices)) + "}"}
    group.add_argument(flag, **settings)


_METAVARS: dict[type, str] = {int: "N", float: "X", str: "TEXT"}


def _key(name: str, field: str) -> str:
    return f"{name}.{field}"


def _help(d: Declaration) -> str:
    bounds = ""
    if d.low is not None or d.high is not None:
        low = "" if d.low is None else f"{d.low:g}"
        high = "" if d.high is None else f"{d.high:g}"
        bounds = f"{low}..{high}" if low and high else f">= {low}" if low else f"<= {high}"
    unit = " ".join(part for part in (bounds, d.unit) if part)
    default = " ".join(f"{v:g}" for v in d.default) if d.type is tuple else f"{d.default}"
    text = d.doc.rstrip(".") + (f" [{unit}]" if unit else "")
    return (text + f" (default: {default or 'none'})").replace("%", "%%")


def _sentence(cls: type[Params]) -> str:
    return (cls.__doc__ or "").strip().split("\n")[0]


def _natural(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be >= 0, got {value}")
    return value
