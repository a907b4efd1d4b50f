"""A record's own clocks: reported within 7 working days, answered line by line, taken down in the end."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from engine.domain.actor import SYSTEM, Actor
from engine.domain.clock import EntryKind
from engine.domain.errors import Conflict, Invalid, NotPermitted
from engine.domain.record import Cause, Origin, RecordEvent
from engine.exchange.credit_platform import LineAnswer
from engine.persistence import models
from engine.services import (
    calendar_changes,
    jobs,
    record_changes,
    record_clocks,
    record_terms,
    registers,
    reporting,
)
from engine.services.calendar_drafts import Request
from engine.services.calendar_editions import write_years
from engine.services.writing import Writing
from tests.domain.notices import PROLONGED_2020, first_edition_of_2020
from tests.offices import Practice, day


def report_of(practice: Practice, record_id: UUID) -> models.Report:
    row = models.Report
    (found,) = practice.all(select(row).where(row.record_id == record_id))
    report: models.Report = found
    return report


def clock_of(practice: Practice, record_id: UUID, key: str = "reporting") -> models.RecordClock:
    row = models.RecordClock
    (found,) = practice.all(select(row).where(row.record_id == record_id, row.key == key))
    clock: models.RecordClock = found
    return clock


def entries(practice: Practice, clock: models.RecordClock) -> list[str]:
    with practice.reading() as session:
        return [each.kind.value for each in record_clocks.entries_of(session, clock)]


def answer(practice: Practice, record_id: UUID, *, cause: str = "") -> int:
    line = LineAnswer(str(report_of(practice, record_id).id), not cause, cause)
    return reporting.take_answers(practice.office, [line], now=practice.now)


def happens(practice: Practice, record_id: UUID, event: RecordEvent, **told: Any) -> None:
    """As a case would let it happen."""
    office, actor = practice.office, practice["lin"]
    cause = Cause(event, "KSXY-ZH-20200302-000001", "decide", actor.username, "昆信用暂〔2020〕1号")
    with office.uow.begin() as session:
        record = session.get_one(models.Record, record_id, with_for_update=True)
        for name, value in told.items():
            setattr(record, name, value)
        record_changes.change(Writing(office, session, actor, practice.now), record, cause)


def fresh(practice: Practice, **changes: str) -> UUID:
    """A penalty decided on the Friday before."""
    return practice.import_penalty(**{"CF_JDRQ": "2020-02-28", **changes})


# ── the clock ───────────────────────────────────────────────────────────────────────────────────


def test_seven_working_days_run_from_the_decision_and_stop_with_the_report(
    practice: Practice,
) -> None:
    record = fresh(practice)
    clock = clock_of(practice, record)
    assert practice.office.calendar().local_date(clock.due_at) == date(2020, 3, 10)
    assert (clock.state, clock.late_at) == ("stopped", None)
    assert entries(practice, clock) == ["start", "stop"]
    report = report_of(practice, record)
    assert (report.state, report.tries) == ("sent", 1)
    assert report.sent_at == practice.now


def test_what_came_too_late_is_late_however_fast_it_was_passed_on(practice: Practice) -> None:
    record = practice.import_penalty(CF_JDRQ="2020-02-10")
    clock = clock_of(practice, record)
    assert clock.late_at == practice.now


def test_a_deferred_record_waits_and_its_clock_with_it(practice: Practice) -> None:
    record = _unsent(practice)
    happens(practice, record, RecordEvent.DEFERRED)
    practice.move_to(day(3, 20))
    assert clock_of(practice, record).state == "paused"
    assert practice.record(record).reporting == "deferred"
    happens(practice, record, RecordEvent.DEFERRAL_ENDED)
    practice.move_to(day(3, 20, 10))
    assert practice.record(record).reporting == "reported"
    clock = clock_of(practice, record)
    assert entries(practice, clock) == ["start", "pause", "resume", "stop"]
    assert clock.late_at is None


def _unsent(practice: Practice, **changes: str) -> UUID:
    """A record that was imported and has not been reported yet."""
    held, jobs.run_due = jobs.run_due, lambda office: 0
    try:
        return fresh(practice, **changes)
    finally:
        jobs.run_due = held


@pytest.mark.parametrize("hold", ["deferral", "objection"])
def test_what_is_held_is_not_pushed_and_goes_when_it_is_free(practice: Practice, hold: str) -> None:
    record = _unsent(practice)
    is_deferral = hold == "deferral"
    begins = RecordEvent.HELD if is_deferral else RecordEvent.OBJECTION_ACCEPTED
    happens(practice, record, begins)
    practice.run_jobs()
    registers.sweep(practice.office, now=practice.now, at_once=True)
    practice.run_jobs()
    assert practice.record(record).reporting == ("held" if is_deferral else "pending")
    assert report_of(practice, record).state == "waiting"
    happens(
        practice,
        record,
        RecordEvent.HOLD_LIFTED if is_deferral else RecordEvent.OBJECTION_ENDED,
    )
    registers.sweep(practice.office, now=practice.now, at_once=True)
    practice.run_jobs()
    assert practice.record(record).reporting == "reported"


def test_a_record_taken_down_before_it_was_reported_is_reported_no_more(practice: Practice) -> None:
    record = _unsent(practice)
    happens(practice, record, RecordEvent.REVOKED)
    practice.move_to(day(3, 20))
    report = report_of(practice, record)
    assert (report.state, practice.record(record).reporting) == ("ended", "pending")
    assert clock_of(practice, record).state == "stopped"


def test_a_changed_calendar_moves_the_clock_and_leaves_a_line(practice: Practice) -> None:
    with practice.office.uow.begin() as session:
        write_years(session, [2020], [first_edition_of_2020()])
    practice.office.forget()
    practice.show(day(1, 20))
    record = _unsent(practice, CF_JDRQ="2020-01-17")
    before = clock_of(practice, record).due_at
    assert before == day(2, 1, 17)  # the Saturday was planned as a working day
    second = Actor(uuid4(), "qin", "秦立", "credit_office", frozenset({"administrator"}))
    request = Request(source="notice", text=PROLONGED_2020, reason="春节假期延长至2月2日")
    change = calendar_changes.propose(practice.office, practice["feng"], request, now=practice.now)
    calendar_changes.approve(practice.office, second, change, now=practice.now)
    registers.sweep(practice.office, now=practice.now, at_once=True)
    clock = clock_of(practice, record)
    assert clock.due_at == day(2, 4, 17)
    with practice.reading() as session:
        kept = record_clocks.entries_of(session, clock)
    (line,) = [each for each in kept if each.kind is EntryKind.RECOUNT]
    assert (line.due_before, line.due_after) == (before, clock.due_at)
    assert record_clocks.recount(practice.office, now=practice.now) == 0


# ── the queue and its answers ───────────────────────────────────────────────────────────────────


def test_a_notice_carries_whole_lines_by_number(practice: Practice) -> None:
    record = fresh(practice)
    report = report_of(practice, record)
    sent = [
        orjson.loads(each.read_bytes()) for each in (practice.folder / "exchange/out").iterdir()
    ]
    (notice,) = [each for each in sent if each["notice"] == "publish"]
    (line,) = notice["records"]
    assert line["line"] == str(report.id)
    assert line["conduct"] == "产品标识不符合规定"


def test_an_accepted_line_is_accepted_once(practice: Practice) -> None:
    record = fresh(practice)
    assert answer(practice, record) == 1
    assert answer(practice, record) == 0
    assert report_of(practice, record).state == "accepted"


def test_a_refused_line_was_not_reported_its_clock_runs_on_and_it_is_put_right(
    practice: Practice,
) -> None:
    record = fresh(practice, CF_WSH="昆市监罚【2020】7号")
    practice.move_to(day(3, 4))
    answer(practice, record, cause="决定书文号格式不符")
    report, clock = report_of(practice, record), clock_of(practice, record)
    assert (report.state, report.cause) == ("refused", "决定书文号格式不符")
    assert practice.record(record).reporting == "pending"
    assert (clock.state, entries(practice, clock)) == ("running", ["start", "stop", "void"])
    registers.sweep(practice.office, now=practice.now, at_once=True)
    assert practice.run_jobs() == 0  # a refused line waits for somebody to put it right
    reporting.put_right(
        practice.office,
        practice["lin"],
        record,
        {"number": "昆市监罚〔2020〕7号"},
        reason="按 GB/T 9704 改六角括号",
        now=practice.now,
    )
    practice.run_jobs()
    report, clock = report_of(practice, record), clock_of(practice, record)
    assert (report.state, report.tries) == ("sent", 2)
    assert (clock.state, clock.late_at) == ("stopped", None)
    (line,) = practice.all(
        select(models.RecordEvent).where(
            models.RecordEvent.record_id == record, models.RecordEvent.axis == "content"
        )
    )
    assert "【2020】" in line.before
    assert line.document == "按 GB/T 9704 改六角括号"


def test_a_number_may_be_rewritten_and_not_exchanged(practice: Practice) -> None:
    record = fresh(practice, CF_WSH="昆市监罚【2020】7号")
    answer(practice, record, cause="格式不符")

    def put(changes: dict[str, str], reason: str = "改格式", who: str = "lin") -> None:
        reporting.put_right(
            practice.office, practice[who], record, changes, reason=reason, now=practice.now
        )

    with pytest.raises(Invalid):
        put({"number": "昆市监罚〔2020〕8号"})
    with pytest.raises(Invalid):
        put({"grade": "general"})
    with pytest.raises(Invalid):
        put({"conduct": " "})
    with pytest.raises(Invalid):
        put({"number": "昆市监罚〔2020〕7号"}, reason=" ")
    with pytest.raises(NotPermitted):
        put({"number": "昆市监罚〔2020〕7号"}, who="zhou")
    other = fresh(practice)
    with pytest.raises(Conflict):
        reporting.put_right(
            practice.office, practice["lin"], other, {}, reason="x", now=practice.now
        )


def test_a_line_refused_after_the_end_is_late_when_it_is_put_right(practice: Practice) -> None:
    record = fresh(practice, CF_WSH="昆市监罚【2020】7号")
    answer(practice, record, cause="格式不符")
    practice.move_to(day(3, 12))
    reporting.put_right(
        practice.office,
        practice["lin"],
        record,
        {"number": "昆市监罚〔2020〕7号"},
        reason="改格式",
        now=practice.now,
    )
    practice.run_jobs()
    assert clock_of(practice, record).late_at is not None


# ── the longest period ──────────────────────────────────────────────────────────────────────────


def test_the_longest_period_ends_by_itself_at_midnight_and_once(practice: Practice) -> None:
    record = practice.import_penalty(CF_JDRQ="2019-03-02")
    assert practice.record(record).ends_on == date(2020, 3, 2)
    practice.move_to(day(3, 5))
    held = practice.record(record)
    assert (held.publication, held.reporting) == ("withdrawn_expired", "reported")
    (line,) = practice.all(
        select(models.RecordEvent).where(
            models.RecordEvent.record_id == record,
            models.RecordEvent.after == "withdrawn_expired",
        )
    )
    assert line.at == day(3, 3, 0)
    assert line.actor == "system"
    practice.office.sweeps.clear()
    assert record_terms.sweep(practice.office, now=practice.now) == 0


def test_an_open_repair_ends_with_the_period_whoever_is_first(practice: Practice) -> None:
    record = practice.import_penalty(CF_JDRQ="2019-03-02")
    number = practice.file_case(record).number
    practice.drive_to(number, "give_opinion")
    practice.office.sweeps.clear()
    practice.show(day(3, 3, 0, 1))
    assert record_terms.sweep(practice.office, now=practice.now) == 1  # before the case's timer
    practice.move_to(day(3, 3, 1))
    assert practice.case(number).outcome == "expired"
    assert practice.case(number).open_incidents == 0


# ── what the database refuses ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", [models.RecordEvent, models.RecordClockEntry])
@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_to_rewrite_a_history(
    practice: Practice, table: Any, act: str
) -> None:
    fresh(practice)
    change = update(table).values(actor="somebody else") if act == "update" else delete(table)
    with pytest.raises(DatabaseError, match="append-only"), practice.office.uow.engine.begin() as c:
        c.execute(change)


def test_the_database_refuses_a_state_without_a_line(practice: Practice) -> None:
    record = fresh(practice)
    change = update(models.Record).where(models.Record.id == record).values(publication="exempt")
    with pytest.raises(DatabaseError, match="history"), practice.office.uow.engine.begin() as c:
        c.execute(change)


def test_a_record_changes_by_nobodys_hand(practice: Practice) -> None:
    record = fresh(practice)
    with practice.office.uow.begin() as session:
        row = session.get_one(models.Record, record)
        by = Writing(practice.office, session, SYSTEM, practice.now)
        for cause in (
            Cause(RecordEvent.EXPIRED, actor="lin"),
            Cause(RecordEvent.REPAIR_GRANTED, actor="lin", origin=Origin.CLOCK),
        ):
            with pytest.raises(Invalid):
                record_changes.change(by, row, cause)
