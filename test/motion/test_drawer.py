from __future__ import annotations

import numpy as np
import pytest

from elbowroom.core import ParameterError
from elbowroom.motion import (
    Clip,
    MotionError,
    MotionParams,
    RecordingError,
    draw_motion,
    draw_person,
    is_dressable,
)
from elbowroom.motion.movements.draw import KINDS
from elbowroom.motion.statistics import PLAIN, measure_motions, play_clips


@pytest.mark.parametrize("source", ["generator", "recordings", "mix"])
def test_every_movement_can_be_dressed_and_fits_the_person(
    source: str, reaches: tuple[Clip, ...]
) -> None:
    rng = np.random.default_rng(0)
    for side in ("right", "left") * 10:
        person = draw_person(rng, side=side)
        motion = draw_motion(rng, person, 5.0, source, reaches)
        assert is_dressable(motion, side)
        assert motion.upper_arm == pytest.approx(person.upper_arm)
        assert motion.duration == pytest.approx(5.0)
        outwards = motion.elbow[0, 1] - motion.shoulder[0, 1]
        assert (outwards < 0.15) if side == "right" else (outwards > -0.15)


def test_the_same_seed_gives_the_same_movement() -> None:
    first, second = (
        draw_motion(rng, draw_person(rng), 5.0)
        for rng in (np.random.default_rng(5), np.random.default_rng(5))
    )
    np.testing.assert_array_equal(first.elbow, second.elbow)
    np.testing.assert_array_equal(first.wrist, second.wrist)


def test_nobody_starts_with_a_jerk() -> None:
    rng = np.random.default_rng(1)
    for _ in range(25):
        elbow = draw_motion(rng, draw_person(rng), 3.0).elbow[:10]
        acceleration = np.diff(elbow, 2, axis=0) * 60**2
        assert np.linalg.norm(elbow[1] - elbow[0]) * 60 < 0.01
        assert np.max(np.linalg.norm(acceleration, axis=1)) < 1.0


def test_kinds_differ_as_their_names_say() -> None:
    rng = np.random.default_rng(2)
    speed = {
        kind: measure_motions(
            draw_motion(rng, draw_person(rng), 6.0, kind=kind) for _ in range(15)
        ).speed_p95
        for kind in KINDS
    }
    assert speed["still"] < 0.05 < speed["slow"] < 0.75 * speed["active"]


def test_only_the_named_subjects_are_used(reaches: tuple[Clip, ...]) -> None:
    rng = np.random.default_rng(3)
    names = {c.name for c in reaches if c.subject == "s1"}
    for _ in range(10):
        motion = draw_motion(rng, draw_person(rng), 3.0, "recordings", reaches, ["s1"])
        assert motion.source in names
    with pytest.raises(RecordingError, match="no clip of nobody"):
        draw_motion(rng, draw_person(rng), 3.0, "recordings", reaches, ["nobody"])


def test_wrong_arguments_are_refused() -> None:
    rng = np.random.default_rng(0)
    person = draw_person(rng)
    for message, arguments in (
        ("source must be", {"source": "film"}),
        ("needs recordings", {"source": "mix"}),
        ("kind must be", {"kind": "dance"}),
        ("duration", {"duration": float("nan")}),
    ):
        with pytest.raises(MotionError, match=message):
            draw_motion(rng, person, **({"duration": 3.0} | arguments))
    with pytest.raises(ParameterError, match="amplitude_low"):
        MotionParams(amplitude_low=1.5)
    with pytest.raises(ParameterError, match="exceed one"):
        MotionParams(still_share=0.5, slow_share=0.6)


def test_the_default_movement_is_as_rich_as_known_dressings() -> None:
    """Median 0.1 to 0.18 m, 95 % quantile 0.2 to 0.36 m over trials of 5.5 s."""
    rng = np.random.default_rng(0)
    figures = measure_motions(draw_motion(rng, draw_person(rng), 5.5) for _ in range(120))
    assert 0.10 < figures.displacement_p50 < 0.18
    assert 0.20 < figures.displacement_p95 < 0.36


def test_the_shipped_generator_moves_as_the_recorded_people(recordings: tuple[Clip, ...]) -> None:
    """Within a quarter; over seeds the figures themselves scatter by about a tenth."""
    rng = np.random.default_rng(0)
    made = measure_motions(
        draw_motion(rng, draw_person(rng), 12.0, kind="active", params=PLAIN) for _ in range(60)
    )
    seen = measure_motions(play_clips(recordings[::6]))
    for name in ("speed_p95", "speed_p99", "moving", "acceleration_p95", "acceleration_p99"):
        assert getattr(made, name) == pytest.approx(getattr(seen, name), rel=0.25), name
    assert made.decorrelation == pytest.approx(seen.decorrelation, rel=0.25)


def test_the_elbow_goes_as_far_when_generated_as_when_played(
    recordings: tuple[Clip, ...],
) -> None:
    rng = np.random.default_rng(0)
    made, seen = (
        measure_motions(
            draw_motion(rng, draw_person(rng), 5.5, source, recordings, None, "active", PLAIN)
            for _ in range(100)
        )
        for source in ("generator", "recordings")
    )
    for name in ("displacement_p50", "displacement_p95", "speed_p95", "moving", "acceleration_p95"):
        assert getattr(made, name) == pytest.approx(getattr(seen, name), rel=0.2), name


def test_held_out_subjects_can_be_played(recordings: tuple[Clip, ...]) -> None:
    rng = np.random.default_rng(0)
    for subject in sorted({c.subject for c in recordings})[:3]:
        motion = draw_motion(rng, draw_person(rng), 5.5, "recordings", recordings, [subject])
        assert motion.source.startswith(subject)
