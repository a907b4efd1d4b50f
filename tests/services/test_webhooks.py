"""What programs elsewhere are told of cases, and what happens when they do not listen."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted, Unavailable
from engine.domain.webhook import MOST_FAILURES, WAITS, WebhookEvent, is_genuine
from engine.exchange.outgoing import Allowed, Outgoing
from engine.exchange.sealing import Sealer
from engine.persistence import models
from engine.services import door_sweep, jobs, webhooks
from tests.offices import Practice

ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EVERYTHING = tuple(each.value for each in webhooks.events())


@dataclass
class Receiver:
    """A real server on loopback that keeps what it is sent and answers as it is told."""

    url: str = ""
    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def subscribe(practice: Practice, receiver: Receiver, *events: str) -> tuple[UUID, str]:
    """A webhook of the receiver, in an office that may call this machine; its id and secret."""
    practice.office.outgoing = Outgoing(Allowed.read(["127.0.0.0/8"]))
    told = webhooks.Told("监管平台", receiver.url, events or EVERYTHING)
    return webhooks.add(practice.office, practice["feng"], told)


def state_of(practice: Practice, hook: UUID) -> list[tuple[str, int, int]]:
    _, sent = webhooks.get(practice.office, practice["feng"], hook)
    return sorted((each.state, each.attempts, each.status) for each in sent)


def test_a_case_is_told_of_from_filing_on_signed_and_without_anything_personal(
    practice: Practice, receiver: Receiver
) -> None:
    _, secret = subscribe(practice, receiver)
    filed = practice.file_case()
    assert receiver.heard == []  # a promise, kept by a job
    practice.run_jobs()
    assert receiver.types[0] == "case.filed"
    assert "task.created" in receiver.types
    for headers, body in receiver.heard:
        assert is_genuine(headers, body, secret, now=practice.office.real_now())
        told = json.loads(body)["data"]
        assert told["case"] == filed.number
        text = body.decode()
        assert not any(said in text for said in ("澄远", "陈一苇", practice.firm.subject or "?"))
    ids = [headers["webhook-id"] for headers, _ in receiver.heard]
    assert len(set(ids)) == len(ids)


@ONE_KIND
def test_a_whole_case_is_told_by_the_words_of_the_glossary(
    practice: Practice, receiver: Receiver
) -> None:
    subscribe(practice, receiver)
    number = practice.file_case().number
    practice.drive_to(number, "rate")
    practice.complete(number, "rate")
    practice.run_jobs()
    assert set(receiver.types) == set(EVERYTHING)
    (decided,) = [m["data"] for m in receiver.messages if m["type"] == "case.decided"]
    (closed,) = [m["data"] for m in receiver.messages if m["type"] == "case.closed"]
    assert decided["outcome"] == closed["outcome"] == "granted"
    tasks = [m["data"]["element"] for m in receiver.messages if m["type"] == "task.created"]
    assert {"review_filing", "give_opinion"} <= set(tasks)


@ONE_KIND
def test_only_what_was_chosen_is_told(practice: Practice, receiver: Receiver) -> None:
    subscribe(practice, receiver, "case.filed")
    practice.file_case()
    practice.run_jobs()
    assert receiver.types == ["case.filed"]


@ONE_KIND
def test_what_is_rolled_back_is_not_told(practice: Practice, receiver: Receiver) -> None:
    subscribe(practice, receiver)
    with pytest.raises(Invalid):
        practice.file_case(commit=False, contact="")
    practice.run_jobs()
    assert receiver.heard == []


def test_a_receiver_that_fails_is_tried_again_later_with_the_same_id(
    practice: Practice, receiver: Receiver
) -> None:
    hook, _ = subscribe(practice, receiver, "case.filed")
    receiver.status = 500
    practice.file_case()
    practice.run_jobs()
    assert state_of(practice, hook) == [("waiting", 1, 500)]
    assert practice.run_jobs() == 0  # not yet
    practice.clock.pass_by(WAITS[0])
    receiver.status = 200
    practice.run_jobs()
    assert state_of(practice, hook) == [("delivered", 2, 200)]
    ids = {headers["webhook-id"] for headers, _ in receiver.heard}
    assert (len(receiver.heard), len(ids)) == (2, 1)
    practice.clock.pass_by(timedelta(days=2))
    assert practice.run_jobs() == 0


def give_up(practice: Practice) -> None:
    """Let time pass until nothing is tried any more."""
    for wait in (timedelta(0), *WAITS):
        practice.clock.pass_by(wait)
        practice.run_jobs()


@ONE_KIND
def test_messages_that_never_arrive_disable_the_webhook_and_are_sent_by_hand_later(
    practice: Practice, receiver: Receiver
) -> None:
    hook, _ = subscribe(practice, receiver, "case.filed")
    receiver.status = 503
    for _ in range(MOST_FAILURES):
        practice.file_case()
    give_up(practice)
    view, sent = webhooks.get(practice.office, practice["feng"], hook)
    assert not view.is_enabled
    assert view.disabled_why is not None
    assert {each.state for each in sent} == {"failed"}
    assert len(receiver.heard) == MOST_FAILURES * (len(WAITS) + 1)
    practice.file_case()
    practice.run_jobs()
    assert len(webhooks.get(practice.office, practice["feng"], hook)[1]) == MOST_FAILURES
    with pytest.raises(Conflict):
        webhooks.redeliver(practice.office, practice["feng"], hook, sent[0].id)
    webhooks.enable(practice.office, practice["feng"], hook, is_enabled=True)
    receiver.status = 200
    webhooks.redeliver(practice.office, practice["feng"], hook, sent[0].id)
    practice.run_jobs()
    assert ("delivered", 1, 200) in state_of(practice, hook)
    assert receiver.heard[-1][0]["webhook-id"] == f"msg_{sent[0].id.hex}"


@ONE_KIND
def test_a_receiver_that_says_gone_is_asked_no_more(practice: Practice, receiver: Receiver) -> None:
    hook, _ = subscribe(practice, receiver, "case.filed")
    receiver.status = 410
    practice.file_case()
    give_up(practice)
    assert state_of(practice, hook) == [("failed", 1, 410)]
    assert not webhooks.get(practice.office, practice["feng"], hook)[0].is_enabled


@ONE_KIND
def test_an_address_that_has_become_private_is_not_called(
    practice: Practice, receiver: Receiver
) -> None:
    hook, _ = subscribe(practice, receiver, "case.filed")
    practice.office.outgoing = Outgoing()
    practice.file_case()
    practice.run_jobs()
    assert receiver.heard == []
    _, (sent,) = webhooks.get(practice.office, practice["feng"], hook)
    assert (sent.state, sent.status) == ("waiting", 0)
    assert "内部网络" in sent.told


@ONE_KIND
def test_after_a_new_secret_both_are_in_force_for_a_day(
    practice: Practice, receiver: Receiver
) -> None:
    hook, old = subscribe(practice, receiver)
    new = webhooks.rotate(practice.office, practice["feng"], hook)
    webhooks.test(practice.office, practice["feng"], hook)
    practice.run_jobs()
    practice.clock.pass_by(timedelta(days=1, seconds=1))
    webhooks.test(practice.office, practice["feng"], hook)
    practice.run_jobs()
    genuine = [
        [
            is_genuine(headers, body, secret, now=practice.office.real_now() - ago)
            for secret in (old, new)
        ]
        for (headers, body), ago in zip(
            receiver.heard, (timedelta(days=1, seconds=1), timedelta(0)), strict=True
        )
    ]
    assert genuine == [[True, True], [False, True]]
    assert receiver.types == [WebhookEvent.TEST, WebhookEvent.TEST]


@ONE_KIND
def test_the_tables_hold_no_secret_that_can_be_read(practice: Practice, receiver: Receiver) -> None:
    _, secret = subscribe(practice, receiver)
    (kept,) = practice.all(select(models.Webhook.secret))
    assert secret not in kept
    sealer = practice.office.sealer
    assert sealer.open(kept) == secret
    practice.office.sealer = Sealer("another key", ["for tests"])
    assert practice.office.sealer.open(kept) == secret
    door_sweep.tidy(practice.office)
    (kept,) = practice.all(select(models.Webhook.secret))
    assert Sealer("another key").open(kept) == secret  # the old key may go
    with pytest.raises(Unavailable):
        sealer.open(kept)


@ONE_KIND
def test_a_worker_that_was_killed_while_it_called_leaves_the_job_to_the_next(
    practice: Practice, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook, _ = subscribe(practice, receiver, "case.filed")
    practice.file_case()

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> Any:
        raise Killed

    monkeypatch.setattr(Outgoing, "send", die)
    with pytest.raises(Killed):
        practice.run_jobs()
    monkeypatch.undo()
    practice.run_jobs()
    assert receiver.heard == []  # for two minutes it is in the other's hands
    practice.clock.pass_by(jobs.LEASE)
    practice.run_jobs()
    assert state_of(practice, hook) == [("delivered", 1, 204)]


@ONE_KIND
def test_webhooks_are_for_administrators_and_go_nowhere_private(practice: Practice) -> None:
    told = webhooks.Told("外面", "https://127.0.0.1/hook", EVERYTHING)
    with pytest.raises(NotPermitted):
        webhooks.add(practice.office, practice["wang"], told)
    with pytest.raises(Invalid) as refused:
        webhooks.add(practice.office, practice["feng"], told)
    assert "url" in refused.value.fields
    with pytest.raises(NotPermitted):
        webhooks.listed(practice.office, practice["wang"])
    with pytest.raises(NotFound):
        webhooks.rotate(practice.office, practice["feng"], UUID(int=7))
