from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from elbowroom.core import ArtefactError
from elbowroom.motion import (
    Clip,
    RecordingError,
    draw_motion,
    draw_person,
    fit_movement,
    load_movement,
    save_movement,
)
from elbowroom.motion.movements.draw import measure_duration
from elbowroom.motion.movements.fit import resample
from elbowroom.motion.movements.model import SHIPPED
from elbowroom.motion.movements.moves import (
    CHANGE,
    LOG_SIZE,
    SHAPE,
    TEMPO,
    describe_move,
    rebuild_way,
)
from elbowroom.motion.movements.segments import find_segments


def _many(reaches: tuple[Clip, ...]) -> tuple[Clip, ...]:
    return tuple(dataclasses.replace(c, name=f"{c.name}-{i}") for c in reaches for i in range(3))


def test_a_reach_and_its_return_are_two_segments(reaches: tuple[Clip, ...]) -> None:
    for clip in reaches[:6]:
        segments = find_segments(resample(clip))
        assert len(segments) == 2
        assert segments[0].start == pytest.approx(60, abs=12)
        assert segments[1].start == pytest.approx(210, abs=12)


def test_describing_and_rebuilding_a_movement_gives_it_back(reaches: tuple[Clip, ...]) -> None:
    track = resample(reaches[0])
    segment = find_segments(track)[0]
    z = describe_move(track, segment)
    way = rebuild_way(track[segment.start], z[CHANGE], float(z[LOG_SIZE]), z[SHAPE])
    at = segment.start + np.arange(1, 9) / 8 * (segment.end - segment.start)
    expected = [np.interp(at, np.arange(len(track)), column) for column in track.T]
    np.testing.assert_allclose(way, np.stack(expected, axis=1), atol=1e-9)
    assert np.exp(z[TEMPO]) == pytest.approx((segment.end - segment.start) / 60)


def test_a_fitted_model_survives_saving_and_gives_movements(
    reaches: tuple[Clip, ...], tmp_path: Path
) -> None:
    model = fit_movement(_many(reaches), attribution="made up")
    saved = save_movement(tmp_path / "model", model)
    again = load_movement(tmp_path / "model")
    assert again.version == saved.version
    assert again.facts["attribution"] == "made up"
    person = draw_person(np.random.default_rng(0))
    before, after = (
        draw_motion(np.random.default_rng(1), person, 4.0, model=m).elbow for m in (model, again)
    )
    np.testing.assert_array_equal(before, after)


def test_movements_take_the_time_that_people_need() -> None:
    model = load_movement()
    for length in (0.02, 0.2, 0.8):
        hasty = measure_duration(model, length, tempo=-9.0)
        assert length / hasty <= model.brisk[0] + 1e-9
        assert length / hasty**2 <= model.brisk[1] + 1e-9
        usual = float(np.exp(model.law[0] + model.law[1] * np.log(length)))
        assert measure_duration(model, length, tempo=0.5) == pytest.approx(usual * np.exp(0.5))


def test_people_can_be_left_out(reaches: tuple[Clip, ...]) -> None:
    clips = _many(reaches)
    without = fit_movement(clips, subjects=["s0", "s1"])
    assert without.facts["subjects"] == ["s0", "s1"]
    only = fit_movement([c for c in clips if c.subject != "s2"])
    np.testing.assert_array_equal(without.moves.means, only.moves.means)
    with pytest.raises(RecordingError, match="no clip of s9"):
        fit_movement(clips, subjects=["s9"])


def test_too_few_movements_are_refused(reaches: tuple[Clip, ...]) -> None:
    with pytest.raises(RecordingError, match="too few to fit"):
        fit_movement(reaches[:3])


def test_the_shipped_model_is_small_and_names_its_source() -> None:
    model = load_movement()
    assert "Copyright (c) 2021 MiaH-kin" in model.facts["attribution"]
    assert "San Francisco State University" in model.facts["attribution"]
    assert sum(f.stat().st_size for f in SHIPPED.iterdir()) < 300_000


def test_tampered_and_incomplete_models_are_refused(
    reaches: tuple[Clip, ...], tmp_path: Path
) -> None:
    model = load_movement()
    with pytest.raises(ArtefactError, match="brisk"):
        dataclasses.replace(model, brisk=np.array([0.5, 0.0]))
    with pytest.raises(ArtefactError, match="law"):
        dataclasses.replace(model, law=np.array([np.nan, 1.0]))
    broken = dataclasses.replace(model.starts, covariances=-model.starts.covariances)
    with pytest.raises(ArtefactError, match="positive definite"):
        dataclasses.replace(model, starts=broken)
    save_movement(tmp_path / "m", model)
    manifest = tmp_path / "m" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["facts"]["attribution"] = "me"
    manifest.write_text(json.dumps(content))
    with pytest.raises(ArtefactError, match="changed"):
        load_movement(tmp_path / "m")
