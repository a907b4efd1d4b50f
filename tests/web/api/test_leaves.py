"""What the calls on leave covers ask of their service."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from engine.domain.errors import Conflict
from engine.domain.leave import Cover
from engine.domain.leave_views import LeaveView
from tests.web.api.conftest import NOW, WANG, Asked
from tests.web.api.samples import sample

DAYS = {"starts_on": "2020-03-02", "ends_on": "2020-03-06"}
FIRST, LAST = date(2020, 3, 2), date(2020, 3, 6)


def test_ones_own_absence_is_entered_without_a_name(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("leave.enter", sample(LeaveView, substitute="shen"))
    answer = client.post("/api/v1/leaves", json={**DAYS, "substitute": "shen", "reason": "年休假"})
    assert (answer.status_code, answer.get_json()["substitute"]) == (201, "shen")
    assert asked.args[1:] == (WANG, Cover("wang", "shen", FIRST, LAST))
    assert asked.kwargs == {"reason": "年休假", "now": NOW}


def test_a_supervisor_names_who_is_away(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("leave.enter", sample(LeaveView))
    assert client.post("/api/v1/leaves", json={**DAYS, "person": "gu"}).status_code == 201
    assert asked.args[1:] == (WANG, Cover("gu", None, FIRST, LAST))
    asked = answering("leave.preview", None)
    client.get("/api/v1/leaves/preview", query_string={**DAYS, "person": "gu"})
    assert asked.args[1:] == (WANG, Cover("gu", None, FIRST, LAST))
    assert asked.kwargs == {"now": NOW}


def test_an_absence_is_ended_and_one_that_is_over_is_a_conflict(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    key = UUID("11111111-2222-4333-8444-555555555555")
    asked = answering("leave.end", sample(LeaveView, state="ended"))
    answer = client.post(f"/api/v1/leaves/{key}/end")
    assert (answer.status_code, answer.get_json()["state"]) == (200, "ended")
    assert asked.args[1:] == (WANG, key)
    answering("leave.end", Conflict("这次请假已经结束。", "this leave is over"))
    assert client.post(f"/api/v1/leaves/{key}/end").status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("post", "leaves", {"starts_on": "2020-03-02"}),
        ("post", "leaves", {**DAYS, "ends_on": "soon"}),
        ("get", "leaves/preview", {"starts_on": "2020-03-02"}),
        ("get", "leaves", {"scope": "theirs"}),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    client: FlaskClient, method: str, path: str, given: dict[str, str]
) -> None:
    sent = {"json": given} if method == "post" else {"query_string": given}
    answer = getattr(client, method)(f"/api/v1/{path}", **sent)
    assert answer.status_code == 422
    assert answer.get_json()["fields"]
