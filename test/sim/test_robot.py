from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pybullet
import pytest

from elbowroom.core import Command, Wrench
from elbowroom.sim.params import SimParams
from elbowroom.sim.robot.body import Robot
from elbowroom.sim.sensing.wrist_sensor import WristSensor, flange
from sim.makers import EXACT

PERIOD = 1 / 240
STILL = Command(np.zeros(3))


@pytest.fixture
def robot() -> Iterator[Robot]:
    client = pybullet.connect(pybullet.DIRECT)
    pybullet.setTimeStep(PERIOD, physicsClientId=client)
    pybullet.setGravity(0, 0, -9.81, physicsClientId=client)
    robot = Robot(client, np.array([0.5, -0.5, 0.6]), 2.0, PERIOD)
    yield robot
    pybullet.disconnect(client)


def run(
    robot: Robot, ticks: int, command: Command = STILL, force: tuple[float, ...] = (0, 0, 0)
) -> None:
    for _ in range(ticks):
        pull = np.array([*force, *np.cross(robot.position, force)])
        robot.drive(command, pull)
        pybullet.stepSimulation(physicsClientId=robot._client)
        robot.read()


def measure(robot: Robot, params: SimParams, seed: int = 0) -> Wrench:
    return WristSensor(params, np.random.default_rng(seed)).measure(robot, 0.0)


def test_the_fingers_follow_a_velocity(robot: Robot) -> None:
    start, turn = robot.position.copy(), robot.rotation.copy()
    run(robot, 240, Command(np.array([0.05, -0.1, 0.02]), np.array([0.0, 0.0, 0.3])))
    np.testing.assert_allclose(robot.position - start, [0.05, -0.1, 0.02], atol=2e-3)
    spin = robot.rotation @ turn.T
    assert np.arctan2(spin[1, 0], spin[0, 0]) == pytest.approx(0.3, abs=0.01)
    np.testing.assert_allclose(robot.twist[:3], [0.05, -0.1, 0.02], atol=5e-3)


def test_a_pull_hardly_moves_the_robot(robot: Robot) -> None:
    start = robot.position.copy()
    run(robot, 240, force=(10.0, -5.0, 3.0))
    assert np.linalg.norm(robot.position - start) < 2e-3


def test_out_of_reach_the_robot_waits_at_the_edge(robot: Robot) -> None:
    run(robot, 720, Command(np.array([0.0, 0.0, 0.4])))
    top = robot.position.copy()
    assert top[2] < 0.6 + 0.333 + 0.316 + 0.384 + 0.3
    assert np.linalg.norm(robot.twist) < 0.25
    run(robot, 60, Command(np.array([0.0, 0.0, -0.2])))
    # It comes back at once: the wanted pose has not run away meanwhile.
    assert robot.position[2] < top[2] - 0.02


@pytest.mark.parametrize("force", [(0.0, 0.0, 0.0), (3.0, -2.0, 5.0), (-8.0, 1.0, -4.0)])
def test_the_wrist_feels_the_force_at_the_fingers(
    robot: Robot, force: tuple[float, float, float]
) -> None:
    run(robot, 120, force=force)
    wrench = measure(robot, EXACT)
    np.testing.assert_allclose(wrench.force, force, atol=0.01)
    _, origin = flange(robot)
    np.testing.assert_allclose(wrench.torque, np.cross(robot.position - origin, force), atol=2e-3)


@pytest.mark.parametrize("force", [(3.0, -2.0, 5.0), (-8.0, 1.0, -4.0)])
def test_effort_is_what_the_motors_need_beyond_free_motion(
    robot: Robot, force: tuple[float, float, float]
) -> None:
    """The motors hold a still arm against gravity; with a pull they hold against that as well."""
    pull = np.array([*force, *np.cross(robot.position, force)])
    run(robot, 240)
    free = motor_torques(robot)
    expected = robot.effort_of(pull)
    run(robot, 240, force=force)
    np.testing.assert_allclose(-(motor_torques(robot) - free), expected, atol=0.15)
    assert np.abs(expected).max() > 1.0


def motor_torques(robot: Robot) -> np.ndarray:
    states = pybullet.getJointStates(robot.body, range(7), physicsClientId=robot._client)
    return np.array([s[3] for s in states])


def test_weight_and_inertia_are_compensated_in_motion(robot: Robot) -> None:
    worst = 0.0
    for k in range(240):
        swing = 0.1 * np.sin(2 * np.pi * k / 120)
        command = Command(np.array([swing, 0.0, -swing]), np.array([0.0, 0.5 * swing, 0.0]))
        run(robot, 1, command, force=(2.0, 0.0, 0.0))
        worst = max(worst, float(np.abs(measure(robot, EXACT).force - [2.0, 0, 0]).max()))
    assert worst < 0.15


def test_saturation_and_resolution(robot: Robot) -> None:
    run(robot, 120, force=(30.0, 0.0, 0.0))
    low = SimParams.from_mapping(
        {f: getattr(EXACT, f) for f in EXACT.__dataclass_fields__} | {"saturation_force": 15.0}
    )
    assert np.linalg.norm(measure(robot, low).force) < 30.0
    coarse = SimParams.from_mapping(
        {f: getattr(EXACT, f) for f in EXACT.__dataclass_fields__}
        | {"quantum_force": (4.0, 4.0, 4.0)}
    )
    turn, _ = flange(robot)
    weight = np.array([0.0, 0.0, 1.01 * -9.81])
    raw = turn.T @ (measure(robot, coarse).force + weight)
    np.testing.assert_allclose(raw / 4.0, np.round(raw / 4.0), atol=0.02)


def test_errors_have_the_declared_size(robot: Robot) -> None:
    run(robot, 60)
    params = SimParams()
    biases = np.array([measure(robot, params, seed).force for seed in range(300)])
    weight = params.compensation_mass * 9.81
    noise = np.linalg.norm([*params.noise_force, *[params.bias_force] * 3, weight])
    spread = np.sqrt(np.sum(biases.std(axis=0) ** 2))
    assert spread == pytest.approx(noise, rel=0.15)
    assert np.abs(biases.mean(axis=0)).max() < 0.05


@pytest.mark.parametrize("way", [[0.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
def test_a_stretched_arm_turns_the_fingers_rather_than_leave_the_way(
    robot: Robot, way: list[float]
) -> None:
    start, turn = robot.position.copy(), robot.rotation.copy()
    ahead = robot.turn @ np.array(way) / np.linalg.norm(way)
    run(robot, 600, Command(0.2 * ahead))
    moved = robot.position - start
    assert moved @ ahead > 0.45
    assert np.linalg.norm(moved - (moved @ ahead) * ahead) < 0.03
    assert np.trace(turn.T @ robot.rotation) < 2.5
