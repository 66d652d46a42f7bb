from __future__ import annotations

import numpy as np
import pytest

from elbowroom.motion import Clip, MotionError, draw_person, is_dressable, retarget
from elbowroom.motion.retarget import dressable_starts


def _directions(points: np.ndarray) -> np.ndarray:
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def test_directions_are_the_recorded_ones_and_lengths_the_persons(
    reaches: tuple[Clip, ...],
) -> None:
    clip, rng = reaches[0], np.random.default_rng(0)
    person = draw_person(rng)
    motion = retarget(clip, person, rng, (0.0, 4.0), yaw=0.0)
    assert motion.upper_arm == pytest.approx(person.upper_arm)
    assert motion.forearm == pytest.approx(person.forearm)
    # The playing speed reaches 1 after 0.4 s, having lost 0.2 s on the way, and a start within
    # the rounded turn at the clip's first row is shown an eighth of a second in.
    late = motion.time > 0.6
    at = motion.time[late] - 0.2
    recorded = _directions(clip.elbow - clip.shoulder)
    expected = np.stack([np.interp(at, clip.time, c) for c in recorded.T], axis=1)
    found = _directions(motion.elbow - motion.shoulder)[late]
    assert np.max(np.linalg.norm(found - expected, axis=1)) < 0.01


def test_shoulder_displacement_scales_with_the_arm(reaches: tuple[Clip, ...]) -> None:
    clip = reaches[0]
    rng = np.random.default_rng(0)
    person = draw_person(rng)
    motion = retarget(clip, person, rng, (0.5, 5.0))
    recorded = np.linalg.norm(clip.shoulder - clip.shoulder[30], axis=1).max()
    moved = np.linalg.norm(motion.shoulder - [0, 0, 1], axis=1).max()
    share = (person.upper_arm + person.forearm) / (0.28 + 0.25)
    assert moved == pytest.approx(recorded * share, rel=0.1)
    np.testing.assert_allclose(motion.shoulder[0], [0, 0, 1])


@pytest.mark.parametrize("rate", [1.0, -1.3])
def test_it_starts_from_rest_and_turns_smoothly_at_the_ends(
    reaches: tuple[Clip, ...], rate: float
) -> None:
    rng = np.random.default_rng(1)
    motion = retarget(reaches[2], draw_person(rng), rng, (1.6, 20.0), rate)
    velocity = np.diff(motion.elbow, axis=0) * 60
    assert np.linalg.norm(velocity[0]) < 0.01
    assert np.max(np.linalg.norm(np.diff(velocity, axis=0), axis=1)) * 60 < 6.0


def test_amplitude_scales_the_movement_about_its_start(reaches: tuple[Clip, ...]) -> None:
    person = draw_person(np.random.default_rng(0))
    full, half = (
        retarget(reaches[0], person, np.random.default_rng(0), (0.5, 3.0), amplitude=a).displacement
        for a in (1.0, 0.5)
    )
    assert half.max() == pytest.approx(full.max() / 2, rel=0.1)


def test_windows_outside_the_clip_are_refused(reaches: tuple[Clip, ...]) -> None:
    rng = np.random.default_rng(0)
    for window in ((-0.1, 2.0), (7.0, 2.0), (0.0, 0.0), (0.0, float("nan"))):
        with pytest.raises(MotionError, match="window"):
            retarget(reaches[0], draw_person(rng), rng, window)


def test_dressable_starts_show_a_hand_held_out(reaches: tuple[Clip, ...]) -> None:
    rng = np.random.default_rng(0)
    starts = dressable_starts(reaches[0], flexion_max=1.2)
    assert len(starts) > 0
    motion = retarget(reaches[0], draw_person(rng), rng, (float(starts[40]), 2.0), yaw=0.0)
    assert motion.flexion[0] < 1.25
    assert is_dressable(motion, flexion_max=1.25)
    assert not is_dressable(motion, flexion_max=0.1)
