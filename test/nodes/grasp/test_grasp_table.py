"""What else lies on the table while the grasping node works, and where it begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from elbowroom.msg import GraspState
from elbowroom.nodes.grasp_node import GraspNode
from elbowroom.sim.grasping import Item, Placed
from nodes.harness import Bench
from nodes.tabletop import HEARD, Tabletop, ask, is_still, name_object, run, see, start


def work(table: Tabletop, node: GraspNode, words: str) -> GraspState:
    """Go on until the node says so."""
    for _ in range(200):
        state = table.step(node)
        if words in state.reason:
            return state
    raise AssertionError(f"{words!r} was never said, but {state.reason!r}")


def test_a_neighbour_that_is_not_seen_for_a_moment_does_not_end_the_request(
    bench: Bench, node: GraspNode, table: Tabletop
) -> None:
    name, neighbour, *_ = sorted(table.shown)
    ask(node, name)
    work(table, node, "the guide acts")
    table.hidden.add(neighbour)
    state = table.step(node)
    assert (state.state, state.reason) == (
        GraspState.STOPPED,
        f"{neighbour!r} is not seen any more",
    )
    assert is_still(bench.heard["gripper_command"][-1])
    table.hidden.clear()
    assert "the object is held up" in work(table, node, "held up").reason


def test_a_neighbour_that_stays_away_ends_the_request_after_a_while(
    node: GraspNode, table: Tabletop
) -> None:
    name, neighbour, *_ = sorted(table.shown)
    ask(node, name)
    work(table, node, "the guide acts")
    table.hidden.add(neighbour)
    assert work(table, node, "given up").reason == f"given up: {neighbour!r} is not seen any more"
    assert ask(node, name).accepted  # what is not seen at the start is not waited for
    assert work(table, node, "held up").success


def test_a_neighbour_of_an_unknown_shape_is_in_nobodys_way(
    node: GraspNode, table: Tabletop, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, neighbour, *_ = sorted(table.shown)
    rename(monkeypatch, neighbour, "mug")
    table.bench.tick(0.05)
    table.show()
    ask(node, name)
    assert work(table, node, "held up").success
    refused = ask(node, neighbour)
    assert not refused.accepted
    assert "is a 'mug'; known are box, sphere, cube" in refused.reason


def rename(monkeypatch: pytest.MonkeyPatch, name: str, shape: str) -> None:
    """Have the detector call an object by another shape."""
    from nodes import tabletop

    whole = tabletop.list_objects

    def tell(scene: Any) -> Any:
        found = whole(scene)
        return found | {name: replace(found[name], shape=shape)}

    monkeypatch.setattr(tabletop, "list_objects", tell)


def test_a_request_for_any_object_needs_one_of_a_known_shape(bench: Bench) -> None:
    bench.listen(*HEARD)
    node = start(bench, task="indiscriminate")
    table = Tabletop(bench, "indiscriminate")
    see(bench, node, table)
    view = node._eyes.gallery.newest
    assert view is not None
    skill = node._grasper.skill
    assert skill.fault("", view) == ""
    mugs = {n: replace(o, shape="mug") for n, o in view.objects.items()}
    assert "no object of a known shape" in skill.fault("", replace(view, objects=mugs))
    table.close()


@pytest.mark.parametrize("task", ["indiscriminate", "instance"])
def test_a_request_for_any_object_needs_one_in_reach(bench: Bench, task: str) -> None:
    bench.listen(*HEARD)
    node = start(bench, task=task)
    table = Tabletop(bench, task)
    table.env.reset(seed=1, options={"placed": (Placed(Item("cube", "red"), 1.6, 0.0, 0.0),)})
    see(bench, node, table)
    refused = ask(node, "")
    assert not refused.accepted
    assert refused.reason == "no object can be reached; seen are red cube"
    view = node._eyes.gallery.newest
    assert view is not None
    assert "no object can be reached" in node._grasper.skill.fault("", view)
    near = Placed(Item("cube", "red"), 0.52, 0.0, 0.0)
    table.env.reset(seed=1, options={"placed": (near, Placed(Item("ball", "blue"), 1.6, 0, 0))})
    see(bench, node, table)
    assert ask(node, "").accepted  # one in reach is enough
    table.close()


@pytest.mark.parametrize("stand", [True, False])
def test_a_cuff_is_lifted_off_the_stand_and_off_the_table(bench: Bench, stand: bool) -> None:
    bench.listen(*HEARD)
    node = start(bench, task="cuff")
    table = Tabletop(bench, "cuff")
    table.env.reset(seed=1, options={"stand": stand})
    see(bench, node, table)
    assert ask(node, "").accepted
    work(table, node, "the guide acts")
    # The peg's top is at 0.165 m, and the fingers reach 0.02 m below the point between them.
    assert table.scene.hand.position[2] > 0.2
    assert work(table, node, "held up").success
    table.close()


def test_a_standstill_says_no_activations_again(bench: Bench, tmp_path: Any) -> None:
    from nodes.grasp.test_grasp_policy import make_policy

    bench.listen(*HEARD)
    node = start(bench, control="exploration", policy=make_policy(tmp_path / "policy"))
    table = Tabletop(bench)
    see(bench, node, table)
    name = name_object(table)
    ask(node, name)
    state = work(table, node, "the policy acts")
    assert node._grasper.skill.reading is not None
    table.hidden.add(name)
    state = table.step(node)
    assert state.state == GraspState.STOPPED
    run(table, node, 3)
    stamps = {str(m.header.stamp) for m in bench.heard["features"]}
    acted = {str(s.header.stamp) for s in bench.heard["grasp_state"] if "policy acts" in s.reason}
    assert stamps <= acted
    assert node._grasper.skill.reading is None
    table.close()
