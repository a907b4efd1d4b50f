"""Messages that are none, and jobs that kill who has them: no worker ends, nothing else waits."""

from __future__ import annotations

import base64
import json
import sys
from contextlib import closing
from typing import Any

import pytest
import redis

from engine.persistence import models
from engine.services.job_operations import MOST_RETRIES
from tests.faults import deadly_worker
from tests.faults.city import City, wait_for
from tests.faults.test_servers_that_die import is_printed
from tests.oracle import unsound

pytestmark = pytest.mark.heavy


def message(body: bytes, **told: Any) -> str:
    """As kombu writes it into a list of Redis."""
    headers = {"lang": "py", "task": "kunxin.run_job", "id": "1", "root_id": "1", **told}
    delivery = {"exchange": "", "routing_key": "celery"}
    return json.dumps(
        {
            "body": base64.b64encode(body).decode(),
            "content-encoding": "utf-8",
            "content-type": told.get("content_type", "application/json"),
            "headers": headers,
            "properties": {
                "correlation_id": "1",
                "delivery_mode": 2,
                "delivery_info": delivery,
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": f"{headers['id']}-{hash(body)}",
            },
        }
    )


NONE = (
    message(b"\xff\xff\xff"),
    message(b'"a text"', id="2"),
    message(b"[]", id="3"),
    message(b'[["no uuid"], {}, {}]', id="4"),
    message(b'[["one", "two"], {}, {}]', id="5"),
    message(b"[[], {}, {}]", id="6", task="os.system"),
    message(b"\x80\x04K\x01.", id="7", content_type="application/x-python-serialize"),
    message(b'[["a"], {}, {}]', id="8", task=None),
)

#: What anybody might put into the list by hand.
RAW = (
    b"nothing that is JSON",
    b"\xff\xfe\x00",
    b"",
    b"[" * 100_000,
    b"7",
    b"null",
    b"[]",
    b'"a text"',
    b"{}",
    b'{"properties": {}}',
    b'{"properties": {"delivery_tag": "9"}, "headers": {}}',
    b'{"properties": {"delivery_tag": {"a": 1}, "delivery_info": {"exchange": "", "routing_key": ""}}}',
    b'{"properties": {"delivery_tag": "9", "delivery_info": {"exchange": "", "routing_key": ""}}}',
    b'{"properties": {"delivery_tag": "9", "delivery_info": []}, "headers": 3, "body": 4}',
    b'{"__type__": "uuid", "__value__": 3}',
)


def test_what_is_no_message_at_all_is_dropped_and_the_worker_goes_on(city: City) -> None:
    with city.worker() as worker, closing(redis.Redis.from_url(city.broker_url)) as broker:
        broker.rpush("celery", *RAW)
        number = city.practice.file_case().number
        wait_for(lambda: is_printed(city, number), "the letter behind them")
        wait_for(lambda: not broker.exists("celery", "unacked"), "the broker to hold nothing")
        assert worker.process.poll() is None
    dropped = [line for line in worker.said if "a message that is none" in line]
    assert len(dropped) == len(RAW)
    assert all(isinstance(json.loads(line), dict) for line in worker.said)


def test_a_message_that_is_none_is_dropped_and_the_worker_goes_on(city: City) -> None:
    with city.worker() as worker, closing(redis.Redis.from_url(city.broker_url)) as broker:
        broker.rpush("celery", *NONE)
        number = city.practice.file_case().number
        wait_for(lambda: is_printed(city, number), "the letter behind them")
        wait_for(lambda: not broker.exists("celery", "unacked"), "the broker to hold nothing")
        assert worker.process.poll() is None
    assert unsound(city.practice.office) == []


def test_a_job_that_kills_each_process_becomes_an_incident_and_holds_up_no_other(
    city: City,
) -> None:
    other = (
        city.practice.file_case().number
    )  # what waits when a case is filed is done: this one later
    deadly = city.practice.file_case().number
    city.settings[deadly_worker.DEADLY] = deadly

    def failed() -> bool:
        jobs = city.practice.of_case(models.Job, deadly)
        return "failed" in {job.state for job in jobs if job.operation == "print_letter"}

    with city.worker([sys.executable, deadly_worker.__file__]) as worker, city.beat():
        wait_for(lambda: is_printed(city, other), "the other letter")
        wait_for(failed, "somebody to be asked")
        assert worker.process.poll() is None
        deaths = sum("exited with 'signal 9" in line for line in worker.said)
    assert 1 < deaths <= 2 * (MOST_RETRIES + 1), worker.said[-20:]  # some were announced twice
    assert city.practice.case(deadly).open_incidents == 1
    assert unsound(city.practice.office) == []
