"""What is drawn for a person, with the simulator itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.campaign import cast
from elbowroom.campaign.cast import Cast, CastParams, draw_setup
from elbowroom.campaign.recorder import Recorder
from elbowroom.core import load_trial, save_trial

pytest.importorskip("pybullet")


def draw(seed, index, **people):
    return draw_setup(seed, index, 0, Cast(replace(CastParams(motion_duration=1.0), **people)))


def describe(index, **people):
    setup = draw(3, index, **people)
    first = setup.scene.observe()
    setup.scene.close()
    return setup.facts, first


def test_how_much_is_seen_is_drawn_for_each_input_by_itself():
    drawn = [describe(i)[0] for i in range(12)]
    for name in ("wrist_visible", "progress_visible", "effort_visible"):
        assert len({facts[name] for facts in drawn}) > 1
    assert len({(f["progress_visible"], f["effort_visible"]) for f in drawn}) > 3


def test_the_other_inputs_do_not_change_who_is_drawn():
    own = ("progress_visible", "effort_visible", "sim")
    given, sample = describe(5, progress="never", effort="never")
    for mode in ("half", "always"):
        facts, first = describe(5, progress=mode, effort=mode)
        assert facts["progress_visible"] == facts["sim"]["effort_visible"] == mode
        for name in set(facts) - set(own):
            assert facts[name] == given[name], name
        np.testing.assert_array_equal(first.wrench.force, sample.wrench.force)
        np.testing.assert_array_equal(first.gripper.position, sample.gripper.position)


def test_what_was_seen_is_recorded_and_stored(tmp_path):
    from elbowroom.core import Command

    setup = draw(3, 1, progress="always", effort="always", wrist="never")
    rows = Recorder()
    with setup.scene as scene:
        for _ in range(24):
            rows.add(scene.observe(), scene.truth())
            scene.step(Command(np.zeros(3)))
    facts = setup.facts | {"upper_arm": 0.3, "forearm": 0.25}
    save_trial(tmp_path / "a.npz", rows.trial(facts))
    trial = load_trial(tmp_path / "a.npz")
    assert np.flatnonzero(~np.isnan(trial.progress)).tolist() == [0, 8, 16]
    assert np.flatnonzero(~np.isnan(trial.effort[:, 0])).tolist() == list(range(0, 24, 4))
    assert np.nanmax(np.abs(trial.progress - trial.true_progress)) < 0.06
    assert np.isnan(trial.wrist).all()


def test_a_further_dressing_is_of_the_same_body_in_the_same_sleeve():
    first, sample = describe(2)
    again = [describe(2, dressing=d) for d in (1, 2, 2)]
    for facts, _ in again:
        for name in ("person", "upper_arm_true", "forearm_true", "garment", "side"):
            assert facts[name] == first[name], name
    assert [f["dressing"] for f, _ in again] == [1, 2, 2]
    forces = [s.wrench.force for _, s in [(first, sample), *again]]
    np.testing.assert_array_equal(forces[2], forces[3])
    assert np.any(forces[0] != forces[1])
    assert np.any(forces[1] != forces[2])


def test_the_body_is_that_of_the_draw_that_could_be_reached(monkeypatch):
    import elbowroom.sim
    from elbowroom.sim import DressingScene, UnreachableError

    bodies = [draw_body(2, attempt) for attempt in (0, 1)]

    class PickyScene(DressingScene):
        def __init__(self, person, *others):
            if person.upper_arm == bodies[0]:
                raise UnreachableError("the first body is out of reach")
            super().__init__(person, *others)

    monkeypatch.setattr(elbowroom.sim, "DressingScene", PickyScene)
    for attempt in (0, 1):
        setup = draw_setup(3, 2, attempt, Cast(CastParams(motion_duration=1.0, dressing=1)))
        setup.scene.close()
        assert setup.facts["upper_arm_true"] == bodies[1] != bodies[0]


def draw_body(index, attempt):
    setup = draw_setup(3, index, attempt, Cast(CastParams(motion_duration=1.0)))
    setup.scene.close()
    return setup.facts["upper_arm_true"]


def test_nothing_is_drawn_twice_from_one_stream():
    streams = (cast._OTHER_STREAM, cast._DRESSING_STREAM, cast.POLICY_STREAM)
    assert len(set(streams)) == len(streams)
