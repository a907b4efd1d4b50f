"""The history of a case: append-only, chained, telling who did what where; and that of a record."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import delete, update

from engine.domain.errors import EngineError, StepFailed
from engine.persistence import models
from engine.services import cases, records, tasks
from tests.offices import MONDAY, Practice, day, penalties
from tests.oracle import broken_link

SHANGHAI = timezone(timedelta(hours=8))


def test_every_step_is_told_with_who_when_and_where(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    practice.show(day(3, 3, 10))
    practice.complete(number, "give_opinion")
    told = cases.history(practice.office, practice["fang"], number, now=practice.now)
    done = next(e for e in told if e.kind == "task_completed")
    assert (done.actor, done.element_id, done.at) == ("wu", "give_opinion", day(3, 3, 10))
    assert done.changes["answers"]["recommendation"] == "agree"
    assert [e.sequence for e in told] == list(range(len(told), 0, -1))


def _is(row: models.Event) -> tuple[Any, ...]:
    event = models.Event
    return event.case_id == row.case_id, event.sequence == row.sequence


CHANGES: dict[str, dict[str, Any]] = {
    "who": {"actor": "somebody"},
    "name": {"actor_name": "somebody"},
    "department": {"department": "court"},
    "title in English": {"title_en": "granted"},
    "salt": {"salt": b"0" * 16},
    "commitment": {"commitment": b"0" * 64},
    "sm3": {"sm3": b"0" * 32},
    "when": {"at": MONDAY + timedelta(seconds=1)},
    "what": {"kind": "decided"},
    "where": {"element_id": "approve"},
    "title": {"title": "准予"},
    "detail": {"detail": "另一句"},
    "answers": {"changes": {"answers": {"acceptance": "refuse"}}},
    "hash": {"hash": "0" * 64},
    "place": {"sequence": 90},
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_line_breaks_the_chain_there(practice: Practice, what: str) -> None:
    number, _ = practice.at("give_opinion")
    history = practice.history(number)
    assert broken_link(history, number) is None
    changed = next(e for e in history if e.kind == "task_completed")
    practice.is_tampered = True
    with practice.office.uow.begin() as session:
        session.execute(update(models.Event).where(*_is(changed)).values(**CHANGES[what]))
    assert broken_link(practice.history(number), number) == changed.sequence


def test_a_missing_line_breaks_the_chain_there_and_a_cut_tail_does_not_match_the_case(
    practice: Practice,
) -> None:
    number, _ = practice.at("give_opinion")
    history, case = practice.history(number), practice.case(number)
    practice.is_tampered = True
    assert (case.event_count, case.event_hash) == (len(history), history[-1].hash)
    with practice.office.uow.begin() as session:
        session.execute(delete(models.Event).where(*_is(history[2])))
    assert broken_link(practice.history(number), number) == 3
    assert broken_link(history[:-1], number) is None
    assert history[-2].hash != case.event_hash


def test_the_chain_holds_in_whatever_zone_the_moment_was_given(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now.astimezone(SHANGHAI))
    assert broken_link(practice.history(number), number) is None
    assert [e.kind for e in practice.history(number)][-1] == "task_claimed"


def test_the_office_tells_the_time_in_utc_also_when_its_clock_was_set_in_shanghai(
    practice: Practice,
) -> None:
    practice.move_to(day(3, 3).astimezone(SHANGHAI))
    assert practice.now == day(3, 3)
    assert practice.now.tzinfo is UTC
    number = practice.file_case().number
    assert broken_link(practice.history(number), number) is None


@pytest.mark.parametrize("text", ["“引号” \\ \t\n 🚀 ﷽", "a" * 1500, "<script>", "١٢٣", "-0.0"])
def test_the_chain_holds_whatever_is_written(practice: Practice, text: str) -> None:
    number, _ = practice.at("give_opinion")
    practice.complete(number, "give_opinion", opinion=text)
    assert broken_link(practice.history(number), number) is None


@pytest.mark.parametrize("text", ["before\x00after", "half a pair \ud83d"])
def test_a_text_that_no_database_can_keep_is_refused_and_no_failure(
    practice: Practice, text: str
) -> None:
    number, _ = practice.at("give_opinion")
    before = practice.everything()
    with pytest.raises(EngineError) as refused:
        practice.complete(number, "give_opinion", opinion=text)
    assert "opinion" in refused.value.fields
    with pytest.raises(EngineError):
        practice.file_case(handler_name=text)
    record = len(before["record"])
    assert len(practice.everything()["record"]) == record + 1  # the penalty of the second attempt


# ── records ─────────────────────────────────────────────────────────────────────────────────────


def test_a_record_is_taken_down_by_a_case_and_its_history_says_by_which_and_by_whom(
    practice: Practice,
) -> None:
    record = practice.import_penalty()
    number = practice.file_case(record).number
    practice.drive_to(number, "take_down")
    practice.complete(number, "take_down", by=practice["lin"])
    assert practice.record(record).publication == "shown"
    practice.complete(number, "verify", by=practice["he"])
    shown, history = records.get(practice.office, practice["lin"], record, now=practice.now)
    assert (shown.publication, shown.reporting, shown.flags) == (
        "withdrawn_repaired",
        "recalled",
        (),
    )
    (change,) = [e for e in history if e.axis == "publication" and e.case_number]
    assert (change.case_number, change.actor_name) == (number, "he")
    assert (change.before.zh, change.after.zh) == ("公示中", "已撤下（修复）")
    assert change.element_id
    (granted,) = [x for x in practice.of_case(models.Letter, number) if x.key == "repair_granted"]
    assert change.document == granted.number


def test_a_record_that_was_imported_is_shown_by_its_file_and_by_no_case(
    practice: Practice,
) -> None:
    record = practice.import_penalty()
    _, history = records.get(practice.office, practice["lin"], record, now=practice.now)
    (change,) = [e for e in history if e.axis == "publication"]
    assert (change.case_number, change.document) == (None, "penalties.csv")
    assert change.after.zh == "公示中"


def test_an_import_changes_nothing_of_a_record_that_a_case_has_taken_down(
    practice: Practice,
) -> None:
    record = practice.import_penalty()
    number = practice.file_case(record).number
    practice.drive_to(number, "rate")
    before = practice.record(record)
    again = penalties({"CF_WSH": before.number})
    report = records.import_file(
        practice.office, practice["lin"], "again.csv", again, now=practice.now
    )
    assert (report.taken, report.known) == (0, 1)
    after = practice.record(record)
    assert (after.publication, after.version) == (before.publication, before.version)


def test_a_record_that_is_not_marked_for_repair_is_not_taken_down(practice: Practice) -> None:
    """An end run: the mark is gone before the decision is carried out."""
    record = practice.import_penalty()
    number = practice.file_case(record).number
    practice.drive_to(number, "take_down")
    practice.complete(number, "take_down")
    with practice.office.uow.begin() as session:
        session.get_one(models.Record, record).flags = {}
    with pytest.raises(StepFailed):
        practice.complete(number, "verify")
    assert practice.record(record).publication == "shown"
    assert practice.open_task(number, "verify").state == "ready"


def test_importing_a_file_twice_adds_nothing(practice: Practice) -> None:
    content = penalties({"CF_WSH": "昆市监罚〔2019〕901号"}, {"CF_WSH": "昆市监罚〔2019〕902号"})
    first, second = (
        records.import_file(practice.office, practice["lin"], name, content, now=practice.now)
        for name in ("a.csv", "b.csv")
    )
    assert (first.taken, first.known) == (2, 0)
    assert (second.taken, second.known) == (0, 2)
    assert {line.record_id for line in first.lines} == {line.record_id for line in second.lines}
    found = records.find(practice.office, practice["lin"], now=practice.now, q="901")
    assert len(found.items) == 1
