"""Every no of the API is problem+json, in the reader's language."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.domain.errors import (
    Conflict,
    EngineError,
    Invalid,
    NotAuthenticated,
    NotEligible,
    NotFound,
    NotPermitted,
    TaskAlreadyClaimed,
    TooManyAttempts,
)
from tests.web.api.conftest import Asked

TASK = "/api/v1/tasks/11111111-2222-4333-8444-555555555555"
ENGLISH = {"Accept-Language": "en"}


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    told: dict[str, Any] = response.get_json()
    assert told["status"] == status
    assert told["type"].startswith("/problems/")
    assert told["title"]
    assert told["detail"]
    return told


@pytest.mark.parametrize(
    ("refusal", "status", "slug"),
    [
        (NotFound("没有这项任务。", "no such task"), 404, "not-found"),
        (NotPermitted("不归您办。", "not yours"), 403, "not-permitted"),
        (NotAuthenticated("请先登录。", "sign in first"), 401, "not-authenticated"),
        (Conflict("情况变了。", "it has changed"), 409, "conflict"),
        (TaskAlreadyClaimed("已被领取。", "taken already"), 409, "task-already-claimed"),
        (Invalid("填写有误。", "not so"), 422, "invalid"),
        (NotEligible("未满三个月。", "not yet three months"), 422, "not-eligible"),
    ],
    ids=lambda value: getattr(value, "slug", str(value)),
)
def test_a_refusal_of_a_service_keeps_its_name_and_its_two_sentences(
    client: FlaskClient,
    answering: Callable[..., Asked],
    refusal: EngineError,
    status: int,
    slug: str,
) -> None:
    answering("tasks.claim", refusal)
    told = problem(client.post(f"{TASK}/claim"), status)
    assert told["type"] == f"/problems/{slug}"
    assert told["detail"] == str(refusal)
    told = problem(client.post(f"{TASK}/claim", headers=ENGLISH), status)
    assert told["detail"].lower() == refusal.english


def test_fields_of_a_refusal_are_told(client: FlaskClient, answering: Callable[..., Asked]) -> None:
    answering("tasks.complete", Invalid("有内容要改。", fields={"reason": "请写明理由。"}))
    told = problem(client.post(f"{TASK}/complete", json={"answers": {}}), 422)
    assert told["fields"] == {"reason": "请写明理由。"}


def test_an_unknown_member_is_refused_and_named(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("tasks.complete")
    told = problem(client.post(f"{TASK}/complete", json={"asnwers": {}}), 422)
    assert told["fields"] == {
        "asnwers": "没有这个字段，请核对字段名。",
        "answers": "必填，不能缺少。",
    }
    assert "asnwers" in told["detail"]
    told = problem(client.post(f"{TASK}/complete", json={"asnwers": {}}, headers=ENGLISH), 422)
    assert told["fields"]["asnwers"] == "Unknown field."
    assert asked.times == 0


def test_an_unknown_filter_is_refused_and_named(client: FlaskClient) -> None:
    told = problem(client.get("/api/v1/tasks?scop=mine"), 422)
    assert list(told["fields"]) == ["scop"]


def test_a_filter_outside_its_choices_is_told_the_choices(client: FlaskClient) -> None:
    told = problem(client.get("/api/v1/tasks?light=purple"), 422)
    assert told["fields"] == {"light": "只能是：green, yellow, red, blue。"}


def test_a_body_that_is_no_json_cannot_be_read(client: FlaskClient) -> None:
    sent = client.post(f"{TASK}/complete", data='{"answers": ', content_type="application/json")
    problem(sent, 400)


@pytest.mark.parametrize("body", ["[]", '"text"', "null", "3"])
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, body: str) -> None:
    sent = client.post(f"{TASK}/complete", data=body, content_type="application/json")
    assert problem(sent, 422)["fields"] == {"body": "应为 JSON 对象。"}


def test_a_body_of_another_kind_is_refused(client: FlaskClient) -> None:
    problem(client.post(f"{TASK}/complete", data="answers=1", content_type="text/plain"), 415)
    problem(client.post("/api/v1/records/import", json={}), 415)


def test_a_missing_file_is_named(client: FlaskClient) -> None:
    sent = client.post("/api/v1/records/import", data={}, content_type="multipart/form-data")
    assert problem(sent, 422)["fields"] == {"file": "必填，不能缺少。"}


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    most = client.application.config["MAX_CONTENT_LENGTH"]
    body = b'{"answers": {"text": "' + b"x" * most + b'"}}'
    problem(client.post(f"{TASK}/complete", data=body, content_type="application/json"), 413)


def test_an_address_that_is_not_there_and_a_method_that_is_not_taken(client: FlaskClient) -> None:
    problem(client.get("/api/v1/nothing"), 404)
    problem(client.get("/api/v1/tasks/not-a-uuid"), 404)
    problem(client.delete("/api/v1/cases"), 405)


def test_an_error_nobody_foresaw_says_nothing_of_the_inside(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("tasks.claim", RuntimeError("password=secret"))
    told = problem(client.post(f"{TASK}/claim"), 500)
    assert "secret" not in str(told)


def test_without_a_token_or_session_one_must_sign_in(anonymous: FlaskClient) -> None:
    response = anonymous.get("/api/v1/tasks")
    problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_whether_the_body_is_right_is_nobodys_business_before_signing_in(
    anonymous: FlaskClient,
) -> None:
    problem(anonymous.post(f"{TASK}/complete", json={"asnwers": {}}), 401)


def test_a_token_that_is_not_valid_is_refused_even_where_none_is_needed(
    client: FlaskClient,
) -> None:
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer forged"
    problem(client.get("/api/v1/calendars/2020"), 401)


def test_an_attempt_to_sign_in_that_must_wait_is_told_how_long(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("tokens.issue", TooManyAttempts(20))
    answer = anonymous.post("/api/v1/tokens", json={"username": "wang", "password": "guess"})
    problem(answer, 429)
    assert answer.headers["Retry-After"] == "20"


def test_query_codes_cannot_be_found_by_trying(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("cases.track", NotFound("没有这个案件，或查询码不对。", "no such pair"))
    tried = [anonymous.get(f"/api/v1/track/7?code={code}").status_code for code in range(70)]
    assert tried[:60] == [404] * 60
    assert tried[-1] == 429


def test_who_has_a_whole_ipv6_network_guesses_no_faster(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("cases.track", NotFound("没有这个案件，或查询码不对。", "no such pair"))

    def asked(address: str) -> int:
        answer = anonymous.get("/api/v1/track/7?code=x", environ_base={"REMOTE_ADDR": address})
        return answer.status_code

    assert {asked(f"2001:db8:7:7::{number:x}") for number in range(60)} == {404}
    assert asked("2001:db8:7:7:ffff::1") == 429
    assert asked("2001:db8:7:8::1") == 404
