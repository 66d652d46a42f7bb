from __future__ import annotations

from itertools import permutations

import pytest

from elbowroom.core import OPTIONAL, SUBSETS, ParameterError, name_inputs, parse_inputs


def test_every_choice_has_one_name():
    assert len(set(SUBSETS)) == 2 ** len(OPTIONAL)
    assert SUBSETS[0] == "none"
    assert SUBSETS[-1] == "wrist+progress+effort"
    assert [name_inputs(parse_inputs(s)) for s in SUBSETS] == list(SUBSETS)


@pytest.mark.parametrize("names", list(permutations(OPTIONAL)))
def test_the_order_of_the_names_does_not_matter(names):
    assert name_inputs(parse_inputs("+".join(names))) == SUBSETS[-1]
    assert name_inputs(parse_inputs(" + ".join(names[:2]))) in SUBSETS


@pytest.mark.parametrize("text", ["", "wrists", "none+wrist", "wrist+wrist", "wrist,effort", "+"])
def test_anything_else_is_refused(text):
    with pytest.raises(ParameterError, match="joined by"):
        parse_inputs(text)
