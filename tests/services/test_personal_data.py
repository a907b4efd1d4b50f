"""Who read which numbers of people is on record and stays there; forms never lose what they hide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from engine.domain.audit import Asked as AuditAsked
from engine.domain.audit import Source
from engine.domain.errors import Conflict, Invalid
from engine.domain.personal_numbers import personal_numbers
from engine.domain.personal_reading import Reading
from engine.domain.sign_in import Place
from engine.exchange.credit_platform import LineAnswer
from engine.persistence import models
from engine.services import (
    documents,
    office_history,
    personal_data,
    record_file,
    records,
    reporting,
    retention,
    tasks,
)
from tests.offices import Practice, usual_answers

PHONE, CARD = "13812345678", "11010519491231002X"
DESK = Place("10.1.2.3", "", "Firefox")
TEXT = f"罚款0.5万元。当事人证号{CARD}，电话{PHONE}。"


def asked(*keys: str, reason: str = "电话通知补正") -> personal_data.Asked:
    return personal_data.Asked(frozenset(keys) or None, reason, DESK)


def readings(practice: Practice) -> list[models.PersonalReading]:
    row = models.PersonalReading
    return list(practice.all(select(row).order_by(row.at, row.id)))


def read(practice: Practice, number: str, *keys: str, **told: str) -> list[str]:
    texts = personal_data.read_case(
        practice.office, practice["zhou"], number, asked(*keys, **told), now=practice.now
    )
    return [each.text for each in texts]


def test_a_reading_says_who_what_when_why_and_from_where_and_not_the_number(
    practice: Practice,
) -> None:
    number = practice.file_case(handler_phone=PHONE).number
    office, zhou = practice.office, practice["zhou"]
    (held,) = personal_data.of_case(office, zhou, number, now=practice.now).texts
    assert (held.key, held.text) == ("answers.handler_phone", "138******78")
    assert read(practice, number, held.key, reason=f"打{PHONE}通知") == [PHONE]
    (row,) = readings(practice)
    assert (row.actor, row.case_number, row.at) == ("zhou", number, practice.now)
    assert (row.kind, row.address, row.browser) == ("case", "10.1.2.3", "Firefox")
    assert row.fields == [[held.key, held.title.zh, held.title.en]]
    assert row.reason == "打138******78通知"
    assert personal_numbers(repr(practice.everything()["personal_reading"])) == []


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ((), PHONE),
        ((), ""),
        ((), " "),
        ((), "长" * 201),
        (("answers.nothing",), "核对"),
        (("x", "y"), "核对"),
    ],
)
def test_what_is_refused_is_neither_shown_nor_on_record(
    practice: Practice, keys: tuple[str, ...], reason: str
) -> None:
    number = practice.file_case(handler_phone=PHONE).number
    with pytest.raises(Invalid):
        read(practice, number, *keys, reason=reason)
    assert readings(practice) == []


def test_nobody_changes_a_reading_or_takes_it_away(practice: Practice) -> None:
    read(practice, practice.file_case(handler_phone=PHONE).number)
    row = models.PersonalReading
    for act in (update(row).values(reason="别的"), delete(row)):
        with pytest.raises((DBAPIError, Conflict)), practice.office.uow.begin() as session:
            session.execute(act)
    assert [each.reason for each in readings(practice)] == ["电话通知补正"]


def test_readings_go_by_their_rule_after_three_years_and_not_before(practice: Practice) -> None:
    number = practice.file_case(handler_phone=PHONE).number
    read(practice, number)
    office, erased = practice.office, models.Erasure.kind == "readings"
    practice.clock.pass_by(timedelta(days=35 * 30))
    assert retention.erase(office, practice["feng"], "readings", now=practice.now) == 0
    read(practice, number)
    practice.clock.pass_by(timedelta(days=70))
    assert retention.erase(office, practice["feng"], "readings", now=practice.now) == 1
    (left,) = readings(practice)
    assert left.at > practice.now - timedelta(days=71)
    assert practice.all(select(models.Erasure.rows).where(erased)) == [1]
    with pytest.raises((DBAPIError, Conflict)), office.uow.begin() as session:
        session.execute(delete(models.PersonalReading))


def test_an_official_who_opens_a_paper_is_on_record_once_a_day(practice: Practice) -> None:
    office, number = practice.office, practice.file_case().number
    paper = documents.attach(
        office, practice.firm, number, "performance_proof", "凭证.pdf", b"%PDF-1.7 x",
        now=practice.now,
    )  # fmt: skip

    def opened(who: Any) -> None:
        personal_data.opened(office, who, Reading.PAPER, paper.id, place=DESK, now=practice.now)

    for who in (practice["zhou"], practice["zhou"], practice.firm, practice["zheng"]):
        opened(who)
    (row,) = readings(practice)
    assert (row.kind, row.actor, row.about, row.case_number) == (
        "paper",
        "zhou",
        "凭证.pdf",
        number,
    )
    practice.clock.pass_by(timedelta(days=1))
    opened(practice["zhou"])
    assert len(readings(practice)) == 2


def test_an_auditor_finds_readings_and_a_supervisor_sees_those_of_a_case(
    practice: Practice,
) -> None:
    office, now = practice.office, practice.now
    number, other = (practice.file_case(handler_phone=PHONE).number for _ in range(2))
    read(practice, number)
    read(practice, other, reason="核对身份")

    def found(**wanted: Any) -> list[str]:
        book = AuditAsked(source=Source.READINGS, **wanted)
        page = office_history.listed(office, practice["feng"], book, now=now)
        return [f"{line.about} {line.actor} {line.address}" for line in page.items]

    assert sorted(found()) == sorted(f"{each} zhou 10.1.2.3" for each in (number, other))
    assert found(about=number) == [f"{number} zhou 10.1.2.3"]
    assert found(who="wang") == found(kind="record") == found(address="10.9.9.9") == []
    assert len(found(kind="case", who="zhou", address="10.1.2.3")) == 2
    overseen = personal_data.of_case(office, practice["fang"], number, now=now)
    assert [(one.actor, one.reason) for one in overseen.readings] == [("zhou", "电话通知补正")]
    assert not overseen.may_read
    assert personal_data.of_case(office, practice["zhou"], number, now=now).readings == ()


# ── forms ───────────────────────────────────────────────────────────────────────────────────────


def refused(practice: Practice) -> UUID:
    """A record with numbers in its text that the platform has sent back."""
    record = practice.import_penalty(CF_NR=TEXT, CF_JDRQ="2020-02-28")
    row = models.Report
    (report,) = practice.all(select(row.id).where(row.record_id == record))
    line = LineAnswer(str(report), False, "缺处罚依据")
    reporting.take_answers(practice.office, [line], now=practice.now)
    return record


def put_right(practice: Practice, record: UUID, content: str) -> None:
    reporting.put_right(
        practice.office,
        practice["lin"],
        record,
        {"content": content},
        reason="依据",
        now=practice.now,
    )


def test_a_record_put_right_in_a_form_that_hides_its_numbers_keeps_them_whole(
    practice: Practice,
) -> None:
    record = refused(practice)
    shown, _ = records.get(practice.office, practice["lin"], record, now=practice.now)
    assert personal_numbers(shown.content) == []
    put_right(practice, record, f"{shown.content}依据：食品安全法。")
    assert practice.record(record).content == f"{TEXT}依据：食品安全法。"
    _, events = records.get(practice.office, practice["lin"], record, now=practice.now)
    assert personal_numbers(repr(events)) == []


def test_a_form_that_comes_back_untouched_changes_nothing(practice: Practice) -> None:
    record = refused(practice)
    shown, _ = records.get(practice.office, practice["lin"], record, now=practice.now)
    before = practice.record(record).version
    put_right(practice, record, shown.content)
    assert (practice.record(record).content, practice.record(record).version) == (TEXT, before)


@pytest.mark.parametrize(
    "sent", ["证号110*************28。", "电话139******78。", "打138 **** **99。"]
)
def test_asterisks_that_stand_for_no_number_of_the_record_are_not_kept(
    practice: Practice, sent: str
) -> None:
    record = refused(practice)
    with pytest.raises(Invalid) as told:
        put_right(practice, record, sent)
    assert told.value.fields.keys() == {"content"}
    assert practice.record(record).content == TEXT


def test_a_draft_is_shown_with_its_numbers_hidden_and_completed_with_them_whole(
    practice: Practice,
) -> None:
    number, task = practice.at("give_opinion")
    office, wu = practice.office, practice["wu"]
    given = usual_answers("give_opinion")
    name = "opinion"
    tasks.claim(office, wu, task.id, now=practice.now)
    written = {**given, name: f"{given[name]}经办人证号{CARD}。"}
    tasks.save_draft(office, wu, task.id, written, now=practice.now)
    page = tasks.get(office, wu, task.id, now=practice.now)
    assert personal_numbers(repr(page)) == []
    again = {**page.answers, name: f"{page.answers[name]}已核对。"}
    tasks.save_draft(office, wu, task.id, again, now=practice.now)
    again = dict(tasks.get(office, wu, task.id, now=practice.now).answers)
    tasks.complete(office, wu, task.id, again, now=practice.now)
    (kept,) = practice.all(select(models.Task.answers).where(models.Task.id == task.id))
    assert kept[name] == f"{written[name]}已核对。"
    (held,) = (
        each
        for each in personal_data.of_case(office, wu, number, now=practice.now).texts
        if each.key == f"task.{task.id}.{name}"
    )
    assert "110*************2X" in held.text


def test_what_stands_beside_a_record_hides_them_too(practice: Practice) -> None:
    record = refused(practice)
    found = record_file.get(practice.office, practice["lin"], record, now=practice.now)
    assert personal_numbers(repr(found)) == []
    (line,) = personal_data.of_record(practice.office, practice["lin"], record).texts
    assert line.key == f"record.{record}.content"
    with practice.office.uow.read() as session:
        assert session.scalar(select(func.count()).select_from(models.PersonalReading)) == 0
