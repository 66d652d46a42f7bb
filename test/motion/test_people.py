from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from elbowroom.motion import PersonError, draw_garment, draw_person
from elbowroom.motion.people import (
    COMPLIANCE,
    FOREARM,
    GARMENTS,
    STIFFNESS,
    UPPER_ARM,
)


def test_people_are_within_the_measured_ranges_and_long_arms_are_long_throughout() -> None:
    people = [draw_person(np.random.default_rng(i), i) for i in range(400)]
    upper = np.array([p.upper_arm for p in people])
    fore = np.array([p.forearm for p in people])
    assert np.all((upper >= UPPER_ARM[0]) & (upper <= UPPER_ARM[1]))
    assert np.all((fore >= FOREARM[0]) & (fore <= FOREARM[1]))
    assert 0.5 < np.corrcoef(upper, fore)[0, 1] < 0.95
    assert np.ptp(upper) > 0.9 * (UPPER_ARM[1] - UPPER_ARM[0])


def test_compliance_spans_half_to_twice_the_nominal_stiffness() -> None:
    factors = [
        np.exp(
            np.mean(np.log(np.array(draw_person(np.random.default_rng(i)).stiffness) / STIFFNESS))
        )
        for i in range(300)
    ]
    assert 0.4 < min(factors) < COMPLIANCE[0] * 1.2
    assert COMPLIANCE[1] * 0.8 < max(factors) < 2.5


def test_the_same_seed_gives_the_same_person_and_garment() -> None:
    def draw() -> tuple[object, object]:
        rng = np.random.default_rng(7)
        return draw_person(rng, 3), draw_garment(rng, "taut")

    assert draw() == draw()


@pytest.mark.parametrize("kind", ["mixed", *GARMENTS])
def test_garments_lie_in_the_range_of_their_kind(kind: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        garment = draw_garment(rng, kind)
        if kind == "mixed":
            assert 0.055 <= garment.radius <= 0.080
            continue
        for field in dataclasses.fields(GARMENTS[kind]):
            low, high = getattr(GARMENTS[kind], field.name)
            assert low <= getattr(garment, field.name) <= high


def test_what_cannot_exist_is_refused() -> None:
    rng = np.random.default_rng(0)
    person, garment = draw_person(rng), draw_garment(rng)
    with pytest.raises(PersonError, match="upper_arm must be finite"):
        dataclasses.replace(person, upper_arm=float("nan"))
    with pytest.raises(PersonError, match="side"):
        draw_person(rng, side="both")
    with pytest.raises(PersonError, match="stiffness"):
        dataclasses.replace(person, stiffness=(1.0, 2.0))  # type: ignore[arg-type]
    with pytest.raises(PersonError, match="friction"):
        dataclasses.replace(garment, friction=-0.1)
    with pytest.raises(PersonError, match="garment must be one of"):
        draw_garment(rng, "velvet")
