"""The queue to the upper platform: what is reported in batches, what it answers, what is put right."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain import record_history
from engine.domain.actor import SYSTEM, Actor, Permission
from engine.domain.downstream import Act
from engine.domain.errors import Conflict, Invalid, NotFound
from engine.domain.identifiers import document_number_key
from engine.domain.record import Cause, Flag, Publication, RecordEvent, Reporting
from engine.domain.words import Words
from engine.exchange.credit_platform import LineAnswer
from engine.persistence import models
from engine.services import obligations, record_changes, veils
from engine.services.casework import promise
from engine.services.obligations import Told
from engine.services.office import Office
from engine.services.writing import Writing

AT_ONCE = 200
SWEPT, EVERY = "reports", timedelta(minutes=1)
ASKED_TO_DEFER = Words("暂缓申请在办，暂不推送", "a deferral is asked for: not pushed meanwhile")
CONTESTED = Words("异议处理中，暂不推送", "under objection: not pushed meanwhile")
#: What may be put right on a line that the platform refused -> the field as it was imported.
PUT_RIGHT = {
    "number": ("document_number", record_history.DOCUMENT_NUMBER),
    "subject_name": ("subject_name", record_history.SUBJECT_NAME),
    "conduct": ("offence", record_history.OFFENCE),
    "content": ("content", record_history.PENALTY),
}


def held_by(record: models.Record) -> Words | None:
    """Why a record that could be reported is not, for now."""
    if record.reporting == Reporting.HELD:
        return ASKED_TO_DEFER
    return CONTESTED if Flag.OBJECTION.value in record.flags else None


# ── sending ─────────────────────────────────────────────────────────────────────────────────────


def promise_reports(office: Office, session: Session, record_ids: Sequence[UUID]) -> None:
    """Records go to the upper platform, some hundred a notice; a job carries each notice."""
    row = models.Report
    for first in range(0, len(record_ids), AT_ONCE):
        part = record_ids[first : first + AT_ONCE]
        told = {"records": [str(each) for each in part]}
        job_id = promise(session, "report_records", told, case_id=None, office=office)
        for report in session.scalars(select(row).where(row.record_id.in_(part))):
            report.batch_id = job_id


def sweep(office: Office, *, now: datetime) -> int:
    """Queue what waits and is in no batch: a deferral is over, a hold is gone. How many."""
    last = office.sweeps.get(SWEPT)
    if last is not None and abs(now - last) < EVERY:
        return 0
    office.sweeps[SWEPT] = now
    with office.uow.begin() as session:
        free = [record.id for record in _waiting(session) if held_by(record) is None]
        if free:
            promise_reports(office, session, free)
    return len(free)


def _waiting(session: Session) -> Iterable[models.Record]:
    record, report = models.Record, models.Report
    found = (
        select(record)
        .join(report, report.record_id == record.id)
        .where(
            report.state == "waiting",
            report.batch_id.is_(None),
            record.reporting == Reporting.PENDING.value,
            record.publication == Publication.SHOWN.value,
        )
        .order_by(record.id)
        .with_for_update(of=report, skip_locked=True)
    )
    return session.scalars(found)


def report_records(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """Job: one notice with the records that may be reported now; the others wait for the next sweep."""
    record = models.Record
    wanted = [UUID(each) for each in arguments["records"]]
    found = select(record).where(record.id.in_(wanted)).order_by(record.id).with_for_update()
    rows = session.scalars(found).all()
    report = models.Report
    reports = {
        row.record_id: row
        for row in session.scalars(select(report).where(report.record_id.in_(wanted)))
    }
    sent = [row for row in rows if _may_go(row)]
    for row in rows:
        if row not in sent and row.id in reports:
            reports[row.id].batch_id = None
    if not sent:
        return
    lines = [_line(row, reports.get(row.id)) for row in sent]
    told = {"notice": "publish", "sent_at": now.isoformat(), "records": lines}
    office.platform.send(job_id.hex, told)
    for row in sent:
        cause = Cause.of_system(RecordEvent.REPORTED, f"上报批次 {job_id.hex[:8]}")
        record_changes.change(Writing(office, session, SYSTEM, now), row, cause)
        if row.id in reports:
            reports[row.id].tries += 1


def _may_go(record: models.Record) -> bool:
    is_due = (record.publication, record.reporting) == (Publication.SHOWN, Reporting.PENDING)
    return is_due and held_by(record) is None


def _line(record: models.Record, report: models.Report | None) -> dict[str, Any]:
    """A record as the platform takes it; it answers by the number of the line."""
    return {
        "line": str(report.id if report else record.id),
        "kind": record.kind,
        "number": record.number,
        "authority_code": record.authority_code,
        "authority": record.authority,
        "subject_code": record.subject_code,
        "subject_name": record.subject_name,
        "decided_on": record.decided_on.isoformat(),
        "ends_on": record.ends_on.isoformat() if record.ends_on else None,
        "kinds": list(record.kinds),
        "conduct": record.conduct,
        "content": record.content,
        "fine": record.fine,
    }


# ── what the platform answers ───────────────────────────────────────────────────────────────────


def take_answers(office: Office, answers: Sequence[LineAnswer], *, now: datetime) -> int:
    """Accepted or refused, line by line; how many were news. The same answer twice is none."""
    taken = 0
    with office.uow.begin() as session:
        for answer in answers:
            taken += _take(office, session, answer, now)
    return taken


def hear(
    office: Office, actor: Actor, answers: Sequence[Mapping[str, Any]], *, now: datetime
) -> int:
    """The same from a program of the upper platform: lines of {line, accepted, cause}."""
    actor.must(Permission.REPORT_MESSAGE)
    told = [LineAnswer(each["line"], each["accepted"], each.get("cause", "")) for each in answers]
    return take_answers(office, told, now=now)


def _take(office: Office, session: Session, answer: LineAnswer, now: datetime) -> bool:
    try:
        line = UUID(answer.line)
    except ValueError:
        return False
    report = session.get(models.Report, line, with_for_update=True)
    if report is not None:
        return _of_report(office, session, report, answer, now)
    owed = session.get(models.Obligation, line, with_for_update=True)
    if owed is None or owed.state != "asked":
        return False
    what = Act.ACKNOWLEDGED if answer.is_accepted else Act.REFUSED
    told = Told(channel="platform", note=answer.cause)
    obligations.act(Writing(office, session, SYSTEM, now), owed, what, told)
    return True


def _of_report(
    office: Office, session: Session, report: models.Report, answer: LineAnswer, now: datetime
) -> bool:
    if report.state != "sent":
        return False
    report.answered_at, report.cause = now, "" if answer.is_accepted else answer.cause
    if answer.is_accepted:
        report.state = "accepted"
        return True
    record = session.get_one(models.Record, report.record_id, with_for_update=True)
    if record.reporting == Reporting.REPORTED:
        cause = Cause.of_system(RecordEvent.REPORT_REFUSED, answer.cause[:200])
        record_changes.change(Writing(office, session, SYSTEM, now), record, cause)
    report.state = "refused"
    return True


# ── putting right ───────────────────────────────────────────────────────────────────────────────


def put_right(
    office: Office,
    actor: Actor,
    record_id: UUID,
    changes: Mapping[str, str],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Correct what the platform refused and report it again. Every value leaves its old one.

    Errors: NotFound; Conflict when nothing was refused; Invalid without a reason, for a column that
    may not be changed here, or a number that is another one.
    """
    actor.must(Permission.IMPORT_RECORDS)
    with office.uow.begin() as session:
        record = session.get(models.Record, record_id, with_for_update=True)
        row = models.Report
        report = session.scalar(select(row).where(row.record_id == record_id).with_for_update())
        if record is None or report is None:
            raise NotFound("没有这条记录。", "there is no such record")
        if report.state != "refused":
            raise Conflict("这条没有被退回。", "the platform has not refused this one")
        if not reason.strip():
            raise Invalid("请写明依据。", "say why", fields={"reason": "请写明依据。"})
        by = Writing(office, session, actor, now)
        for name, text in _changed(record, changes).items():
            _set(by, record, name, text, reason)
        report.state = "waiting"
        promise_reports(office, session, [record.id])
    office.sweeps.pop(SWEPT, None)


def _changed(record: models.Record, asked: Mapping[str, str]) -> dict[str, str]:
    """Of what was asked for: the columns that would say something else than they do."""
    unknown = next((name for name in asked if name not in PUT_RIGHT), None)
    if unknown is not None:
        raise Invalid(f"不能在这里改 {unknown}。", f"{unknown} may not be changed here")
    given = {
        name: veils.corrected(text.strip(), str(getattr(record, name, "")), name)
        for name, text in asked.items()
    }
    changed = {name: text for name, text in given.items() if text != getattr(record, name, None)}
    _check(record, changed)
    return changed


def _check(record: models.Record, changed: Mapping[str, str]) -> None:
    problems: dict[str, str | Words] = {}
    for name, text in changed.items():
        if not text:
            problems[name] = Words("不能为空。", "must not be empty")
    number = changed.get("number")
    if number and document_number_key(number) != record.number_key:
        problems["number"] = Words(
            "只能改写法，不能换成另一个文号。", "only its form may change, not the number itself"
        )
    if problems:
        raise Invalid("有填错的内容。", "something is wrong", fields=problems)


def _set(by: Writing, record: models.Record, name: str, text: str, reason: str) -> None:
    field, title = PUT_RIGHT[name]
    before = str(getattr(record, name))
    setattr(record, name, text)
    record.fields = {**record.fields, field: text}
    told = record_history.changed(title, before), record_history.changed(title, text)
    record_changes.line(by, record, "content", told, reason[:200])
