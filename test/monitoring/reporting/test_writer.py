"""Reports written beside the work: one at a time, of what was known when it was asked for."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from elbowroom.monitoring import MonitoringError, attendant
from elbowroom.monitoring.attendant import Attendant, AttendantParams
from elbowroom.monitoring.reporting import report
from elbowroom.monitoring.reporting.writer import ReportWriter
from elbowroom.monitoring.watching.watch import WatchParams
from monitoring.made import VERSION, draw_readings


@pytest.fixture
def kept(reference_folder, tmp_path):
    return make(reference_folder, tmp_path)


def make(folder, tmp_path, **more):
    params = AttendantParams(reference=str(folder), report=str(tmp_path / "report"), **more)
    return Attendant(params, WatchParams())


def dress(kept, seed, version=VERSION, **how):
    kept.begin()
    for reading in draw_readings(seed, **how):
        kept.take_reading(reading, version)
    return reading.stamp


@pytest.fixture
def gate(monkeypatch):
    """Holds every report back until it is opened."""
    gate, write = threading.Event(), attendant.write_report

    def wait_and_write(*args):
        assert gate.wait(10.0)
        return write(*args)

    monkeypatch.setattr(attendant, "write_report", wait_and_write)
    yield gate
    gate.set()


def test_a_report_is_of_what_was_known_when_it_was_asked_for(kept, tmp_path, gate):
    now = dress(kept, 700)
    page = tmp_path / "report" / "index.html"
    assert kept.ask_report(now) == (True, f"{page} is being written")
    dress(kept, 3, begin=200.0, shift=12.0)
    assert kept.reports.take_news() == ""
    gate.set()
    kept.close()
    assert page.exists()
    figures = json.loads((page.parent / "report.json").read_text())
    assert figures["readings"] == 48
    assert figures["alarmed"] == []
    assert figures["verdict"]["stamp"] == now


def test_a_second_report_is_refused_while_one_is_written(kept, gate):
    now = dress(kept, 700)
    assert kept.ask_report(now)[0]
    begun, why = kept.ask_report(now)
    assert not begun
    assert "a report is being written" in why
    gate.set()
    kept.close()
    assert kept.reports.take_news().startswith("report written: ")
    assert kept.reports.take_news() == ""
    assert kept.ask_report(now)[0]
    kept.close()


def test_a_report_that_fails_says_so_and_the_next_may_begin():
    writer = ReportWriter()
    for error in (OSError("no space left"), ZeroDivisionError("by zero")):

        def fail(error=error):
            raise error

        writer.start(fail)
        writer.wait()
        assert str(error) in writer.last
        assert writer.take_news().startswith("report failed: ")
    assert not writer.busy


def test_two_reports_to_one_folder_do_not_share_half_written_files(monkeypatch, tmp_path):
    both, names, replace = threading.Barrier(2, timeout=10.0), set(), report.os.replace

    def meet(source, target):
        names.add(Path(source).name)
        both.wait()
        replace(source, target)

    monkeypatch.setattr(report.os, "replace", meet)
    writers, page = (ReportWriter(), ReportWriter()), tmp_path / "index.html"
    for writer, text in zip(writers, ("first", "second"), strict=True):
        writer.start(lambda text=text: report._replace(page, text) or page)
    for writer in writers:
        writer.wait()
        assert writer.last == str(page)
    assert len(names) == 2
    assert page.read_text() in ("first", "second")
    assert [p.name for p in tmp_path.iterdir()] == ["index.html"]


def test_links_lead_to_the_recordings_from_wherever_the_page_is(
    reference_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    recording = Path("rec") / "a bag, 50 %'s"
    recording.mkdir(parents=True)
    kept = make(reference_folder, tmp_path, bag=str(recording))
    text = kept.report(dress(kept, 700)).read_text()
    links = set(re.findall(r"href='([^']*)'", text))
    assert len(links) == 1
    link = urlparse(links.pop())
    assert link.scheme == "file"
    assert Path(unquote(link.path)) == recording.absolute()


def test_why_there_is_nothing_to_report_is_named(kept):
    dress(kept, 700, version="other")
    with pytest.raises(MonitoringError, match=f"48 readings .* model other, .* of {VERSION}"):
        kept.report(0.0)


def test_readings_without_a_layer_are_named(kept):
    for reading in draw_readings(700):
        kept.take(reading.stamp, VERSION, "input", reading.layers["input"])
    begun, why = kept.ask_report(0.0)
    assert not begun
    assert "47 readings lacked one of the layers input, hidden" in why
