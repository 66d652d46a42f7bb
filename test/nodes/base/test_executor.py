"""The lean executor does what rclpy's does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.task import Future
from std_msgs.msg import String
from std_srvs.srv import Trigger

from elbowroom.nodes.base.executor import LeanExecutor
from nodes.harness import claim_domain


@pytest.fixture(name="made")
def make() -> Iterator[tuple[LeanExecutor, Node]]:
    with claim_domain() as domain:
        context = Context()
        rclpy.init(context=context, domain_id=domain)
        node = Node("lean", context=context)
        executor = LeanExecutor(context=context)
        executor.add_node(node)
        yield executor, node
        executor.shutdown()
        node.destroy_node()
        rclpy.try_shutdown(context=context)


def spin(executor: LeanExecutor, done: Any, turns: int = 400) -> None:
    for _ in range(turns):
        if done():
            return
        executor.spin_once(timeout_sec=0.02)
    raise AssertionError("waited in vain")


def test_messages_come_in_order_and_none_is_lost(made: tuple[LeanExecutor, Node]) -> None:
    executor, node = made
    heard: list[str] = []
    node.create_subscription(String, "words", lambda m: heard.append(m.data), 100)
    publisher = node.create_publisher(String, "words", 100)
    spin(executor, lambda: publisher.get_subscription_count() == 1)
    for k in range(50):
        publisher.publish(String(data=str(k)))
    spin(executor, lambda: len(heard) == 50)
    assert heard == [str(k) for k in range(50)]


def test_earlier_subscriptions_are_served_first(made: tuple[LeanExecutor, Node]) -> None:
    executor, node = made
    heard: list[str] = []
    for topic in ("first", "second"):
        node.create_subscription(String, topic, lambda m: heard.append(m.data), 10)
    second, first = (node.create_publisher(String, t, 10) for t in ("second", "first"))
    spin(executor, lambda: first.get_subscription_count() + second.get_subscription_count() == 2)
    for k in range(5):
        second.publish(String(data=f"b{k}"))
        first.publish(String(data=f"a{k}"))
        node.executor.context.ok()
    spin(executor, lambda: len(heard) == 10)
    assert heard.index("a0") < heard.index("b0")


def test_a_callback_may_change_the_node(made: tuple[LeanExecutor, Node]) -> None:
    executor, node = made
    heard: list[str] = []

    def receive(message: String) -> None:
        heard.append(message.data)
        node.destroy_subscription(subscription)
        node.destroy_timer(timer)

    ticks: list[int] = []
    timer = node.create_timer(0.001, lambda: ticks.append(1))
    subscription = node.create_subscription(String, "once", receive, 10)
    publisher = node.create_publisher(String, "once", 10)
    spin(executor, lambda: publisher.get_subscription_count() == 1 and bool(ticks))
    publisher.publish(String(data="a"))
    publisher.publish(String(data="b"))
    spin(executor, lambda: bool(heard))
    count = len(ticks)
    for _ in range(10):
        executor.spin_once(timeout_sec=0.005)
    assert heard == ["a"]
    assert len(ticks) == count > 0


def test_services_are_answered(made: tuple[LeanExecutor, Node]) -> None:
    executor, node = made

    def serve(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.message = "served"
        return response

    node.create_service(Trigger, "serve", serve)
    client = node.create_client(Trigger, "serve")
    spin(executor, client.service_is_ready)
    answer = client.call_async(Trigger.Request())
    executor.spin_until_future_complete(answer, timeout_sec=10)
    assert answer.result().message == "served"


def test_a_future_ends_the_spinning(made: tuple[LeanExecutor, Node]) -> None:
    executor, node = made
    stop: Future[None] = Future(executor=executor)
    node.create_timer(0.01, lambda: stop.done() or stop.set_result(None))
    executor.spin_until_future_complete(stop)
    assert stop.done()


def test_an_error_in_a_callback_is_not_swallowed(made: tuple[LeanExecutor, Node]) -> None:
    executor, node = made

    def fail() -> None:
        raise RuntimeError("as it should")

    node.create_timer(0.001, fail)
    with pytest.raises(RuntimeError, match="as it should"):
        spin(executor, lambda: False)


def test_the_end_of_the_context_ends_the_spinning(made: tuple[LeanExecutor, Node]) -> None:
    executor, _ = made
    rclpy.shutdown(context=executor.context)
    with pytest.raises(ExternalShutdownException):
        spin(executor, lambda: False)


def test_a_service_may_remove_what_is_waited_for(made: tuple[LeanExecutor, Node]) -> None:
    executor, node = made
    heard: list[str] = []
    gone = node.create_subscription(String, "gone", lambda m: heard.append(m.data), 10)
    node.create_subscription(String, "words", lambda m: heard.append(m.data), 10)
    timer = node.create_timer(0.001, lambda: None)

    def remove(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        node.destroy_subscription(gone)
        node.destroy_timer(timer)
        return response

    node.create_service(Trigger, "remove", remove)
    client = node.create_client(Trigger, "remove")
    spin(executor, client.service_is_ready)
    answer = client.call_async(Trigger.Request())
    spin(executor, answer.done)
    publisher = node.create_publisher(String, "words", 10)
    spin(executor, lambda: publisher.get_subscription_count() == 1)
    publisher.publish(String(data="still here"))
    spin(executor, lambda: bool(heard))
    assert heard == ["still here"]
