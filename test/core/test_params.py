from __future__ import annotations

from dataclasses import dataclass

import pytest

from elbowroom.core import ParameterError, Params, describe, param


@dataclass(frozen=True)
class Example(Params):
    rate: float = param(240.0, "Sampling rate.", unit="Hz", low=1.0, high=1000.0)
    steps: int = param(3, "Steps.", low=1)
    name: str = param("a", "Kind.", choices=("a", "b"))
    on: bool = param(True, "Whether it is on.")
    gains: tuple[float, ...] = param((1.0, 2.0), "Gains.", low=0.0)


def test_a_declaration_holds_everything_a_node_needs():
    rate = describe(Example)[0]
    assert (rate.name, rate.type, rate.default, rate.unit) == ("rate", float, 240.0, "Hz")
    assert (rate.low, rate.high, rate.doc) == (1.0, 1000.0, "Sampling rate.")


def test_an_integer_is_a_fine_float_and_a_list_a_fine_tuple():
    example = Example.from_mapping({"rate": 100, "gains": [3, 4]})
    assert example.rate == 100.0
    assert isinstance(example.rate, float)
    assert example.gains == (3.0, 4.0)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rate": 0.5}, r"rate must lie in \[1.0, 1000.0\] Hz, got 0.5"),
        ({"rate": float("nan")}, "rate must be finite"),
        ({"rate": "fast"}, "rate must be a float"),
        ({"steps": 1.5}, "steps must be a int"),
        ({"steps": True}, "steps must be a int"),
        ({"name": "c"}, "name must be one of"),
        ({"on": 1}, "on must be a bool"),
        ({"gains": [1.0]}, "gains must have 2 numbers"),
        ({"gains": [1.0, -1.0]}, "gains must lie in"),
        ({"gains": ["a", "b"]}, "gains must be a list of numbers"),
        ({"speed": 1.0, "colour": 2}, "unknown parameter colour, speed"),
    ],
)
def test_bad_values_are_refused_with_their_name(values, words):
    with pytest.raises(ParameterError, match=words):
        Example.from_mapping(values)


def test_a_field_without_declaration_is_a_programming_error():
    @dataclass(frozen=True)
    class Bare(Params):
        rate: float = 1.0

    with pytest.raises(TypeError, match="not declared"):
        Bare()
