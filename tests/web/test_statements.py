"""How often the desk's pages ask the database: not more often for a full list or a full file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, event, select

from engine.domain.sign_in import Place
from engine.persistence import models
from engine.services import sessions
from engine.settings import read_settings
from tests.offices import Practice
from web.app import create_app
from web.pages.case_file import PAPERS_AT_ONCE

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
#: Who asks, and what the page itself needs of the tables; what is kept in memory is there already.
INBOX, TASK, CASE = 8, 15, 15


def browser(practice: Practice, username: str) -> FlaskClient:
    office = practice.office
    app = create_app(office, read_settings({"KUNXIN_SECRET_KEY": "of a test"}))
    client = app.test_client()
    held = sessions.begin(office, practice[username], place=Place("127.0.0.1"))
    with client.session_transaction() as session:
        session["session"] = held
    return client


@contextmanager
def counted(practice: Practice) -> Iterator[list[str]]:
    """The statements sent within."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    engines = practice.office.uow.engines
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def asked_for(practice: Practice, client: FlaskClient, path: str) -> list[str]:
    """The statements of a page that was shown before."""
    assert client.get(path).status_code == 200
    with counted(practice) as sent:
        assert client.get(path).status_code == 200
    return [each for each in sent if not each.startswith(("BEGIN", "PRAGMA"))]


@on_sqlite
def test_a_full_inbox_asks_no_more_often_than_an_empty_one(practice: Practice) -> None:
    client = browser(practice, "zhou")
    empty = asked_for(practice, client, "/desk?scope=group")
    for _ in range(5):
        practice.file_case()
    full = asked_for(practice, client, "/desk?scope=group")
    assert len(full) == len(empty) <= INBOX, "\n".join(full)


@on_sqlite
def test_a_task_and_its_case_are_read_in_a_few_statements(practice: Practice) -> None:
    number, task = practice.at("first_review")
    client = browser(practice, "wang")
    of_task = asked_for(practice, client, f"/desk/tasks/{task.id}")
    assert len(of_task) <= TASK, "\n".join(of_task)
    of_case = asked_for(practice, client, f"/desk/cases/{number}")
    assert len(of_case) <= CASE, "\n".join(of_case)


@on_sqlite
def test_a_thick_file_asks_no_more_often_and_shows_its_papers_by_parts(practice: Practice) -> None:
    number = practice.file_case().number
    client = browser(practice, "zhou")
    path = f"/desk/cases/{number}?tab=papers"
    few = asked_for(practice, client, path)
    many = PAPERS_AT_ONCE + 50
    _hand_in(practice, number, many)
    assert len(asked_for(practice, client, path)) == len(few)
    first = client.get(path).text
    rest = client.get(f"{path}&start={PAPERS_AT_ONCE}").text
    shown = [[n for n in range(many) if f"材料{n:03}.pdf" in page] for page in (first, rest)]
    held = len(practice.of_case(models.Paper, number)) - many
    assert shown[0] == list(range(PAPERS_AT_ONCE - held))
    assert sorted({*shown[0], *shown[1]}) == list(range(many))
    assert f"start={PAPERS_AT_ONCE}" in first


def _hand_in(practice: Practice, number: str, many: int) -> None:
    with practice.office.uow.begin() as session:
        case = session.scalars(select(models.Case).where(models.Case.number == number)).one()
        session.add_all(
            models.Paper(
                id=uuid4(),
                case_id=case.id,
                kind="other",
                filename=f"材料{n:03}.pdf",
                media_type="application/pdf",
                size=1000,
                sha256=f"{n:064x}",
                source="upload",
                uploaded_by="firm",
                uploaded_at=practice.now + timedelta(seconds=n),
                receipt=f"凭证{n}",
            )
            for n in range(many)
        )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_only_reads_may_not_write(practice: Practice) -> None:
    with (
        pytest.raises(Exception, match="read-only"),
        practice.office.uow.read() as session,
    ):
        session.execute(delete(models.Setting))
