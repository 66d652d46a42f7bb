from __future__ import annotations

from dataclasses import replace

import numpy as np
import pybullet
import pytest

from elbowroom.core import Box, Command, InputError, Sample, Truth
from elbowroom.sim import DressingScene, SimParams, SimulationError, UnreachableError
from sim.makers import EXACT, GARMENT, PERSON, hold_out, make_scene, pull_straight

STILL = Command(np.zeros(3))


def record(scene: DressingScene, duration: float) -> tuple[list[Sample], list[Truth]]:
    samples, truths = [scene.observe()], [scene.truth()]

    def watch(sample: Sample, truth: Truth) -> None:
        samples.append(sample)
        truths.append(truth)

    pull_straight(scene, duration, watch=watch)
    return samples, truths


def test_a_straight_pull_dresses_the_arm() -> None:
    with make_scene(EXACT) as scene:
        samples, truths = record(scene, 5.0)
        nodes = scene.sleeve_nodes()
    assert truths[0].threaded
    assert truths[0].progress < 0.10
    assert not truths[0].passed
    assert all(t.threaded for t in truths)
    assert truths[-1].passed
    assert truths[-1].progress > PERSON.forearm + 0.1
    assert np.isfinite(nodes).all()
    assert nodes.shape == (144, 3)
    np.testing.assert_allclose(np.diff([s.stamp for s in samples]), 1 / 240, atol=1e-12)
    errors = np.array(
        [s.wrench.force - t.force for s, t in zip(samples, truths, strict=True) if s.wrench]
    )
    assert len(errors) == len(samples)
    assert np.sqrt(np.mean(errors**2)) < 0.1
    forces = np.array([np.linalg.norm(t.force) for t in truths])
    assert 0.5 < forces.mean() < 6.0
    assert forces.max() < 20.0
    assert np.linalg.norm(truths[0].force) == pytest.approx(GARMENT.mass * 9.81, rel=0.5)


def test_what_is_seen_and_when() -> None:
    with make_scene(replace(SimParams(), wrist_visible="always")) as scene:
        samples, truths = record(scene, 4.0)
    shoulders = [s.stamp for s in samples if s.shoulder is not None]
    np.testing.assert_allclose(np.diff(shoulders), 1 / 30, atol=1e-9)
    sightings = [
        (s.stamp, s.sighting - t.elbow)
        for s, t in zip(samples, truths, strict=True)
        if s.sighting is not None
    ]
    assert samples[0].sighting is not None
    assert len(sightings) == 8
    assert max(stamp for stamp, _ in sightings) < 0.25
    assert max(np.linalg.norm(error) for _, error in sightings) < 0.03
    first = next(k for k, s in enumerate(samples) if s.wrist is not None)
    # The hand comes out of the tail when the cuff is about a sleeve's length up the arm.
    assert 0.1 < truths[first].progress < 0.28
    wrists = [
        s.wrist - t.wrist for s, t in zip(samples, truths, strict=True) if s.wrist is not None
    ]
    assert len(wrists) > 0.9 * (len(samples) - first) / 8
    assert np.sqrt(np.mean(np.sum(np.square(wrists), axis=1))) < 0.03


def test_the_same_seed_gives_the_same_bits() -> None:
    runs = []
    for seed in (3, 3, 4):
        with make_scene(seed=seed) as scene:
            samples, truths = record(scene, 0.7)
            last = samples[-1]
            assert last.wrench is not None
            assert last.gripper is not None
            runs.append(
                (
                    scene.sleeve_nodes().tobytes(),
                    last.wrench.force.tobytes(),
                    last.gripper.position.tobytes(),
                    truths[-1].elbow.tobytes(),
                    scene.arm.upper_arm,
                )
            )
    assert runs[0] == runs[1]
    assert runs[0][1] != runs[2][1]
    assert runs[0][4] != runs[2][4]


def test_pictures_do_not_disturb_the_physics() -> None:
    nodes = []
    for look in (False, True):
        with make_scene() as scene:
            for k in range(24):
                scene.step(Command(np.array([-0.1, 0.0, 0.0])))
                if look and k % 12 == 0:
                    scene.render(64, 48)
            nodes.append(scene.sleeve_nodes())
    assert np.array_equal(*nodes)


def test_forces_converge_with_the_substep() -> None:
    means = []
    for substeps in (12, 24, 48):
        with make_scene(replace(EXACT, substeps=substeps), flexion=0.7) as scene:
            _, truths = record(scene, 3.0)
        means.append(np.mean([np.linalg.norm(t.force) for t in truths]))
    assert max(means) / min(means) < 1.05


def test_a_left_arm_is_dressed_like_a_right_one() -> None:
    ends = []
    for side in ("right", "left"):
        with make_scene(EXACT, person=replace(PERSON, side=side)) as scene:
            pull_straight(scene, 3.0)
            ends.append((scene.truth(), scene.arm_points()))
    (right, points), (left, mirrored) = ends
    assert right.threaded
    assert left.threaded
    assert left.progress == pytest.approx(right.progress, abs=0.03)
    np.testing.assert_allclose(points * [1, -1, 1], mirrored, atol=0.02)


def test_the_arm_measurement_is_off_by_millimetres() -> None:
    errors = []
    for seed in range(12):
        with make_scene(replace(SimParams(), settle_time=0.0), seed=seed) as scene:
            errors.append(scene.arm.upper_arm - PERSON.upper_arm)
            assert scene.arm.upper_arm_error == 0.005
    assert 0.001 < np.std(errors) < 0.012


@pytest.mark.parametrize(
    "command",
    [
        Command(np.array([np.nan, 0.0, 0.0])),
        Command(np.zeros(3), np.array([0.0, np.inf, 0.0])),
        Command(np.zeros(2)),
    ],
)
def test_a_bad_command_is_refused_and_changes_nothing(command: Command) -> None:
    with make_scene() as scene:
        before = scene.observe()
        with pytest.raises(InputError, match="three finite numbers"):
            scene.step(command)
        assert scene.observe() is before
        assert scene.time == 0.0


def test_a_wild_command_never_breaks_the_numbers() -> None:
    rng = np.random.default_rng(5)
    with make_scene() as scene:
        for _ in range(480):
            sample = scene.step(Command(rng.normal(size=3), 3 * rng.normal(size=3)))
            assert sample.wrench is not None
            assert np.isfinite(sample.wrench.force).all()


def test_a_sleeve_that_is_no_longer_finite_is_reported() -> None:
    with make_scene() as scene:
        scene._sleeve.v[3, 1] = np.nan
        with pytest.raises(SimulationError, match="no longer finite"):
            scene.step(STILL)


def test_the_end_and_the_closed_scene() -> None:
    scene = make_scene(replace(SimParams(), settle_time=0.0))
    scene.params = replace(scene.params, max_duration=0.1)
    for _ in range(24):
        scene.step(STILL)
    with pytest.raises(SimulationError, match=r"ends after 0\.1 s"):
        scene.step(STILL)
    scene.close()
    scene.close()
    with pytest.raises(SimulationError, match="closed"):
        scene.step(STILL)
    with pytest.raises(SimulationError, match="closed"):
        scene.render(32, 32)


def test_many_scenes_in_a_row_leave_no_connection() -> None:
    params = replace(SimParams(), settle_time=0.0)
    clients = set()
    for _ in range(8):
        with make_scene(params) as scene:
            scene.step(STILL)
            scene.render(16, 16)
            clients.add(scene._client)
            free = scene._client
        assert not pybullet.isConnected(free)
    assert len(clients) == 1


def test_an_unreachable_start_is_named() -> None:
    far = replace(SimParams(), robot_base=(2.0, -1.5, 0.5))
    with pytest.raises(UnreachableError, match="cannot take the cuff"):
        make_scene(far)


def test_a_motion_of_another_person_is_refused() -> None:
    other = hold_out(replace(PERSON, upper_arm=0.25))
    with pytest.raises(SimulationError, match="upper_arm"):
        DressingScene(PERSON, GARMENT, other)


def test_joints_have_names() -> None:
    with make_scene(replace(SimParams(), settle_time=0.0)) as scene:
        names, angles = scene.robot_joints()
        clearance = scene.finger_clearance()
    assert 0.0 < clearance < GARMENT.radius
    assert len(names) == len(angles) == 7
    assert names[0] == "panda_joint1"


def test_a_picture_shows_cloth_arm_and_box() -> None:
    with make_scene(replace(SimParams(), settle_time=0.0)) as scene:
        plain = scene.render(160, 120).astype(int)
        box = Box(scene.truth().elbow, np.full(3, 0.1))
        marked = scene.render(160, 120, box=box, elbow=True).astype(int)
    assert plain.shape == (120, 160, 3)
    blue = (plain[:, :, 2] > plain[:, :, 0] + 40).sum()
    skin = (plain[:, :, 0] > plain[:, :, 2] + 20).sum()
    assert blue > 100
    assert skin > 100
    changed = np.abs(marked - plain).sum(axis=2) > 60
    assert 20 < changed.sum() < 0.2 * changed.size


def test_bullets_cloth_agrees_with_the_tube() -> None:
    """Hanging and dragged over the hand, both garments weigh on the wrist alike."""
    forces = []
    for model in ("tube", "bullet"):
        params = replace(EXACT, garment_model=model, settle_time=0.2)
        with make_scene(params) as scene:
            samples, truths = record(scene, 0.4)
            nodes = scene.sleeve_nodes()
        assert nodes.shape == (144, 3)
        assert truths[-1].threaded
        last = samples[-1].wrench
        assert last is not None
        np.testing.assert_allclose(last.force, truths[-1].force, atol=0.3)
        forces.append(np.mean([t.force for t in truths[48:]], axis=0))
    assert np.linalg.norm(forces[0] - forces[1]) < 0.5
    assert forces[1][2] == pytest.approx(-GARMENT.mass * 9.81, rel=0.4)
