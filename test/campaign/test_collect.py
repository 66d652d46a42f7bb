from __future__ import annotations

import numpy as np
import pytest

from elbowroom.campaign import CampaignError, RunParams, Setup, collect
from elbowroom.core import load_trial


def stage(room, facts=None):
    def setup(seed, index, attempt, params):
        rng = np.random.default_rng([seed, index, attempt])
        facts = {"person": index, "garment": {"kind": "taut"}, "attempt": attempt}
        return Setup(room(sway=rng.uniform(0.0, 0.05)), facts)

    return setup


def gather(folder, room, count=3, seed=1, setup=None, **others):
    return collect(
        count,
        seed,
        folder,
        workers=1,
        run=RunParams(max_duration=1.0),
        setup=setup or stage(room),
        **others,
    )


def test_every_person_has_a_file_with_the_facts(simulator, room, tmp_path):
    figures = gather(tmp_path, room)
    files = sorted(p.name for p in tmp_path.glob("*.npz"))
    assert files == ["000000.npz", "000001.npz", "000002.npz"]
    assert figures["people"] == figures["new"] == 3
    facts = load_trial(tmp_path / files[1]).facts
    assert facts["person"] == 1
    assert {"planner", "error", "memory", "side", "speed", "truthful", "estimated"} == set(
        facts["policy"]
    )


def test_finished_people_are_skipped_and_the_rest_is_the_same(simulator, room, tmp_path):
    gather(tmp_path / "a", room, count=1)
    kept = (tmp_path / "a/000000.npz").stat().st_mtime_ns
    figures = gather(tmp_path / "a", room, count=3)
    gather(tmp_path / "b", room, count=3)
    assert figures["new"] == 2
    assert (tmp_path / "a/000000.npz").stat().st_mtime_ns == kept
    for name in ("000000.npz", "000002.npz"):
        one, other = load_trial(tmp_path / "a" / name), load_trial(tmp_path / "b" / name)
        np.testing.assert_array_equal(one.gripper_position, other.gripper_position)


@pytest.mark.parametrize("change", [{"seed": 2}, {"planner": "point"}])
def test_people_of_another_seed_or_setting_are_not_mixed_in(simulator, room, tmp_path, change):
    gather(tmp_path, room, count=1)
    before = (tmp_path / "collection.json").read_text()
    with pytest.raises(CampaignError, match="other settings"):
        gather(tmp_path, room, count=1, **change)
    assert (tmp_path / "collection.json").read_text() == before


def test_people_whose_settings_nobody_wrote_down_are_not_mixed_in(simulator, room, tmp_path):
    gather(tmp_path, room, count=1)
    (tmp_path / "settings.json").unlink()
    with pytest.raises(CampaignError, match="how they were made"):
        gather(tmp_path, room, count=2)


def test_unreachable_draws_are_redrawn_and_counted(simulator, room, tmp_path):
    def setup(seed, index, attempt, params):
        if attempt < 2:
            raise simulator.UnreachableError("too far")
        return stage(room)(seed, index, attempt, params)

    figures = gather(tmp_path, room, setup=setup)
    assert figures["redraws"] == 6
    assert figures["failures"] == []
    assert load_trial(tmp_path / "000000.npz").facts["redraws"] == 2


def test_failed_simulations_are_reported_and_not_stored(simulator, room, tmp_path):
    def setup(seed, index, attempt, params):
        if index == 1:
            raise simulator.SimulationError("blew up")
        return stage(room)(seed, index, attempt, params)

    figures = gather(tmp_path, room, setup=setup)
    assert figures["people"] == 2
    assert figures["failures"] == [{"index": 1, "failure": "SimulationError: blew up"}]


def test_a_collection_of_failures_alone_is_an_error(simulator, room, tmp_path):
    def setup(*_):
        raise simulator.SimulationError("blew up")

    with pytest.raises(CampaignError, match=r"no dressing could be recorded.*blew up"):
        gather(tmp_path, room, setup=setup)
    assert not (tmp_path / "collection.json").exists()


def test_scenes_are_closed(simulator, room, tmp_path):
    rooms = []

    class Counted(room):
        def __init__(self, sway=0.0):
            super().__init__(sway)
            rooms.append(self)

    gather(tmp_path, Counted)
    assert len(rooms) == 3
    assert all(r.closed for r in rooms)


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (1, -1)])
def test_impossible_campaigns_are_refused(tmp_path, count, seed):
    with pytest.raises(CampaignError, match="needed"):
        collect(count, seed, tmp_path)
