"""The monitor of the inputs: make its reference, run it over a recording, judge it."""

from __future__ import annotations

VERBS = {
    "fit": "make the trusted reference from recorded dressings",
    "report": "run the monitor over a recording and write its report",
    "evaluate": "plant changes, count violated boxes and alarms in time",
}
