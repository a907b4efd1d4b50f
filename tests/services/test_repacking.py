"""Rows of an earlier release: read as they are, checked as they were hashed, and packed in batches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Connection, LargeBinary, Table, insert, inspect, select, type_coerce, update

from engine.domain.history import Head, first_broken, seal
from engine.persistence import models, repacking, schema
from engine.persistence.declarative import table_of
from engine.persistence.packed import PackedDocument, PackedText
from engine.persistence.packing import PLAIN, unpack
from engine.persistence.unit_of_work import connect
from engine.services import cases, decisions, history_check, notices
from tests.offices import MONDAY, Practice
from tests.persistence.test_upgrades_with_rows import fill, tables

Row = dict[str, Any]


def packed(table: Table) -> list[Any]:
    return [c for c in table.columns if isinstance(c.type, PackedText | PackedDocument)]


def stored(connection: Connection, table: Table) -> list[Any]:
    """The bytes of each row, by its key."""
    raw = [type_coerce(c, LargeBinary()).label(c.name) for c in packed(table)]
    keys = list(table.primary_key)
    return list(connection.execute(select(*keys, *raw).order_by(*keys)))


def kept_plainly(connection: Connection) -> None:
    """All rows as the migration leaves those of an earlier release."""
    for table in repacking._tables():
        for row in stored(connection, table):
            values = {
                c.name: type_coerce(PLAIN + unpack(held).encode(), LargeBinary())
                for c in packed(table)
                if (held := getattr(row, c.name))
            }
            if values:
                here = (key == getattr(row, key.name) for key in table.primary_key)
                connection.execute(update(table).where(*here).values(values))


def told(practice: Practice, number: str) -> list[Any]:
    """Whatever the services say of a case and its letters."""
    office, now, actor = practice.office, practice.office.now(), practice["gu"]
    return [
        cases.get(office, actor, number, now=now),
        cases.history(office, actor, number, now=now),
        decisions.of_case(office, actor, number, now=now),
        notices.mine(office, practice.firm),
    ]


def test_what_is_said_of_a_case_is_the_same_before_and_after_its_rows_are_packed(
    practice: Practice, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repacking, "AT_ONCE", 3)  # several batches of each table
    number, _ = practice.at("take_down")
    practice.run_jobs()
    before, engine = told(practice, number), practice.office.uow.engine
    with engine.execution_options(writing=True).begin() as connection:
        small = {t.name: stored(connection, t) for t in repacking._tables()}
        kept_plainly(connection)
        assert {t.name: stored(connection, t) for t in repacking._tables()} != small
    assert told(practice, number) == before
    assert list(history_check.verify_history(practice.office)) == []
    done = list(repacking.repack(database_url))
    assert {"event", "letter", "case_file", "clock"} <= set(done)
    with engine.connect() as connection:
        assert {t.name: stored(connection, t) for t in repacking._tables()} == small
    assert told(practice, number) == before
    assert list(history_check.verify_history(practice.office)) == []
    assert list(repacking.repack(database_url)) == []  # nothing is left to do


def test_whoever_is_interrupted_goes_on_where_it_was(
    practice: Practice, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repacking, "AT_ONCE", 2)
    practice.file_case()
    work = repacking.repack(database_url)
    assert next(work) == str(repacking._tables()[0].name)
    work.close()  # type: ignore[attr-defined]
    engine = connect(database_url)
    try:
        first, *_ = repacking._tables()
        assert repacking._is_done(engine, first)
    finally:
        engine.dispose()
    assert first.name not in list(repacking.repack(database_url))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_rows_are_packed_by_the_key_that_the_database_knows_them_by(practice: Practice) -> None:
    """By any other a table is read once for each of its rows."""
    with practice.office.uow.engine.connect() as connection:
        known = inspect(connection)
        for table in repacking._tables():
            key = known.get_pk_constraint(table.name)["constrained_columns"]
            assert [each.name for each in table.primary_key] == key, table.name


def test_a_place_that_an_earlier_release_kept_by_another_key_is_begun_again(
    practice: Practice, database_url: str
) -> None:
    number = practice.file_case().number
    engine, event = practice.office.uow.engine, table_of(models.Event)
    with engine.execution_options(writing=True).begin() as connection:
        small = stored(connection, event)
        kept_plainly(connection)
        repacking._progress(connection)
        kept = {"event": UUID(int=2**128 - 1).hex}
        connection.execute(update(models.Setting).values(value=kept).where(_is_progress()))
    assert "event" in list(repacking.repack(database_url))
    with engine.connect() as connection:
        assert stored(connection, event) == small
    assert practice.kinds(number)


def _is_progress() -> Any:
    return models.Setting.key == repacking.PROGRESS


LINES = (
    {"kind": "filed", "title": "收件", "title_en": "filed", "detail": "", "changes": {}},
    {
        "kind": "task_completed",
        "title": "办理：预审",
        "title_en": "completed: Preliminary check",
        "detail": "同意。",
        "changes": {"answers": {"days": 10, "share": 0.5, "papers": [], "note": None}},
    },
)


def chained(number: str, case_id: UUID) -> Iterator[Row]:
    head = Head()
    for sequence, told in enumerate(LINES, 1):
        line: Any = SimpleNamespace(
            id=UUID(int=sequence << 64), case_id=case_id, sequence=sequence, at=MONDAY, actor="wu",
            actor_name="吴", department=None, element_id=None, **told,
        )  # fmt: skip
        previous, head = head, seal(number, line, head, b"s" * 16)
        line.sm3 = head.sm3  # that release kept it with each line
        yield {**vars(line), "previous_hash": previous.sha256}


def test_a_history_of_the_release_before_fits_its_hashes_after_the_upgrade(
    blank: None, database_url: str
) -> None:
    command.upgrade(schema.configuration(database_url), "0031_letters_erased")
    engine = connect(database_url)
    try:
        with engine.execution_options(writing=True).begin() as connection:
            list(fill(connection))
            old = {table.name: table for table in tables(connection)}
            case, event = old["case_file"], old["event"]
            ((case_id, number),) = connection.execute(select(case.c.id, case.c.number))
            connection.execute(event.delete())
            key = UUID(str(case_id))
            for row in chained(number, key):
                values = {**row, "id": _as(event.c.id, row["id"]), "case_id": case_id}
                connection.execute(insert(event).values(_written(event, values)))
            data = {"limit": {"last_day": "2020-03-16"}, "papers": ["一"]}
            connection.execute(
                update(old["letter"]).values(_written(old["letter"], {"data": data}))
            )
        schema.upgrade(database_url)
        with engine.connect() as connection:
            lines = list(connection.execute(select(models.Event.__table__).order_by("sequence")))
            letter = connection.execute(select(models.Letter.data, models.Letter.last_day)).one()
    finally:
        engine.dispose()
    assert [line.changes for line in lines] == [told["changes"] for told in LINES]
    assert first_broken(number, lines, Head(2, lines[-1].hash, lines[-1].sm3)) is None
    assert tuple(letter) == (data, "2020-03-16")


def _as(column: Any, value: UUID) -> Any:
    return value if column.type.python_type is UUID else value.hex


def _written(table: Table, values: Row) -> Row:
    """Documents as text where the reflected table knows them as such."""
    return {
        name: json.dumps(value, ensure_ascii=False)
        if isinstance(value, dict) and table.c[name].type.python_type is str
        else value
        for name, value in values.items()
    }


def test_bytes_of_a_line_that_nobody_packed_are_found_at_their_line(practice: Practice) -> None:
    """Who writes into the tables by hand writes what no text is: it is named, and nothing falls over."""
    (number, _), event = practice.at("take_down"), models.Event
    practice.is_tampered = True
    damaged = type_coerce(b"\x07 no such dictionary", LargeBinary())
    with practice.office.uow.begin() as session:
        session.execute(update(event).where(event.sequence == 2).values(changes=damaged))
    (flaw,) = history_check.verify_history(practice.office)
    assert flaw.where == f"{number}#2"
    assert len(told(practice, number)[1]) == practice.case(number).event_count
