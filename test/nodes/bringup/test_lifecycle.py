"""Bringing nodes up when the machine loses what they say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import rclpy
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.context import Context
from rclpy.executors import MultiThreadedExecutor
from rclpy.node import Node

from elbowroom.nodes.bringup.lifecycle import ACTIVATE, CONFIGURE, Bringup, BringupError
from nodes.harness import claim_domain


class Patient:
    """A node with the services of a lifecycle; `answer` makes the answer, late if it likes."""

    def __init__(self, domain: int) -> None:
        self.state, self.asked = State.PRIMARY_STATE_UNCONFIGURED, 0
        self.answer: Callable[[int], bool] = lambda asked: True
        self.over = threading.Event()
        self._context = Context()
        rclpy.init(context=self._context, domain_id=domain)
        node = Node("patient", context=self._context)
        group = ReentrantCallbackGroup()
        node.create_service(ChangeState, "patient/change_state", self._change, callback_group=group)
        node.create_service(GetState, "patient/get_state", self._look, callback_group=group)
        self._executor = MultiThreadedExecutor(4, context=self._context)
        self._executor.add_node(node)
        self._node = node
        self._thread = threading.Thread(target=self._executor.spin)
        self._thread.start()

    def close(self) -> None:
        self.over.set()
        self._executor.shutdown()
        self._thread.join()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def _change(self, request: Any, response: Any) -> Any:
        self.asked += 1
        response.success = self.answer(self.asked)
        return response

    def _look(self, request: Any, response: Any) -> Any:
        response.current_state.id = self.state
        return response


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    with claim_domain() as number:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(number))
        node = Patient(number)
        yield node
        node.close()


def change(transition: int, patience: float, timeout: float = 20.0) -> None:
    with Bringup(patience=patience) as bringup:
        bringup.change(["patient"], transition, timeout)


def test_an_answer_that_is_lost_is_made_up_for_by_the_state(patient: Patient) -> None:
    def answer(asked: int) -> bool:
        patient.state = State.PRIMARY_STATE_INACTIVE
        return patient.over.wait(60.0)

    patient.answer = answer
    change(CONFIGURE, 0.2)
    assert patient.asked == 1


def test_a_node_that_has_not_heard_is_asked_again(patient: Patient) -> None:
    def answer(asked: int) -> bool:
        return asked > 1 or not patient.over.wait(60.0)

    patient.answer = answer
    change(ACTIVATE, 0.2)
    assert patient.asked == 2


def test_a_node_in_transition_is_waited_for(patient: Patient) -> None:
    patient.state = State.TRANSITION_STATE_CONFIGURING
    patient.answer = lambda asked: not patient.over.wait(2.0)
    change(CONFIGURE, 0.2)
    assert patient.asked == 1


def test_a_refusal_is_an_error(patient: Patient) -> None:
    patient.answer = lambda asked: False
    with pytest.raises(BringupError, match="patient could not be configured"):
        change(CONFIGURE, 0.2)


def test_a_node_that_never_answers_is_an_error_in_time(patient: Patient) -> None:
    patient.state = State.TRANSITION_STATE_CONFIGURING
    patient.answer = lambda asked: patient.over.wait(60.0)
    with pytest.raises(BringupError, match="patient did not answer"):
        change(CONFIGURE, 0.2, timeout=3.0)
