"""The grasping scene as processes: an object is lifted because a service was called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from elbowroom.grasping.environments.env import GraspEnv
from elbowroom.msg import GraspState
from elbowroom.nodes.bringup.grasping import Customer, run_grasp
from elbowroom.nodes.bringup.lifecycle import BringupError
from elbowroom.nodes.grasp_node import GraspNode
from nodes.harness import Bench, claim_domain


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch) -> Any:
    with claim_domain() as number:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(number))
        yield number


def test_a_named_object_is_lifted_by_a_service_call(domain: int, tmp_path: Path) -> None:
    from rosbags.highlevel import AnyReader

    from elbowroom.nodes.recording.recorder import load_types

    # Kernels are compiled here once, not by every process while it is waited for.
    env = GraspEnv("instance")
    env.reset(seed=1)
    env.close()
    name, lines = "red bar", list[str]()
    # Slow enough that commands are in time on a machine that has other things to do.
    values = {"grasp_sim": {"seed": 1, "image_rate": 0.0, "speed": 0.2}}
    state = run_grasp(name, values, bag=tmp_path / "bag", say=lines.append)
    assert (state.state, state.success) == (GraspState.DONE, True), (state.reason, lines)
    assert state.object == name
    with AnyReader([tmp_path / "bag"], default_typestore=load_types()) as reader:
        lists = [
            reader.deserialize(data, connection.msgtype)
            for connection, _, data in reader.messages()
            if connection.topic == "/objects"
        ]
    heights = {o.name: o.pose.position.z for o in lists[-1].objects}
    rest = {o.name: o.pose.position.z for o in lists[0].objects}
    assert heights[name] > rest[name] + 0.07
    assert all(heights[other] < rest[other] + 0.02 for other in rest if other != name)


def test_a_refusal_is_an_error_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("elbowroom.nodes.bringup.grasping._INSIST", 0.0)
    with claim_domain() as number:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(number))
        bench = Bench(number)
        bench.start(GraspNode, use_sim_time=False)

        def serve() -> None:
            bench.executor.spin_once(timeout_sec=0.01)

        # Nothing has been seen yet, or not for some time, if the machine is slow.
        refused = pytest.raises(BringupError, match=r"refused: (nothing has been seen|no list of)")
        with Customer(check=serve) as customer, refused:
            customer.ask("unicorn", timeout=30.0)
        bench.close()
