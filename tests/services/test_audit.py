"""An auditor asks who did what, and whether the history is whole; nobody else may."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from engine.domain.account import Happening
from engine.domain.actor import Actor
from engine.domain.audit import BEGINNINGS, Asked, AuditLine, CheckView, Matter, Source
from engine.domain.errors import Invalid
from engine.persistence import models
from engine.services import account_log, history_checks, history_roots, jobs, office_history
from tests.offices import MONDAY, Practice

AUDITOR = Actor(
    UUID(int=77), "shi", "史敬", department="credit_office", groups=frozenset({"auditor"})
)
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def read(practice: Practice, **asked: Any) -> list[AuditLine]:
    found = office_history.listed(practice.office, AUDITOR, Asked(**asked), now=practice.now)
    return list(found.items)


def test_lines_of_all_cases_are_found_by_who_what_case_and_day(practice: Practice) -> None:
    first, second = practice.file_case().number, practice.file_case().number
    practice.complete(first, "review_filing")
    everything = read(practice)
    assert {line.about for line in everything} == {first, second}
    assert [line.at for line in everything] == sorted((x.at for x in everything), reverse=True)
    by = practice.history(first)[-1].actor
    assert {line.actor for line in read(practice, who=by)} == {by}
    assert {line.about for line in read(practice, about=second.lower())} == {second}
    tasks = read(practice, kind=Matter.TASKS.value)
    assert tasks
    assert len(tasks) < len(everything)
    yesterday = MONDAY.date() - timedelta(days=1)
    assert read(practice, since=yesterday, until=yesterday) == []
    assert len(read(practice, since=yesterday)) == len(everything)


@pytest.mark.parametrize(
    ("source", "kind"),
    [(Source.CASES, "signed_in"), (Source.RECORDS, "tasks"), (Source.CASES, "?")],
)
def test_a_kind_that_its_book_does_not_know_is_refused_and_not_answered_with_nothing(
    source: Source, kind: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Asked(source, kind=kind).must_be_known()
    assert set(refused.value.fields) == {"kind"}


def test_an_auditor_reads_no_whole_mobile_number(practice: Practice) -> None:
    number = practice.file_case().number
    told = {"detail": "请拨 13812345678 联系"}
    practice.is_tampered = True
    with practice.office.uow.begin() as session:
        case = select(models.Case.id).where(models.Case.number == number).scalar_subquery()
        session.execute(update(models.Event).where(models.Event.case_id == case).values(**told))
    details = {line.detail for line in read(practice)}
    assert details == {"请拨 138******78 联系"}


@one_database
def test_pages_of_lines_follow_one_another_without_a_gap(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.drive_to(practice.file_case().number, "give_opinion")
    whole = [line.id for line in read(practice)]
    monkeypatch.setattr(office_history, "SHOWN", 3)
    pages, cursor = [], None
    while True:
        page = office_history.listed(
            practice.office, AUDITOR, Asked(), now=practice.now, cursor=cursor
        )
        pages += [line.id for line in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == whole


@one_database
def test_what_happened_to_accounts_is_found_by_address(practice: Practice) -> None:
    real = practice.office.real_now()
    with practice.office.uow.begin() as session:
        for address in ("203.0.113.7", "198.51.100.9"):
            note = (Happening.SIGNED_IN, "feng")
            account_log.note(session, *note, real=real, actor="feng", address=address)
    (line,) = read(practice, source=Source.ACCOUNTS, address="203.0.113.7")
    assert (line.about, line.actor, line.address) == ("feng", "feng", "203.0.113.7")
    assert read(practice, source=Source.ACCOUNTS, kind=Happening.DISABLED.value) == []


@one_database
def test_changes_of_records_and_of_the_system_are_told_with_who_made_them(
    practice: Practice,
) -> None:
    practice.import_penalty()
    practice.complete(practice.file_case().number, "review_filing")
    changed = read(practice, source=Source.RECORDS)
    assert {line.place for line in changed} == {"record"}
    with practice.office.uow.begin() as session:
        session.add(
            models.Parameter(
                id=UUID(int=5), sequence=1, scope="", key="lights.yellow_days", value="3",
                basis="本地", set_by="feng", set_by_name="冯", set_at=practice.now,
            )
        )  # fmt: skip
    told = {(line.what.zh, line.actor) for line in read(practice, source=Source.OFFICE)}
    assert ("参数改为 3", "feng") in told
    assert {line.actor for line in read(practice, source=Source.OFFICE, who="feng")} == {"feng"}


@pytest.mark.parametrize(
    "asked",
    [
        {"since": date(2019, 1, 1), "until": date(2020, 1, 1)},
        {"since": date(2020, 3, 2), "until": date(2020, 3, 1)},
    ],
)
def test_days_that_cannot_be_read_at_once_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Asked(**asked).days(date(2020, 3, 2))
    assert Asked(about="KX", since=date(2019, 1, 1)).days(date(2020, 3, 2))


def test_no_kind_of_line_belongs_to_two_matters() -> None:
    said = [each for beginnings in BEGINNINGS.values() for each in beginnings]
    twice = [(a, b) for a in said for b in said if a is not b and a.startswith(b)]
    assert twice == []
    assert {*BEGINNINGS} == {*Matter}


@one_database
def test_the_list_is_taken_out_as_a_workbook_and_that_is_written_down(practice: Practice) -> None:
    number = practice.file_case().number
    content = office_history.as_workbook(
        practice.office, AUDITOR, Asked(), now=practice.now, language="zh", address="203.0.113.7"
    )
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[2][:2] == ["时刻", "账号"]
    assert {row[5] for row in rows[3:]} == {number}
    (taken,) = read(practice, source=Source.ACCOUNTS, kind=Happening.AUDIT_EXPORTED.value)
    assert (taken.actor, taken.address) == ("shi", "203.0.113.7")


@one_database
def test_the_list_is_taken_out_as_csv_with_the_same_lines(practice: Practice) -> None:
    number = practice.file_case().number
    content = office_history.as_csv(
        practice.office, AUDITOR, Asked(), now=practice.now, language="en", address=""
    )
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert head[:2] == ["Moment", "Account"]
    assert [row[4] for row in rows] == [line.what.en for line in read(practice)]
    assert {row[5] for row in rows} == {number}
    (taken,) = read(practice, source=Source.ACCOUNTS, kind=Happening.AUDIT_EXPORTED.value)
    assert taken.actor == "shi"


@one_database
def test_what_was_done_to_the_system_is_read_page_by_page(practice: Practice) -> None:
    with practice.office.uow.begin() as session:
        for number in range(5):  # all at one moment, as under a clock that stands
            act = {"key": "promised_days", "value": number + 1, "sequence": 9000 + number}
            who = {"basis": "昆信用办〔2020〕3号", "set_by": "shi", "set_by_name": "史敬"}
            session.add(models.Parameter(id=uuid4(), scope="", set_at=practice.now, **act, **who))
    whole = [line.id for line in read(practice, source=Source.OFFICE)]
    pages, cursor = [], None
    while True:
        asked = Asked(source=Source.OFFICE)
        page = office_history.listed(
            practice.office, AUDITOR, asked, now=practice.now, cursor=cursor, limit=2
        )
        pages += [line.id for line in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(whole) >= 5
    assert pages == whole


def checked(practice: Practice) -> CheckView:
    check_id = history_checks.ask(practice.office, AUDITOR)
    assert history_checks.get(practice.office, AUDITOR, check_id).is_open
    assert history_checks.ask(practice.office, AUDITOR) == check_id  # not twice at once
    jobs.run_due(practice.office)
    return history_checks.get(practice.office, AUDITOR, check_id)


def test_a_check_runs_as_a_job_and_says_what_it_saw_and_found(practice: Practice) -> None:
    first, second = practice.file_case().number, practice.file_case().number
    with practice.office.uow.begin() as session:
        history_roots.write_some(practice.office, session, MONDAY.date())
    whole = checked(practice)
    lines = sum(len(practice.history(number)) for number in (first, second))
    assert (whole.state, whole.cases, whole.flaws, whole.roots) == ("done", 2, 0, 1)
    assert whole.lines == lines
    state = history_checks.state(practice.office, AUDITOR)
    assert state.root is not None
    assert state.root.is_signed
    assert state.last_done == whole
    practice.is_tampered = True
    row = practice.history(second)[0]
    with practice.office.uow.begin() as session:
        changed = update(models.Event).where(
            models.Event.case_id == row.case_id, models.Event.sequence == row.sequence
        )
        session.execute(changed.values(title=row.title + "。"))
    broken = checked(practice)
    assert (broken.state, broken.flaws) == ("done", 1)
    assert broken.found[0]["where"] == f"{second}#1"


@one_database
def test_a_root_whose_file_is_gone_or_altered_is_seen_at_once(practice: Practice) -> None:
    practice.file_case()
    with practice.office.uow.begin() as session:
        history_roots.write_some(practice.office, session, MONDAY.date())
    (file,) = (practice.folder / "roots").glob("*.json")

    def is_signed() -> bool | None:
        root = history_checks.state(practice.office, AUDITOR).root
        assert root is not None
        return root.is_signed

    assert is_signed()
    file.write_bytes(file.read_bytes() + b" ")
    assert is_signed() is False
    file.unlink()
    assert is_signed() is None


@one_database
def test_what_the_command_line_checks_is_kept_beside_what_people_ask(practice: Practice) -> None:
    practice.file_case()
    assert list(history_checks.found_here(practice.office)) == []
    (held,) = history_checks.state(practice.office, AUDITOR).checks
    assert (held.asked_by, held.state, held.cases) == ("kunxin audit verify", "done", 1)
