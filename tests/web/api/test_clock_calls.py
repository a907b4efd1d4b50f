"""What the calls on clocks ask of their services."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.web.api.conftest import NOW, WANG, Asked

KEY = UUID("11111111-2222-4333-8444-555555555555")
CASE = "/api/v1/cases/2020-7"


def test_a_clock_is_paused_and_resumed(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("clock_actions.pause")
    body = {"ground": "expert", "reason": "专家评审", "expected_on": "2020-03-05"}
    assert client.post(f"{CASE}/clocks/handling/pause", json=body).status_code == 204
    assert asked.args[1:] == (WANG, "2020-7", "handling")
    assert asked.kwargs == {**body, "expected_on": date(2020, 3, 5), "now": NOW}
    asked = answering("clock_actions.resume")
    assert client.post(f"{CASE}/clocks/handling/resume", json={"reason": "已毕"}).status_code == 204
    assert asked.kwargs == {"reason": "已毕", "ground": "", "now": NOW}


def test_an_extension_is_asked_for_and_decided(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("clock_actions.ask_for_extension", KEY)
    answer = client.post(f"{CASE}/extensions", json={"amount": 5, "reason": "复杂"})
    assert (answer.status_code, answer.get_json()) == (201, {"id": str(KEY)})
    assert asked.kwargs == {"amount": 5, "reason": "复杂", "now": NOW}
    asked = answering("clock_actions.decide_extension")
    body = {"approved": False, "opinion": "可以按期办结"}
    assert client.post(f"{CASE}/extensions/{KEY}/decision", json=body).status_code == 204
    assert asked.args[1:] == (WANG, "2020-7", KEY)
    assert asked.kwargs == {**body, "now": NOW}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clocks/handling/pause", {"ground": "expert", "reason": "", "expected_on": "2020-03-05"}),
        ("clocks/handling/pause", {"ground": "expert", "reason": "专家评审"}),
        ("clocks/handling/resume", {}),
        ("extensions", {"reason": "复杂"}),
        ("corrections", {"ground": ""}),
    ],
)
def test_what_is_missing_is_named(client: FlaskClient, path: str, body: dict[str, object]) -> None:
    answer = client.post(f"{CASE}/{path}", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["fields"]
