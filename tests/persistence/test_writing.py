"""What a transaction changed reaches the tables whole, on PostgreSQL as one statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.exc import IntegrityError

from engine.domain.errors import Conflict
from engine.persistence import models, writing
from engine.persistence.declarative import table_of
from engine.persistence.unit_of_work import UnitOfWork, connect

NOW = datetime(2020, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def uow(database_url: str) -> Iterator[UnitOfWork]:
    engine = connect(database_url)
    yield UnitOfWork(engine, lambda job_id: None)
    engine.dispose()


@contextmanager
def statements(uow: UnitOfWork) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(uow.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(uow.engine, "before_cursor_execute", note)


def job(**values: Any) -> models.Job:
    given = {"operation": "notify", "arguments": {"to": "昆山"}, "state": "waiting", "due_at": NOW}
    return models.Job(id=uuid4(), retries_left=5, created_at=NOW, **{**given, **values})


def person(username: str) -> models.Person:
    return models.Person(
        id=uuid4(), username=username, password_hash="", name="周敏", groups=[], created_at=NOW
    )


def token(text: str, person_id: UUID) -> models.Token:
    return models.Token(
        hash=text, id=uuid4(), person_id=person_id, title="", prefix="", scopes=None,
        created_at=NOW, created_by="", expires_at=NOW,
    )  # fmt: skip


def stored(uow: UnitOfWork, kind: type[Any]) -> list[Any]:
    with uow.read() as session:
        return list(session.scalars(select(kind)))


def test_new_and_changed_rows_of_several_tables_are_stored_as_they_are(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        kept = job(state="done", done_at=NOW)
        session.add_all([kept, job(), models.Setting(key="a", value={"n": [1, None, "二"]})])
        session.add(zhou := person("zhou"))
    with uow.begin() as session:
        held = session.get_one(models.Job, kept.id)
        held.arguments, held.last_error, held.done_at = {"to": "太仓"}, "50% \\ ''", None
        session.get_one(models.Setting, "a").value = {}
        session.add(token("见附件", zhou.id))
    jobs = {each.id: each for each in stored(uow, models.Job)}
    assert len(jobs) == 2
    changed = jobs.pop(kept.id)
    assert (changed.arguments, changed.last_error) == ({"to": "太仓"}, "50% \\ ''")
    assert (changed.done_at, changed.due_at, changed.state) == (None, NOW, "done")
    (other,) = jobs.values()
    assert (other.arguments, other.last_error, other.done_at) == ({"to": "昆山"}, "", None)
    assert [each.value for each in stored(uow, models.Setting)] == [{}]
    assert [each.hash for each in stored(uow, models.Token)] == ["见附件"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_rows_with_the_same_changes_each_get_their_own_values(uow: UnitOfWork) -> None:
    given = [job(), job(done_at=NOW), job(last_error="x")]
    with uow.begin() as session:
        session.add_all(given)
    told: list[dict[str, Any]] = [
        {"arguments": {"n": 1}, "done_at": NOW, "last_error": "一", "retries_left": 4},
        {"arguments": {}, "done_at": None, "last_error": "", "retries_left": 0},
        {"arguments": {"n": [None]}, "done_at": NOW, "last_error": "50% '' \\", "retries_left": 9},
    ]
    with uow.begin() as session:
        for row, values in zip(given, told, strict=True):
            held = session.get_one(models.Job, row.id)
            for name, value in values.items():
                setattr(held, name, value)
    jobs = {each.id: each for each in stored(uow, models.Job)}
    for row, values in zip(given, told, strict=True):
        assert {name: getattr(jobs[row.id], name) for name in values} == values


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_they_travel_to_postgresql_as_one_statement(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        session.add(kept := job())
    with uow.begin() as session:
        session.get_one(models.Job, kept.id).state = "done"
        session.add_all([job(), job(), models.Setting(key="a", value={})])
        with statements(uow) as sent:
            writing.write(session)
    assert len(sent) == 1
    assert sorted(each.state for each in stored(uow, models.Job)) == ["done", "waiting", "waiting"]


def test_nothing_is_sent_where_nothing_changed(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        session.add(kept := job())
    with uow.begin() as session:
        session.get_one(models.Job, kept.id).state = "waiting"
        with statements(uow) as sent:
            writing.write(session)
    assert sent == []


def test_a_default_is_stored_and_stays_on_the_object(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        session.add(fresh := job())
    assert fresh.last_error == ""


def test_who_changes_a_row_that_is_gone_has_lost_the_race(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        session.add_all([kept := job(), other := job()])

    def lose() -> None:
        with uow.begin() as session:
            session.get_one(models.Job, kept.id).state = "done"
            session.get_one(models.Job, other.id).state = "done"
            session.execute(delete(table_of(models.Job)).where(models.Job.id == kept.id))

    with pytest.raises(Conflict):
        lose()
    assert [each.state for each in stored(uow, models.Job)] == ["waiting", "waiting"]


def test_who_stores_a_key_that_is_taken_has_lost_the_race(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        session.add(models.Setting(key="a", value={"first": True}))
    with pytest.raises(Conflict) as refused, uow.begin() as session:
        session.add_all([models.Setting(key="a", value={}), models.Setting(key="b", value={})])
    assert [each.value for each in stored(uow, models.Setting)] == [{"first": True}]
    cause = refused.value.__cause__
    assert isinstance(cause, IntegrityError)
    assert "setting" in str(cause.orig)
    assert "INSERT INTO setting" in str(cause.statement)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_row_may_refer_to_one_that_is_stored_with_it_and_to_no_other(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        session.add(token("a", (zhou := person("zhou")).id))
        session.add(zhou)
    assert [each.person_id for each in stored(uow, models.Token)] == [zhou.id]
    with pytest.raises(Conflict), uow.begin() as session:
        session.add(token("b", uuid4()))


def test_what_was_flushed_on_the_way_is_only_changed_at_the_end(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        session.add(held := job())
        session.flush()
        held.state = "done"
    assert [each.state for each in stored(uow, models.Job)] == ["done"]


def test_a_deletion_and_rows_by_the_thousand_are_stored_too(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        session.add_all([job() for _ in range(300)])
        session.add(gone := job(state="done"))
    with uow.begin() as session:
        session.delete(session.get_one(models.Job, gone.id))
        session.add(models.Setting(key="a", value={}))
    assert [each.state for each in stored(uow, models.Job)] == ["waiting"] * 300
    assert len(stored(uow, models.Setting)) == 1
