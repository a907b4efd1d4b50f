"""The same faults with RabbitMQ for a broker; run by `make test-faults` where the system has it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest

from engine.worker import celery_app
from tests import servers
from tests.faults import rabbitmq
from tests.faults.city import City, open_city, wait_for
from tests.faults.rabbitmq import RabbitMq
from tests.faults.test_servers_that_die import children, filed, is_printed, supervisions
from tests.offices import day
from tests.oracle import unsound

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(rabbitmq.program() is None, reason="NOT TESTED: no rabbitmq-server here"),
]


@pytest.fixture
def broker() -> Iterator[RabbitMq]:
    with rabbitmq.running() as running:
        yield running


@pytest.fixture
def city(broker: RabbitMq) -> Iterator[City]:
    try:
        with open_city() as opened:
            opened.broker_url = broker.url
            with closing(celery_app.make_celery(broker.url)):
                yield opened
            assert unsound(opened.practice.office) == []
    except servers.ServerMissing as missing:
        pytest.fail(str(missing))


@pytest.mark.parametrize("is_emptied", [False, True], ids=["restarted", "emptied"])
def test_a_broker_that_dies_and_comes_back_delays_and_doubles_nothing(
    city: City, broker: RabbitMq, is_emptied: bool
) -> None:
    with city.worker() as worker, city.beat():
        numbers = filed(city, 2)
        wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
        broker.end(signal.SIGKILL)
        worker.until("Connection to broker lost")
        numbers += filed(city, 2)  # a filing does not need the broker
        city.practice.show(day(3, 5))  # a step is over its limit, too
        if is_emptied:
            broker.forget()
        broker.start()
        wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
        wait_for(lambda: all(supervisions(city, n) for n in numbers), "the timers")
    for number in numbers:
        assert supervisions(city, number) == 1


def test_workers_killed_in_the_middle_of_jobs_leave_none_undone(city: City) -> None:
    with city.worker() as worker, city.beat():
        numbers = filed(city, 3)
        worker.until("received", times=2)
        for child in children(worker):
            os.kill(child, signal.SIGKILL)
        worker.end(signal.SIGKILL)
    with city.worker(), city.beat():
        wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
