from __future__ import annotations

import dataclasses
import urllib.request

import pytest

from elbowroom.core import Status
from elbowroom.view.web import WebScene


@pytest.fixture
def page():
    page = WebScene(port=18080)
    yield page
    page.close()


def test_the_page_is_served_and_says_what_the_box_promises(page, frame):
    page.update(frame)
    page.update(dataclasses.replace(frame, status=Status.VOID, caption="the wrench is lost"))
    with urllib.request.urlopen(page.address, timeout=10) as answer:
        assert answer.status == 200
        assert b"<html" in answer.read(2000)
    assert "VOID" in page.text
    assert "the wrench is lost" in page.text
    assert "11.9 cm" in page.text


def test_a_frame_without_a_box_is_shown(page, frame):
    page.update(dataclasses.replace(frame, box=None, elbow=None))
    assert "edge" not in page.text
