"""A notice is found by what it tells to whom, and by the id that an e-mail of an earlier release names."""

from __future__ import annotations

from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import insert, select, update

from engine.domain.errors import NotFound
from engine.domain.notice import Channel, id_by, id_of
from engine.persistence import models, schema
from engine.persistence.unit_of_work import connect
from engine.services import notices
from tests.offices import Practice
from tests.persistence.test_upgrades_with_rows import fill, tables

BEFORE = "0040_personal_readings"


def test_the_id_tells_kind_event_recipient_and_channel_apart() -> None:
    one = id_of("receipt", "e", "firm", Channel.INBOX)
    assert one == id_of("receipt", "e", "firm", Channel.INBOX)
    assert id_by(one, Channel.EMAIL) == id_of("receipt", "e", "firm", Channel.EMAIL)
    others = {
        id_of("other", "e", "firm", Channel.INBOX),
        id_of("receipt", "f", "firm", Channel.INBOX),
        id_of("receipt", "e", "zhou", Channel.INBOX),
        *(id_by(one, each) for each in Channel if each is not Channel.INBOX),
    }
    assert len(others | {one}) == 7


def test_a_notice_is_opened_by_the_id_that_an_old_e_mail_names(practice: Practice) -> None:
    practice.file_case()
    practice.run_jobs()
    (row,) = (n for n in notices.mine(practice.office, practice.firm).items if n.kind == "receipt")
    old, by_mail = UUID(int=5), UUID(int=6)
    with practice.office.uow.begin() as session:
        held = session.get_one(models.Notice, row.id)
        told = {
            column.name: getattr(held, column.name) for column in models.Notice.__table__.columns
        }
        mail = {"id": id_by(row.id, Channel.EMAIL), "channel": "email", "old_id": by_mail}
        session.execute(update(models.Notice).where(models.Notice.id == row.id).values(old_id=old))
        session.execute(insert(models.Notice).values(told | mail))
    for named in (row.id, old, by_mail, id_by(row.id, Channel.EMAIL)):
        opened = notices.read(practice.office, practice.firm, named, now=practice.now)
        assert opened.id == row.id
        with pytest.raises(NotFound):
            notices.read(practice.office, practice["zhou"], named, now=practice.now)
    with pytest.raises(NotFound):
        notices.read(practice.office, practice.firm, UUID(int=7), now=practice.now)


def test_a_notice_of_the_release_before_is_told_no_second_time(
    blank: None, database_url: str
) -> None:
    """Its key becomes its id, and its id of before is kept."""
    command.upgrade(schema.configuration(database_url), BEFORE)
    engine = connect(database_url)
    key = id_of("receipt", "e", "firm", Channel.INBOX)
    try:
        with engine.execution_options(writing=True).begin() as connection:
            list(fill(connection))
            notice = next(each for each in tables(connection) if each.name == "notice")
            before = UUID(str(connection.scalar(select(notice.c.id))))
            connection.execute(update(notice).values(key=key.bytes))
        schema.upgrade(database_url)
        with engine.connect() as connection:
            rows = connection.execute(select(models.Notice.id, models.Notice.old_id)).all()
    finally:
        engine.dispose()
    assert [tuple(row) for row in rows] == [(key, before)]
