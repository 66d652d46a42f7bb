"""Requests, attempts and standing still, with a skill that is told what happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from elbowroom.core import InputError, Pose
from elbowroom.nodes.grasping.grasper import Grasper, GrasperParams, Phase
from elbowroom.nodes.grasping.homing import Homing, Start
from elbowroom.nodes.grasping.view import Move, View

HERE = np.array([0.5, 0.0, 0.2])


@dataclass
class Puppet:
    """Lifts after a number of moves, or never; may raise or find fault when told to."""

    lifts_after: int = 10**6
    main: str = "objects"
    period: float = 0.1
    steps: int = 5
    start: Start = field(default_factory=lambda: Start(HERE, 0.0, 0.08))
    version: str = ""
    features: dict[str, Any] | None = None
    phase: str = "APPROACHING"
    words: str = ""
    blind: str = ""
    broken: bool = False
    moves: int = 0
    begun: int = 0

    def settle(self, name: str, horizon: int, view: View) -> tuple[str, int]:
        if name == "unicorn":
            raise InputError("no unicorn is seen")
        return name, horizon

    def fault(self, name: str, view: View) -> str:
        return self.blind

    def begin(self, name: str, horizon: int, view: View) -> None:
        self.begun += 1

    def act(self, view: View) -> Move:
        if self.broken:
            raise RuntimeError("spilled")
        self.moves += 1
        return Move(np.array([0.0, 0.0, -0.1]), 0.0, 0.08)

    def holds(self, name: str, view: View) -> bool:
        return self.moves >= self.lifts_after


def look(stamp: float, position: Any = HERE, opening: float = 0.08) -> View:
    down = np.array([1.0, 0.0, 0.0, 0.0])
    return View(stamp, Pose(np.asarray(position, float), down), opening)


def start(skill: Puppet, **params: Any) -> Grasper:
    grasper = Grasper(skill, GrasperParams(**params))
    assert grasper.ask("cube", 3, look(0.0)) == 1
    return grasper


def run(grasper: Grasper, begin: int, count: int, **view: Any) -> None:
    for k in range(begin, begin + count):
        grasper.step(look(0.1 * k, **view))


def test_nothing_moves_before_it_is_asked_for() -> None:
    grasper = Grasper(Puppet(), GrasperParams())
    assert not grasper.step(look(0.0))
    assert grasper.report.phase is Phase.IDLE
    assert not grasper.busy


def test_an_object_that_is_lifted_ends_the_request() -> None:
    skill = Puppet(lifts_after=3)
    grasper = start(skill)
    run(grasper, 1, 20)
    report = grasper.report
    assert (report.phase, report.success, report.attempts) == (Phase.DONE, True, 1)
    assert (report.step, report.horizon, report.object) == (3, 3, "cube")
    assert not grasper.move.linear.any()
    assert not grasper.step(look(9.0))


def test_moves_are_a_period_apart_however_often_views_come() -> None:
    skill = Puppet()
    grasper = start(skill)
    for k in range(1, 41):
        grasper.step(look(0.01 * k))
    assert skill.moves == 4


def test_a_missed_object_is_tried_again_from_the_start() -> None:
    skill = Puppet()
    grasper = start(skill, attempts=2)
    run(grasper, 1, 6)
    assert grasper.report.attempts == 2
    run(grasper, 7, 1, position=HERE - [0, 0, 0.1])
    assert grasper.move.linear[2] > 0
    run(grasper, 8, 20)
    report = grasper.report
    assert (report.phase, report.success, report.attempts) == (Phase.DONE, False, 2)
    assert "not held up after 5 steps" in report.reason
    assert skill.begun == 2


def test_a_bad_input_stands_still_and_the_attempt_goes_on_afterwards() -> None:
    skill = Puppet()
    grasper = start(skill)
    run(grasper, 1, 2)
    grasper.halt(0.3, "no image for 0.40 s")
    assert grasper.report.phase is Phase.STOPPED
    assert grasper.report.reason == "no image for 0.40 s"
    assert not grasper.move.linear.any()
    assert grasper.move.opening == 0.08
    moves = skill.moves
    run(grasper, 4, 1)
    assert skill.moves == moves + 1
    assert grasper.report.phase is Phase.APPROACHING


def test_an_input_that_stays_bad_ends_the_request() -> None:
    skill = Puppet()
    grasper = start(skill, patience=1.0)
    skill.blind = "the cube is not seen"
    run(grasper, 1, 10)
    assert grasper.report.phase is Phase.STOPPED
    run(grasper, 11, 3)
    assert grasper.report.phase is Phase.DONE
    assert grasper.report.reason == "given up: the cube is not seen"
    assert not grasper.report.success


def test_bad_inputs_far_apart_do_not_add_up() -> None:
    skill = Puppet(steps=100)
    grasper = start(skill, patience=1.0)
    for k in range(30):
        skill.blind = "" if k % 5 else "not seen"
        run(grasper, 1 + k, 1)
    assert grasper.busy


def test_a_policy_that_raises_ends_the_request_at_a_standstill(capsys: Any) -> None:
    skill = Puppet()
    grasper = start(skill)
    run(grasper, 1, 2)
    skill.broken = True
    run(grasper, 3, 1)
    assert grasper.report.phase is Phase.DONE
    assert "the policy failed: RuntimeError('spilled')" in grasper.report.reason
    assert not grasper.move.linear.any()
    assert "spilled" in capsys.readouterr().err


def test_a_start_that_is_never_reached_ends_the_request() -> None:
    grasper = start(Puppet(), travel_time=3.0)
    run(grasper, 1, 40, position=HERE - [0.1, 0.0, 0.0])
    assert grasper.report.reason == "given up while going to the start"
    assert not grasper.move.linear.any()


def test_an_abort_stands_still_and_says_so() -> None:
    grasper = start(Puppet())
    run(grasper, 1, 2)
    grasper.abort("aborted")
    assert (grasper.report.phase, grasper.report.reason) == (Phase.DONE, "aborted")
    assert not grasper.move.linear.any()
    grasper.abort("again")
    assert grasper.report.reason == "aborted"


def test_a_request_that_cannot_be_fulfilled_leaves_the_last_one_alone() -> None:
    grasper = start(Puppet())
    with pytest.raises(InputError, match="unicorn"):
        grasper.ask("unicorn", 0, look(0.0))
    assert grasper.report.object == "cube"
    assert grasper.busy


def travel(homing: Homing, position: Any, opening: float) -> tuple[list[str], Any]:
    """Follow the moves exactly; what was said on the way, and where it ended."""
    words: list[str] = []
    here = np.array(position, dtype=float)
    for k in range(200):
        move = homing.act(look(0.1 * k, here, opening), 0.1)
        here = here + 0.1 * move.linear
        opening = move.opening
        if not words or words[-1] != homing.words:
            words.append(homing.words)
        if homing.done:
            break
    return words, here


def test_the_way_to_the_start_rises_first() -> None:
    homing = Homing(Start(HERE, 0.0, 0.08), look(0.0, [0.6, 0.1, 0.02]))
    words, end = travel(homing, [0.6, 0.1, 0.02], 0.08)
    assert words == ["rising", "going to the start"]
    np.testing.assert_allclose(end, HERE, atol=0.005)


def test_what_is_held_is_put_down_before_it_is_let_go() -> None:
    position = [0.6, 0.1, 0.15]
    homing = Homing(Start(HERE, 0.0, 0.08), look(0.0, position, 0.04), release=0.03)
    words, end = travel(homing, position, 0.04)
    assert words == ["putting down", "opening the fingers", "rising", "going to the start"]
    assert homing.done
    np.testing.assert_allclose(end, HERE, atol=0.005)


def test_the_way_is_never_faster_than_a_quarter_metre_a_second() -> None:
    homing = Homing(Start(HERE, 0.0, 0.08), look(0.0, [0.2, 0.3, 0.2]))
    move = homing.act(look(0.0, [0.2, 0.3, 0.2]), 0.1)
    assert np.linalg.norm(move.linear) == pytest.approx(0.25)


def test_what_is_put_down_is_held_until_it_is_down() -> None:
    homing = Homing(Start(HERE, 0.0, 0.08), look(0.0, [0.5, 0.0, 0.12], 0.042), release=0.03)
    above = homing.act(look(0.0, [0.5, 0.0, 0.10], 0.042), 0.1)
    assert (homing.words, above.opening) == ("putting down", 0.0)
    below = homing.act(look(0.0, [0.5, 0.0, 0.03], 0.042), 0.1)
    assert (homing.words, below.opening) == ("opening the fingers", 0.08)
