"""The optional inputs of a scene, from its own sensors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import Sample, Truth
from elbowroom.sim import SimParams
from sim.makers import make_scene, pull_straight
from sim.test_scene import record


def test_optional_inputs_can_stay_hidden() -> None:
    hidden = dict.fromkeys(("wrist_visible", "progress_visible", "effort_visible"), "never")
    with make_scene(replace(SimParams(), **hidden)) as scene:
        samples, _ = record(scene, 4.0)
    assert all(s.wrist is None and s.progress is None and s.effort is None for s in samples)


def test_the_cuffs_way_and_the_joints_torques_are_measured() -> None:
    seen = replace(SimParams(), progress_visible="always", effort_visible="always")
    with make_scene(seen) as scene:
        samples, truths, efforts = [], [], []

        def watch(sample: Sample, truth: Truth) -> None:
            samples.append(sample)
            truths.append(truth)
            efforts.append(scene._robot.effort_of(scene._pull))

        pull_straight(scene, 2.0, watch=watch)
    pairs = list(zip(samples, truths, strict=True))
    way = np.array([s.progress - t.progress for s, t in pairs if s.progress is not None])
    assert len(way) == 60
    assert way.std() == pytest.approx(seen.progress_noise, rel=0.3)
    assert abs(way.mean()) < 3 * seen.progress_bias
    felt = np.array(
        [s.effort - e for s, e in zip(samples, efforts, strict=True) if s.effort is not None]
    )
    assert felt.shape == (120, 7)
    np.testing.assert_allclose(felt.std(axis=0), seen.effort_noise, rtol=0.3)
    assert np.abs(felt.mean(axis=0)).max() < 4 * seen.effort_bias


def test_optional_inputs_leave_every_other_draw_as_it_is() -> None:
    runs = []
    for mode in ("never", "half", "always"):
        params = replace(SimParams(), progress_visible=mode, effort_visible=mode)
        with make_scene(params) as scene:
            samples, _ = record(scene, 0.5)
        runs.append(samples)
    for never, half, always in zip(*runs, strict=True):
        for one in (half, always):
            np.testing.assert_array_equal(one.wrench.force, never.wrench.force)
            assert (one.shoulder is None) == (never.shoulder is None)
            if one.shoulder is not None:
                np.testing.assert_array_equal(one.shoulder, never.shoulder)
        assert half.progress in (None, always.progress)
