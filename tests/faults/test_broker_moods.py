"""A broker without memory, one that throws away what it was given, may not write, or comes late."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager

import pytest
import redis

from tests.faults.city import KUNXIN, City, Program, wait_for
from tests.faults.test_servers_that_die import filed, is_printed, supervisions
from tests.offices import day

pytestmark = pytest.mark.heavy


@contextmanager
def broker_set(city: City, settings: Mapping[str, str]) -> Iterator[None]:
    with closing(redis.Redis.from_url(city.broker_url)) as broker:
        before = {name: str(broker.config_get(name)[name]) for name in settings}
        for name, value in settings.items():
            broker.config_set(name, value)
        yield
        for name, value in before.items():
            broker.config_set(name, value)


def assert_all_is_done_once(city: City, numbers: list[str], programs: list[Program]) -> None:
    wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
    wait_for(lambda: all(supervisions(city, n) for n in numbers), "the timers")
    assert {supervisions(city, n) for n in numbers} == {1}
    for program in programs:
        assert program.process.poll() is None
        for line in program.said:
            assert json.loads(line).keys() >= {"event", "level", "timestamp"}


def test_a_broker_that_has_no_memory_left_delays_and_ends_nothing(city: City) -> None:
    with city.worker() as worker, city.beat() as beat:
        with broker_set(city, {"maxmemory": "1"}):
            numbers = filed(city, 2)
            city.practice.show(day(3, 5))
            beat.until("OutOfMemory|OOM|maxmemory")
        assert_all_is_done_once(city, numbers, [worker, beat])


def test_a_broker_that_throws_away_what_it_was_given_delays_nothing_for_good(city: City) -> None:
    small = {"maxmemory-policy": "allkeys-random", "maxmemory": "1500kb"}
    with broker_set(city, small), city.worker() as worker, city.beat() as beat:
        with closing(redis.Redis.from_url(city.broker_url)) as broker:
            numbers = filed(city, 2)
            city.practice.show(day(3, 5))
            for number in range(200):
                broker.set(f"somebody else's {number}", b"x" * 10_000)
        assert_all_is_done_once(city, numbers, [worker, beat])


def test_a_broker_that_may_not_write_for_a_while_ends_nothing(city: City) -> None:
    with city.worker() as worker, city.beat() as beat:
        with closing(redis.Redis.from_url(city.broker_url)) as broker:
            broker.replicaof("127.0.0.1", "1")
            numbers = filed(city, 1)
            city.practice.show(day(3, 5))
            beat.until("read only replica|ReadOnly")
            broker.replicaof("NO", "ONE")
        assert_all_is_done_once(city, numbers, [worker, beat])


def test_programs_that_start_before_their_broker_wait_for_it_and_two_beats_do_no_harm(
    city: City,
) -> None:
    city.broker.end()
    numbers = filed(city, 2)
    city.practice.show(day(3, 5))
    with ExitStack() as running:
        worker = running.enter_context(
            city.running(
                [*KUNXIN, "worker", "--concurrency=2"], "Cannot connect|Connection refused"
            )
        )
        beats = [running.enter_context(city.beat()) for _ in range(2)]
        for program in (worker, *beats):
            program.until("refused", times=2)
        city.broker.start()
        assert_all_is_done_once(city, numbers, [worker, *beats])
