"""The audit as a call: what is asked of the books, and what is refused before they are opened."""

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from engine.domain.audit import Asked as Question
from engine.domain.audit import AuditLine, Source
from engine.domain.views import Page
from tests.web.api.conftest import WANG, Asked
from tests.web.api.samples import sample


def test_a_book_is_asked_by_who_what_and_when(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("office_history.listed", Page((sample(AuditLine),), "further"))
    found = client.get(
        "/api/v1/audit?source=accounts&who=feng&kind=signed_in&address=203.0.113.7"
        "&since=2020-02-01&until=2020-02-03&limit=20&cursor=here"
    )
    question = Question(
        Source.ACCOUNTS, "feng", "signed_in", "", "203.0.113.7", date(2020, 2, 1), date(2020, 2, 3)
    )
    assert asked.args[1:] == (WANG, question)
    assert (asked.kwargs["limit"], asked.kwargs["cursor"]) == (20, "here")
    assert found.get_json()["next_cursor"] == "further"
    assert found.get_json()["items"][0]["what"] == {"zh": "中文", "en": "English"}


def test_without_a_word_it_is_the_book_of_cases(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("office_history.listed", Page(()))
    assert client.get("/api/v1/audit").get_json()["items"] == []
    assert asked.args[2] == Question()


@pytest.mark.parametrize("wrong", ["source=diary", "since=yesterday", "limit=0", "whom=feng"])
def test_what_no_book_can_answer_is_refused_by_its_name(
    client: FlaskClient, answering: Callable[..., Asked], wrong: str
) -> None:
    asked = answering("office_history.listed", Page(()))
    refused = client.get(f"/api/v1/audit?{wrong}")
    assert (refused.status_code, asked.times) == (422, 0)
    assert wrong.partition("=")[0] in refused.get_json()["fields"]
