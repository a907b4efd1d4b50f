"""One party fills no disk: so many papers and bytes in a case and in an application, for two at once too."""

from __future__ import annotations

import io
from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.domain.views import DocumentView
from engine.persistence import models
from engine.services import applications, documents, sessions
from engine.services.office import Room
from engine.services.paper_room import NoRoom
from engine.settings import read_settings
from tests.doors import HERE
from tests.offices import Practice
from tests.services.crowds import refusals, together
from web.app import create_app

KIND = "performance_proof"
ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def pdf(number: int, size: int = 100) -> bytes:
    return b"%PDF-1.4 " + str(number).encode() * size


def to_case(practice: Practice, number: str, content: bytes) -> Callable[[], DocumentView]:
    return lambda: documents.attach(
        practice.office, practice.firm, number, KIND, "凭证.pdf", content, now=practice.now
    )


def to_draft(practice: Practice, draft: UUID, content: bytes) -> Callable[[], DocumentView]:
    return lambda: applications.attach(
        practice.office, practice.firm, draft, KIND, "凭证.pdf", content, now=practice.now
    )


def begun(practice: Practice) -> UUID:
    record = practice.import_penalty()
    return applications.start(
        practice.office, practice.firm, "credit_repair", [record], now=practice.now
    )


@ONE_KIND
@pytest.mark.parametrize("place", ["case", "draft"])
def test_a_place_holds_so_many_papers_and_so_many_bytes(practice: Practice, place: str) -> None:
    office = practice.office
    office.room_of_case = office.room_of_draft = Room(papers=3, megabytes=1)
    draft = begun(practice) if place == "draft" else None
    number = practice.file_case().number if draft is None else ""

    def put(content: bytes) -> DocumentView:
        return (
            to_draft(practice, draft, content) if draft else to_case(practice, number, content)
        )()

    put(pdf(1, 700_000))
    with pytest.raises(NoRoom, match="合计最多 1 MB") as refused:
        put(pdf(2, 700_000))
    assert "1 MB at most" in refused.value.fields_within("en")["file"]
    put(pdf(2))
    put(pdf(3))
    with pytest.raises(NoRoom, match="最多放 3 份材料") as refused:
        put(pdf(4))
    assert "3 papers at most" in refused.value.english
    assert len(practice.all(select(models.Paper.id))) == 3


@ONE_KIND
def test_what_is_taken_out_of_an_application_makes_room(practice: Practice) -> None:
    practice.office.room_of_draft = Room(papers=1, megabytes=1)
    draft = begun(practice)
    paper = to_draft(practice, draft, pdf(1))()
    applications.detach(practice.office, practice.firm, draft, paper.id, now=practice.now)
    again = to_draft(practice, draft, pdf(2))()
    assert again.id != paper.id


def test_of_two_for_the_last_place_one_comes_in(
    practice: Practice, another_process: Practice
) -> None:
    number, draft = practice.file_case().number, None
    for each in (practice, another_process):
        each.office.room_of_case = each.office.room_of_draft = Room(papers=1, megabytes=1)
    places = (practice, another_process)
    answers = together(*(to_case(each, number, pdf(n)) for n, each in enumerate(places)))
    assert [type(each) for each in refusals(answers)] == [NoRoom]
    assert len(practice.of_case(models.Paper, number)) == 1
    draft = begun(practice)
    answers = together(*(to_draft(each, draft, pdf(n)) for n, each in enumerate(places)))
    assert [type(each) for each in refusals(answers)] == [NoRoom]


def browser(practice: Practice) -> FlaskClient:
    """The enterprise's, signed in."""
    app = create_app(practice.office, read_settings({"KUNXIN_SECRET_KEY": "for tests"}))
    app.config.update(WTF_CSRF_ENABLED=False)
    client = app.test_client()
    with client.session_transaction() as held:
        held["session"] = sessions.begin(practice.office, practice.firm, place=HERE)
    return client


@ONE_KIND
def test_api_and_pages_name_the_limit_in_the_readers_language(practice: Practice) -> None:
    practice.office.room_of_case = practice.office.room_of_draft = Room(papers=0, megabytes=1)
    draft, number = begun(practice), practice.file_case(practice.import_penalty(number="2")).number
    client = browser(practice)

    def send(path: str, language: str) -> str:
        form = {"kind": KIND, "file": (io.BytesIO(pdf(1)), "a.pdf")}
        spoken = {"Accept-Language": language}
        return client.post(path, data=form, headers=spoken, follow_redirects=True).text

    for path in (
        f"/api/v1/cases/{number}/documents",
        f"/my/cases/{number}/documents",
        f"/my/apply/{draft}/papers/{KIND}",
    ):
        assert "0 papers at most" in send(path, "en"), path
        assert "最多放 0 份材料" in send(path, "zh"), path
    refused = client.post(
        f"/api/v1/cases/{number}/documents",
        data={"kind": KIND, "file": (io.BytesIO(pdf(1)), "a.pdf")},
    )
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert refused.get_json()["type"] == "/problems/no-room-for-papers"
    assert practice.all(select(models.Paper.id)) == []
