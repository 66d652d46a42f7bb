"""The grasping node with learned policies: whose turn it is, what they see, what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from elbowroom.grasping.environments.observation import state_size
from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.networks.actor_critic import Actor
from elbowroom.grasping.networks.policy import load_policy, save_policy
from elbowroom.grasping.seeing.encoder import Eye, save_eye
from elbowroom.msg import GraspState
from elbowroom.nodes.grasp_node import GraspNode
from nodes.harness import Bench
from nodes.tabletop import HEARD, Tabletop, ask, is_still, run, see, start, wait_for_reason

STATE = state_size(TASKS["instance"])


def make_policy(folder: Path, **changes: Any) -> str:
    """A policy with random weights, which moves somewhere but knows nothing."""
    facts: dict[str, Any] = {"task": "instance", "obs": "state", "observation": STATE}
    facts |= {"action": 5, "hidden": [16, 16], "activation": "relu"} | changes
    torch.manual_seed(0)
    actor = Actor(facts["observation"], facts["action"], (16, 16), "relu")
    save_policy(folder, actor, facts)
    return str(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policies")
    make_policy(folder / "state")
    make_policy(folder / "image", obs="image")
    torch.manual_seed(0)
    save_eye(folder / "eye", Eye(), {})
    return folder


@pytest.fixture
def table(bench: Bench) -> Iterator[Tabletop]:
    bench.listen(*HEARD)
    table = Tabletop(bench)
    yield table
    table.close()


def test_guide_and_policy_take_turns_at_the_horizon(
    bench: Bench, table: Tabletop, folder: Path
) -> None:
    policy = str(folder / "state")
    node = start(bench, control="combined", horizon=3, policy=policy)
    see(bench, node, table)
    assert ask(node, "", horizon=-1).accepted
    assert play(table, node, 5) == ["the guide acts"] * 3 + ["the policy acts"] * 2
    assert bench.heard["grasp_state"][-1].horizon == 3
    assert ask(node, "", horizon=0).accepted
    assert play(table, node, 1) == ["the policy acts"]


def play(table: Tabletop, node: GraspNode, count: int) -> list[str]:
    """Who acted in the first steps after the start was reached."""
    words: list[str] = []
    for _ in range(60):
        reason = table.step(node).reason
        words += [reason] if "acts" in reason else []
        if len(words) == count:
            break
    return words


def test_activations_are_said_with_the_stamp_of_what_was_seen(
    bench: Bench, table: Tabletop, folder: Path
) -> None:
    node = start(bench, control="combined", horizon=2, policy=str(folder / "state"))
    see(bench, node, table)
    ask(node, "")
    states = [s for s in run(table, node, 14) if "acts" in s.reason]
    learned = [s for s in states if s.reason == "the policy acts"]
    version = load_policy(folder / "state").version
    heard = bench.heard["features"]
    bench.spin_until(lambda: len(heard) == 2 * len(learned))
    assert {m.model_version for m in heard} == {version}
    assert {m.layer for m in heard} == {"body.2", "body.5"}
    assert {str(m.header.stamp) for m in heard} == {str(s.header.stamp) for s in learned}
    assert all(len(m.values) == 16 for m in heard)


def test_chosen_layers_are_said_at_every_nth_decision(
    bench: Bench, table: Tabletop, folder: Path
) -> None:
    policy, chosen = str(folder / "state"), {"features__layers": "body.6, body.2"}
    node = start(bench, control="exploration", policy=policy, features__every=3, **chosen)
    see(bench, node, table)
    ask(node, "")
    acted = [s for s in run(table, node, 14) if s.reason == "the policy acts"]
    due, heard = acted[::3], bench.heard["features"]
    bench.spin_until(lambda: len(heard) == 2 * len(due))
    assert [m.layer for m in heard] == ["body.6", "body.2"] * len(due)
    assert [str(m.header.stamp) for m in heard[::2]] == [str(s.header.stamp) for s in due]
    assert {len(m.values) for m in heard if m.layer == "body.6"} == {10}


def test_no_layer_is_said_if_none_is_asked_for(bench: Bench, table: Tabletop, folder: Path) -> None:
    policy = str(folder / "state")
    node = start(bench, control="exploration", policy=policy, features__layers="")
    see(bench, node, table)
    ask(node, "")
    play(table, node, 3)
    bench.spin(0.05)
    assert not bench.heard["features"]


def test_a_layer_that_the_policy_lacks_is_refused(bench: Bench, folder: Path) -> None:
    policy, wrong = str(folder / "state"), {"features__layers": "body.2,hidden"}
    node = bench.start(GraspNode, active=False, control="exploration", policy=policy, **wrong)
    lines: list[str] = []
    node.get_logger().error = lines.append
    assert node.trigger_configure().name == "FAILURE"
    assert "different ones of ['body.0', 'body.1', 'body.2'," in lines[0]
    assert "got ['body.2', 'hidden']" in lines[0]


@pytest.mark.parametrize(
    ("changes", "values"),
    [
        ({"observation": STATE + 1}, {}),
        ({"action": 4}, {}),
        ({"task": "hard", "observation": state_size(TASKS["hard"])}, {}),
        ({}, {"obs": "image"}),
        ({}, {"task": "hard"}),
    ],
)
def test_a_policy_of_another_shape_is_refused(
    bench: Bench, tmp_path: Path, changes: dict[str, Any], values: dict[str, Any]
) -> None:
    policy = make_policy(tmp_path / "policy", **changes)
    node = bench.start(GraspNode, active=False, control="exploration", policy=policy, **values)
    lines: list[str] = []
    node.get_logger().error = lines.append
    assert node.trigger_configure().name == "FAILURE"
    assert "the policy does not fit: it has" in lines[0]


def test_a_damaged_policy_is_refused(bench: Bench, tmp_path: Path) -> None:
    policy = Path(make_policy(tmp_path / "policy"))
    blob = bytearray((policy / "model.safetensors").read_bytes())
    blob[-3] ^= 1
    (policy / "model.safetensors").write_bytes(bytes(blob))
    node = bench.start(GraspNode, active=False, control="exploration", policy=str(policy))
    lines: list[str] = []
    node.get_logger().error = lines.append
    assert node.trigger_configure().name == "FAILURE"
    assert "does not match the hash" in lines[0]


def test_a_horizon_longer_than_the_task_is_refused(bench: Bench) -> None:
    node = bench.start(GraspNode, active=False, control="combined", horizon=41)
    lines: list[str] = []
    node.get_logger().error = lines.append
    assert node.trigger_configure().name == "FAILURE"
    assert "horizon must lie in 0..40" in lines[0]


@pytest.fixture
def seer(bench: Bench, table: Tabletop, folder: Path) -> GraspNode:
    """A node whose policy looks at images, without guide and without a list of objects."""
    node = start(
        bench,
        obs="image",
        control="exploration",
        policy=str(folder / "image"),
        eye=str(folder / "eye"),
    )
    look(bench, node, table)
    return node


def look(bench: Bench, node: GraspNode, table: Tabletop, size: int = 48) -> None:
    bench.tick(1 / 12)
    table.show_image(table.scene.picture(size))
    gallery = node._eyes.gallery
    stamp = bench.time
    bench.spin_until(
        lambda: gallery.newest is not None and abs(gallery.newest.stamp - stamp) < 1e-6
    )


def test_a_policy_acts_on_images_alone(bench: Bench, table: Tabletop, seer: GraspNode) -> None:
    assert seer._eyes.gallery.sources == ("image", "gripper", "fingers")
    assert ask(seer, "red bar").accepted
    states = [table.step(seer, image=True) for _ in range(14)]
    acted = [s for s in states if s.reason == "the policy acts"]
    assert len(acted) > 3
    assert {s.object for s in states} == {"red bar"}
    moves = bench.heard["gripper_command"]
    assert not is_still(moves[-1])


def test_an_image_that_stays_away_stops_the_gripper(
    bench: Bench, table: Tabletop, seer: GraspNode
) -> None:
    ask(seer, "red bar")
    look(bench, seer, table)
    bench.tick(0.3)
    table.show()
    bench.tick(0.3)
    table.show()
    assert wait_for_reason(bench, "no image for 0.6").state == GraspState.STOPPED
    assert is_still(bench.heard["gripper_command"][-1])


def test_an_image_of_another_size_stops_the_gripper(
    bench: Bench, table: Tabletop, seer: GraspNode
) -> None:
    ask(seer, "red bar")
    look(bench, seer, table, size=64)
    state = wait_for_reason(bench, "the image is 64 x 64, the policy takes 48 x 48")
    assert state.state == GraspState.STOPPED
    assert is_still(bench.heard["gripper_command"][-1])


@pytest.mark.parametrize(
    ("name", "horizon", "reason"),
    [("mug", -1, "named by a colour"), ("", -1, "named by a colour"), ("red bar", 5, "no guide")],
)
def test_what_an_image_policy_cannot_be_asked_for(
    table: Tabletop, seer: GraspNode, name: str, horizon: int, reason: str
) -> None:
    answer = ask(seer, name, horizon)
    assert not answer.accepted
    assert reason in answer.reason


def test_nothing_is_told_of_the_policy_while_the_guide_acts(
    bench: Bench, table: Tabletop, folder: Path
) -> None:
    node = start(bench, control="combined", horizon=0, policy=str(folder / "state"))
    see(bench, node, table)
    assert ask(node, "", horizon=0).accepted
    assert set(play(table, node, 2)) == {"the policy acts"}
    bench.spin_until(lambda: len(bench.heard["features"]) >= 2)
    node._abort("another shall act")
    see(bench, node, table)
    bench.heard["features"].clear()
    assert ask(node, "", horizon=20).accepted
    assert set(play(table, node, 3)) == {"the guide acts"}
    bench.spin(0.1)
    assert not bench.heard["features"]
