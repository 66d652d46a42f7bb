"""A watch that is kept running: what it keeps over restarts, and what it says of its features."""

from __future__ import annotations

from elbowroom.monitoring.attendant import Attendant, AttendantParams
from elbowroom.monitoring.watching.verdict import Level
from elbowroom.monitoring.watching.watch import WatchParams
from monitoring.made import VERSION, draw_readings


def make(folder, tmp_path, run_length=50.0, **how):
    params = AttendantParams(reference=str(folder), state=str(tmp_path / "state"))
    return Attendant(params, WatchParams(run_length=run_length, **how))


def dress(attendant, seeds, **how):
    for i, seed in enumerate(seeds):
        attendant.begin()
        for reading in draw_readings(seed, begin=100.0 + 20 * i, **how):
            attendant.take_reading(reading, VERSION)


def test_a_kept_alarm_survives_a_kill_in_mid_dressing(reference_folder, tmp_path):
    first = make(reference_folder, tmp_path, keep_alarm=True)
    dress(first, [3], shift=12.0)
    again = make(reference_folder, tmp_path, keep_alarm=True)
    assert again.restore() == ""
    verdict = again.judge(0.0)
    assert verdict.level is Level.ERROR
    assert "unlike all calibrated on" in verdict.reason


def test_a_memory_of_other_settings_is_kept_aside_and_its_alarm_stays(reference_folder, tmp_path):
    first = make(reference_folder, tmp_path)
    dress(first, range(400, 412), shift=6.0)
    first.begin()
    assert "the last dressings are unlike" in first.judge(0.0).reason
    first.close()
    other = make(reference_folder, tmp_path, run_length=60.0)
    assert "other settings" in other.restore()
    assert "they lie in state.refused-1" in other.trouble
    assert other.judge(0.0).level is Level.ERROR
    other.close()
    # With the settings of before, what was known before is still there.
    (tmp_path / "state").rename(tmp_path / "of others")
    (tmp_path / "state.refused-1").rename(tmp_path / "state")
    back = make(reference_folder, tmp_path)
    assert back.restore() == ""
    assert back.judge(0.0).units_seen == 12


def test_layers_that_are_missing_are_named(reference_folder, tmp_path):
    attendant = make(reference_folder, tmp_path)
    for reading in draw_readings(300):
        attendant.take(reading.stamp, VERSION, "input", reading.layers["input"])
    verdict = attendant.judge(102.0)
    assert verdict.level is Level.STALE
    assert "the features lack hidden" in verdict.reason


def test_by_a_clock_that_stands_still_only_an_alarm_is_told(reference_folder, tmp_path):
    attendant = make(reference_folder, tmp_path)
    dress(attendant, [700])
    verdict = attendant.judge(102.0, "the clock stands still")
    assert (verdict.level, verdict.reason) == (Level.STALE, "the clock stands still")
    dress(attendant, [3], shift=12.0)
    assert attendant.judge(102.0, "the clock stands still").level is Level.ERROR
