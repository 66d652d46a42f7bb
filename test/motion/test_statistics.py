from __future__ import annotations

import numpy as np
import pytest

from elbowroom.motion import ArmMotion, Clip
from elbowroom.motion.statistics import format_table, measure_motions


def test_a_swinging_arm_has_the_figures_of_a_circle() -> None:
    time = np.arange(1201) / 60
    angle = 0.5 * np.sin(2 * np.pi * 0.5 * time)
    upper = 0.3 * np.stack([np.sin(angle), 0 * angle, -np.cos(angle)], axis=1)
    shoulder = np.zeros((len(time), 3)) + [0, 0, 1.0]
    figures = measure_motions(
        [ArmMotion(time, shoulder, shoulder + upper, shoulder + upper + [0.25, 0, 0])]
    )
    assert figures.speed_max == pytest.approx(0.3 * 0.5 * np.pi, rel=0.01)
    assert figures.displacement_p95 == pytest.approx(2 * 0.3 * np.sin(0.25), rel=0.01)
    # The autocorrelation of a sine of 0.5 Hz is cos(pi lag), 1/e at 0.38 s.
    assert figures.decorrelation == pytest.approx(0.38, abs=0.03)


def test_nothing_to_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="two seconds"):
        measure_motions([])


def test_the_table_has_a_row_for_every_figure(reaches: tuple[Clip, ...]) -> None:
    lines = format_table(reaches, count=3).splitlines()
    assert len(lines) == 12
    assert all(len(line.split()) == 6 for line in lines[1:])
