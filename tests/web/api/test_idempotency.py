"""A creating call that is sent twice with one key happens once."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.domain.errors import Conflict
from engine.domain.supervision_views import SupervisionNoticeView
from engine.domain.views import DocumentView, Filed, ImportReport
from engine.services import idempotency
from engine.services.idempotency import Act, Answer
from engine.services.idempotency import Asked as AskedOnce
from tests.web.api.conftest import NOW, WANG, Asked
from tests.web.api.samples import sample

KEY = {"Idempotency-Key": "4711"}
NOTICE = {"task": "11111111-2222-4333-8444-555555555555", "ground": "超期两天"}


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    """The service's promise, kept in a dictionary."""
    kept: dict[Any, Any] = {}

    def once(office: Any, asked: AskedOnce, act: Act, *, now: datetime) -> Answer:
        place = (asked.actor.username, asked.key, asked.route)
        if place not in kept:
            kept[place] = (asked.body_hash, *act())
            _, status, body = kept[place]
            return Answer(status, body, is_replayed=False)
        if kept[place][0] != asked.body_hash:
            raise Conflict("同一个键，内容却不同。", "same key, other body")
        _, status, body = kept[place]
        return Answer(status, body, is_replayed=True)

    monkeypatch.setattr(idempotency, "once", once)
    return kept


def test_a_notice_sent_twice_with_one_key_is_issued_once(
    client: FlaskClient, memory: dict[Any, Any], answering: Callable[..., Asked]
) -> None:
    asked = answering("supervision.issue_notice", sample(SupervisionNoticeView))
    first = client.post("/api/v1/supervision/notices", json=NOTICE, headers=KEY)
    again = client.post("/api/v1/supervision/notices", json=NOTICE, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert asked.times == 1


def test_the_order_of_members_does_not_make_another_call(
    client: FlaskClient, memory: dict[Any, Any], answering: Callable[..., Asked]
) -> None:
    asked = answering("supervision.issue_notice", sample(SupervisionNoticeView))
    for members in (NOTICE, dict(reversed(NOTICE.items()))):
        body = str(members).replace("'", '"')
        client.post(
            "/api/v1/supervision/notices",
            data=body.encode(),
            content_type="application/json",
            headers=KEY,
        )
    assert asked.times == 1


def test_the_same_key_with_another_body_is_refused(
    client: FlaskClient, memory: dict[Any, Any], answering: Callable[..., Asked]
) -> None:
    asked = answering("supervision.issue_notice", sample(SupervisionNoticeView))
    client.post("/api/v1/supervision/notices", json=NOTICE, headers=KEY)
    other = client.post(
        "/api/v1/supervision/notices", json=NOTICE | {"ground": "又超期"}, headers=KEY
    )
    assert other.status_code == 409
    assert asked.times == 1


@pytest.mark.parametrize(
    ("path", "service", "view"),
    [
        ("/api/v1/records/import", "records.import_file", ImportReport),
        ("/api/v1/cases/1/documents", "documents.attach", DocumentView),
    ],
)
def test_a_file_sent_twice_with_one_key_is_taken_once_and_another_file_is_refused(
    client: FlaskClient,
    memory: dict[Any, Any],
    answering: Callable[..., Asked],
    path: str,
    service: str,
    view: Any,
) -> None:
    asked = answering(service, sample(view))

    def send(content: bytes) -> int:
        return client.post(
            path, data={"file": (io.BytesIO(content), "a.csv")}, headers=KEY
        ).status_code

    assert [send(b"one"), send(b"one"), send(b"two")] == [201, 201, 409]
    assert asked.times == 1
    assert b"one" in asked.args


def test_what_was_refused_is_not_kept_and_may_be_tried_again(
    client: FlaskClient, memory: dict[Any, Any], answering: Callable[..., Asked]
) -> None:
    answering("supervision.issue_notice", Conflict("情况变了。"))
    assert client.post("/api/v1/supervision/notices", json=NOTICE, headers=KEY).status_code == 409
    answering("supervision.issue_notice", sample(SupervisionNoticeView))
    assert client.post("/api/v1/supervision/notices", json=NOTICE, headers=KEY).status_code == 201


def test_a_message_without_an_answer_is_kept_too(
    client: FlaskClient, memory: dict[Any, Any], answering: Callable[..., Asked]
) -> None:
    asked = answering("cases.message")
    path = "/api/v1/cases/1/messages/court_notice"
    sent = [client.post(path, json={"ruling": "x"}, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [204, 204]
    assert sent[1].get_data() == b""
    assert asked.times == 1
    assert asked.args[1:] == (WANG, "1", "court_notice", {"ruling": "x"})


def test_filing_hands_its_key_to_the_service_too_which_files_once_in_one_transaction(
    client: FlaskClient, memory: dict[Any, Any], answering: Callable[..., Asked]
) -> None:
    asked = answering("cases.file", sample(Filed, number="琼信修〔2020〕7号"))
    body = {"procedure": "credit_repair", "subject": "91469001MA5T4XXX0K", "answers": {"a": 1}}
    response = client.post("/api/v1/cases", json=body, headers=KEY)
    assert response.status_code == 201
    assert response.headers["Location"].startswith("/api/v1/cases/%E7%90%BC")
    assert asked.kwargs == {"now": NOW, "idempotency_key": "4711"}
    assert asked.args[2:] == ("credit_repair", "91469001MA5T4XXX0K", [], {"a": 1})
    again = client.post("/api/v1/cases", json=body, headers=KEY)
    assert again.headers["Location"] == response.headers["Location"]
    body["answers"] = {"a": 2}
    assert client.post("/api/v1/cases", json=body, headers=KEY).status_code == 409
    assert asked.times == 1


def test_a_key_too_long_to_keep_is_refused(client: FlaskClient) -> None:
    response = client.post(
        "/api/v1/supervision/notices", json=NOTICE, headers={"Idempotency-Key": "k" * 201}
    )
    assert response.status_code == 422
    assert "Idempotency-Key" in response.get_json()["fields"]
