"""Reports: figures, violations, ranking, the page, and the attendant that has them written."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from elbowroom.monitoring import MonitoringError
from elbowroom.monitoring.attendant import Attendant, AttendantParams
from elbowroom.monitoring.twosample.embedding import embed
from elbowroom.monitoring.watching.gatherer import Gatherer
from elbowroom.monitoring.watching.verdict import Level
from elbowroom.monitoring.watching.watch import WatchParams
from monitoring.made import VERSION, draw_readings

CHANGED = 6


@pytest.fixture
def attendant(reference_folder, tmp_path):
    return make(reference_folder, tmp_path)


def make(folder, tmp_path, **more):
    params = AttendantParams(reference=str(folder), report=str(tmp_path / "report"), **more)
    return Attendant(params, WatchParams())


def dress(attendant, seeds, **how):
    for i, seed in enumerate(seeds):
        attendant.begin()
        for reading in draw_readings(seed, begin=100.0 + 20 * i, **how):
            attendant.take_reading(reading, VERSION)
            now = reading.stamp
    return now


def read(page):
    return json.loads((page.parent / "report.json").read_text())


def test_a_report_of_unchanged_dressings_finds_little(attendant):
    now = dress(attendant, range(700, 712))
    figures = read(attendant.report(now))
    assert figures["readings"] == 12 * 48
    assert len(figures["dressings"]) == 12
    for layer in ("input", "hidden"):
        assert figures["baseline_rate"][layer] < 0.12
        assert figures["rate"][layer] < 0.15
    assert figures["together"]["p"] > 0.01
    assert np.median([d["p"]["input"] for d in figures["dressings"]]) > 0.2


def test_a_report_finds_the_change_and_when_it_came(reference_folder, tmp_path):
    attendant = make(reference_folder, tmp_path, bag="runs/bag 7")
    now = dress(attendant, range(700, 706), shift=12.0)
    page = attendant.report(now)
    figures = read(page)
    assert figures["rate"]["input"] > 0.4
    assert figures["together"]["p"] < 0.01
    violations = json.loads((page.parent / "violations.json").read_text())
    assert len(violations["violations"]) >= CHANGED - 1
    first = violations["violations"][0]
    begin = figures["dressings"][first["dressing"] - 1]["from_s"]
    # The change comes at the 24th reading, one second into the dressing.
    assert 1.0 <= first["first_stamp_s"] - begin < 1.6
    ranked = violations["ranked"]
    assert [r["distance"] for r in ranked] == sorted((r["distance"] for r in ranked), reverse=True)
    late = [(r["stamp_s"] - 100.0) % 20 >= 1.0 for r in ranked]
    assert np.mean(late) > 0.9
    assert ranked[0]["bag"] == "runs/bag 7"


def test_readings_of_several_recordings_point_to_their_own(reference_folder, tmp_path):
    attendant, now = make(reference_folder, tmp_path), 0.0
    for recording, people in (("first", range(700, 702)), ("second", range(702, 704))):
        attendant.begin(recording)
        now = dress(attendant, people, shift=12.0)
    figures = read(attendant.report(now))
    for row in figures["ranked"] + figures["violations"]:
        assert row["bag"] == ("first" if row["dressing"] <= 2 else "second")
    assert {r["bag"] for r in figures["violations"]} == {"first", "second"}


def test_the_page_needs_nothing_else_and_shows_everything(attendant):
    now = dress(attendant, range(700, 703), shift=12.0)
    text = attendant.report(now).read_text()
    assert "ERROR" in text
    assert text.count("<svg") == 4  # rates, scores, one picture a layer
    assert not re.search(r"<(script|link|img)\b|https?://(?!www.w3.org)", text)
    for word in ("input (t-SNE)", "reference", "live", "Strangest readings"):
        assert word in text


def test_dressings_are_drawn_one_after_another(reference_folder, tmp_path):
    attendant = make(reference_folder, tmp_path)
    for _ in range(2):  # time begins anew with every dressing, as in a simulator
        attendant.begin()
        attendant.begin()
        now = [attendant.take_reading(r, VERSION) or r.stamp for r in draw_readings(700)][-1]
    page = attendant.report(now)
    assert [d["dressing"] for d in read(page)["dressings"]] == [1, 2]
    text = page.read_text()
    assert "nan" not in text
    assert "-99" not in text
    curves = [
        [tuple(map(float, p.split(","))) for p in points.split()]
        for points in re.findall(r'points="([^"]+)"', text)
    ]
    scores = curves[-2:]
    assert len(scores) == 2
    assert scores[0][-1][0] < scores[1][0][0]


def test_a_report_of_nothing_or_to_nowhere_is_refused(reference_folder, attendant):
    with pytest.raises(MonitoringError, match="nothing was seen"):
        attendant.report(0.0)
    nowhere = Attendant(AttendantParams(reference=str(reference_folder)), WatchParams())
    with pytest.raises(MonitoringError, match="no folder"):
        nowhere.report(0.0)


def test_reports_are_written_on_schedule(reference_folder, tmp_path):
    attendant = make(reference_folder, tmp_path, report_period=10.0)
    now = dress(attendant, [700])
    page = tmp_path / "report" / "index.html"
    attendant.report_if_due(now)
    attendant.report_if_due(now + 9.0)
    attendant.close()
    assert not page.exists()
    attendant.report_if_due(now + 10.5)
    attendant.close()
    assert page.exists()


def test_the_memory_is_kept_and_taken_up(reference_folder, tmp_path):
    first = make(reference_folder, tmp_path, state=str(tmp_path / "state"))
    now = dress(first, range(700, 704))
    first.begin()
    again = make(reference_folder, tmp_path, state=str(tmp_path / "state"))
    again.restore()
    assert again.judge(now).units_seen == 4
    assert again.judge(now).e_value == first.judge(now).e_value


def test_a_state_that_cannot_be_kept_is_reported_and_ends_nothing(reference_folder, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    attendant = make(reference_folder, tmp_path, state=str(blocked))
    now = dress(attendant, range(700, 702))
    assert "cannot be kept" in attendant.trouble
    assert "cannot be kept" in attendant.describe(attendant.judge(now))["memory"]
    blocked.unlink()
    dress(attendant, range(702, 704))
    assert attendant.trouble == ""


def test_half_a_state_is_not_taken_for_none(reference_folder, tmp_path):
    first = make(reference_folder, tmp_path, state=str(tmp_path / "state"))
    dress(first, range(700, 702))
    first.close()
    (tmp_path / "state" / "manifest.json").unlink()
    again = make(reference_folder, tmp_path, state=str(tmp_path / "state"))
    assert "cannot be read" in again.restore()
    assert "forgotten" in again.trouble


def test_only_so_many_readings_are_remembered(reference_folder, tmp_path):
    attendant = make(reference_folder, tmp_path, remember=100)
    now = dress(attendant, range(700, 705))
    assert read(attendant.report(now))["readings"] == 100


def test_a_silent_monitor_says_so(attendant):
    dress(attendant, [700], shift=12.0)
    verdict = attendant.declare(3, "the monitor is not active")
    assert (verdict.level, verdict.reason) == (Level.STALE, "the monitor is not active")


def test_layers_of_one_stamp_make_a_reading():
    gatherer = Gatherer(("input", "hidden"))
    values = np.zeros(3, np.float32)
    assert gatherer.put(1.0, VERSION, "input", values) is None
    assert gatherer.put(1.0, VERSION, "unknown", values) is None
    reading = gatherer.put(1.0, VERSION, "hidden", values)
    assert reading is not None
    assert (reading.stamp, set(reading.layers)) == (1.0, {"input", "hidden"})
    # A layer that never comes is given up with the next stamp.
    gatherer.put(2.0, VERSION, "input", values)
    gatherer.put(3.0, VERSION, "input", values)
    assert gatherer.put(3.0, VERSION, "hidden", values).stamp == 3.0
    assert gatherer.broken == 1


def test_clusters_stay_apart_in_the_picture():
    rng = np.random.default_rng(0)
    points = np.vstack([rng.normal(size=(40, 8)), 8 + rng.normal(size=(40, 8))])
    placed = embed(points)
    centres = placed[:40].mean(axis=0), placed[40:].mean(axis=0)
    spread = max(placed[:40].std(), placed[40:].std())
    assert np.linalg.norm(centres[0] - centres[1]) > 3 * spread
    np.testing.assert_array_equal(placed, embed(points))
    with pytest.raises(MonitoringError, match="at least 8"):
        embed(points[:5])


def test_a_bad_reading_is_not_remembered(attendant):
    readings = draw_readings(700)
    broken = replace(readings[5], layers={"input": np.full(6, np.nan), "hidden": np.zeros(10)})
    attendant.begin()
    for reading in [*readings[:5], broken, *readings[6:]]:
        attendant.take_reading(reading, VERSION)
    assert read(attendant.report(readings[-1].stamp))["readings"] == 47
    assert attendant.describe(attendant.judge(0.0))["readings refused"] == 1


def test_a_recording_that_alarmed_is_not_made_good_by_its_end(attendant):
    dress(attendant, range(700, 703))
    changed = dress(attendant, [704], shift=12.0)
    now = dress(attendant, range(705, 707))
    assert changed < now
    seen = attendant.judge(now).units_seen
    verdict = attendant.conclude(now)
    assert verdict.units_seen == seen + 1
    page = attendant.report(now, verdict)
    figures = read(page)
    assert len(figures["alarmed"]) == 1
    assert figures["alarmed"][0] in [v["dressing"] for v in figures["violations"]]
    assert "1 of 6" in page.read_text()
