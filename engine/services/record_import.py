"""Imports administrative penalties from a 双公示 file, line by line."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import NotFound
from engine.domain.penalty import Penalty, is_known_column, read_row
from engine.domain.record import Cause, RecordEvent
from engine.domain.views import ImportLine, ImportReport
from engine.domain.words import Words
from engine.exchange.spreadsheet import Row, read_sheet
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import record_changes, rules
from engine.services.casework import promise
from engine.services.office import Office

REPORTED_AT_ONCE = 200
SURPLUS = Words(
    "这一行的格数多于表头，内容里可能有没加引号的逗号。",
    "this line has more cells than the header: an unquoted comma?",
)


def import_file(
    office: Office, actor: Actor, filename: str, content: bytes, *, now: datetime
) -> ImportReport:
    """Take what can be taken, refuse the rest line by line; a file twice adds nothing.

    Errors: Invalid when the file as a whole cannot be read.
    """
    actor.must(Permission.IMPORT_RECORDS)
    sheet = read_sheet(filename, content, is_column=is_known_column)
    with office.uow.begin() as session:
        batch = models.RecordImport(
            id=uuid4(),
            filename=filename[:200],
            sha256=hashlib.sha256(content).hexdigest(),
            imported_by=actor.name,
            imported_at=now,
            taken=0,
            known=0,
            refused=0,
            lines=[],
        )
        session.add(batch)
        session.flush()
        taker = _Taker(office, session, actor, batch, now)
        lines = tuple(taker.take(row) for row in sheet.rows)
        for line in lines:
            setattr(batch, line.outcome, getattr(batch, line.outcome) + 1)
        batch.lines = [_as_json(line) for line in lines]
        _promise_reports(office, session, lines)
    return _report(batch, lines)


def _promise_reports(office: Office, session: Session, lines: Iterable[ImportLine]) -> None:
    """What was taken goes to the upper platform, some hundred records a notice."""
    taken = [str(line.record_id) for line in lines if line.outcome == "taken"]
    for first in range(0, len(taken), REPORTED_AT_ONCE):
        part = taken[first : first + REPORTED_AT_ONCE]
        promise(session, "report_records", {"records": part}, case_id=None, office=office)


class _Taker:
    """Takes the rows of one batch; knows what it has taken already."""

    def __init__(
        self,
        office: Office,
        session: Session,
        actor: Actor,
        batch: models.RecordImport,
        now: datetime,
    ) -> None:
        self._office, self._session, self._actor = office, session, actor
        self._batch, self._now = batch, now
        self._today: date = office.calendar().local_date(now)
        self._procedure: Procedure = rules.procedure_for_records(office, session, self._today)
        self._subjects: set[str] = set()

    def take(self, row: Row) -> ImportLine:
        reading = read_row(row.values, today=self._today, calendar=self._office.calendar())
        penalty = reading.penalty
        problems = tuple(
            (problem.field_name_zh, Words(problem.sentence_zh, problem.sentence_en))
            for problem in reading.problems
        )
        if row.surplus:
            problems = (*problems, ("", SURPLUS))
        if penalty is None or problems:
            return ImportLine(row.line, "refused", _number(row), _name(row), None, problems)
        remarks = tuple(Words(each.sentence_zh, each.sentence_en) for each in reading.remarks)
        known = self._known(penalty)
        line = ImportLine(
            row.line, "known", penalty.document_number, penalty.subject_name, known, (), remarks
        )
        if known is not None:
            return line
        record = self._add(penalty)
        return replace(line, outcome="taken", record_id=record.id)

    def _known(self, penalty: Penalty) -> UUID | None:
        authority, number, subject = penalty.identity_key
        record = models.Record
        return self._session.scalar(
            select(record.id).where(
                record.number_key == number,
                record.authority_code == authority,
                record.subject_key == subject,
            )
        )

    def _add(self, penalty: Penalty) -> models.Record:
        authority, number, subject = penalty.identity_key
        kinds = tuple(kind.words.zh for kind in penalty.kinds)
        told = " ".join((penalty.offence, penalty.facts, penalty.content))
        graded = rules.grade(
            self._procedure,
            kinds=("责令停产停业",) * ("责令停产停业" in kinds) + _revoked(penalty),
            conduct=told,
            fine=penalty.fine or Decimal(0),
        )
        months = rules.months(self._procedure, graded["grade"])
        ends_on = months.ends_on(penalty.decided_on)
        record = models.Record(
            id=uuid4(),
            subject_code=self._subject(penalty, subject),
            subject_key=subject,
            subject_name=penalty.subject_name,
            number=penalty.document_number,
            number_key=number,
            authority=penalty.authority,
            authority_code=authority,
            authority_key=self._office.directory().codes.get(authority),
            decided_on=penalty.decided_on,
            kinds=list(kinds),
            conduct=penalty.offence,
            content=penalty.content,
            fine=str(penalty.fine.normalize()) if penalty.fine else None,
            fields=_fields(penalty),
            grade=graded["grade"],
            grade_rule=graded["rule"],
            earliest_on=months.earliest_repair_on(penalty.decided_on),
            ends_on=min(ends_on, penalty.published_until or ends_on),
            publication="not_shown",
            reporting="pending",
            flags={},
            notes=[],
            holds={},
            import_id=self._batch.id,
            created_at=self._now,
            version=0,
        )
        self._session.add(record)
        self._session.flush()
        self._publish(record)
        return record

    def _publish(self, record: models.Record) -> None:
        """Shown, unless its maximum period is over already; reporting is a job's."""
        events = [RecordEvent.COLLECTED]
        if record.ends_on < self._today:
            events.append(RecordEvent.EXPIRED)
        for event in events:
            cause = Cause(event, actor=self._actor.username, document=self._batch.filename)
            record_changes.change(self._session, record, cause, self._actor, now=self._now)
        self._session.flush()

    def _subject(self, penalty: Penalty, key: str) -> str:
        code = penalty.subject_code or key
        known = None if code in self._subjects else self._session.get(models.Subject, code)
        if known is not None and not known.legal_representative:
            # Known from an account only, named after its handler: the record knows better.
            known.name = penalty.subject_name
            known.legal_representative = penalty.legal_representative
        if known is None and code not in self._subjects:
            self._session.add(
                models.Subject(
                    code=code,
                    name=penalty.subject_name,
                    legal_representative=penalty.legal_representative,
                )
            )
            self._session.flush()
        self._subjects.add(code)
        return code


def _revoked(penalty: Penalty) -> tuple[str, ...]:
    return ("吊销",) if "吊销" in penalty.content + penalty.licence else ()


def _fields(penalty: Penalty) -> dict[str, Any]:
    """The fields as imported, as JSON; numbers of identity papers are not kept here."""
    kept: dict[str, Any] = {}
    for name in penalty.__slots__:
        value = getattr(penalty, name)
        if name.endswith("id_number"):
            continue
        if isinstance(value, tuple):
            value = [str(each) for each in value]
        kept[name] = value if isinstance(value, list | None) else str(value)
    return kept


def _number(row: Row) -> str:
    return _first(row, "行政处罚决定书文号", "CF_WSH")


def _name(row: Row) -> str:
    return _first(row, "行政相对人名称", "CF_XDR_MC")


def _first(row: Row, *columns: str) -> str:
    values = (row.values.get(column) for column in columns)
    return next((str(value) for value in values if value), "")


def _as_json(line: ImportLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "outcome": line.outcome,
        "number": line.number,
        "subject": line.subject,
        "record": str(line.record_id) if line.record_id else None,
        "problems": [[field, words.zh, words.en] for field, words in line.problems],
        "remarks": [[words.zh, words.en] for words in line.remarks],
    }


def _from_json(told: dict[str, Any]) -> ImportLine:
    return ImportLine(
        line=told["line"],
        outcome=told["outcome"],
        number=told["number"],
        subject=told["subject"],
        record_id=UUID(told["record"]) if told["record"] else None,
        problems=tuple((field, Words(zh, en)) for field, zh, en in told["problems"]),
        remarks=tuple(Words(zh, en) for zh, en in told["remarks"]),
    )


def _report(batch: models.RecordImport, lines: Iterable[ImportLine]) -> ImportReport:
    return ImportReport(
        id=batch.id,
        filename=batch.filename,
        imported_at=batch.imported_at,
        imported_by=batch.imported_by,
        taken=batch.taken,
        known=batch.known,
        refused=batch.refused,
        lines=tuple(lines),
    )


def imports(office: Office, actor: Actor) -> tuple[ImportReport, ...]:
    """Earlier imports, the newest first, without their lines."""
    actor.must(Permission.IMPORT_RECORDS)
    batch = models.RecordImport
    with office.uow.read() as session:
        rows = session.scalars(select(batch).order_by(batch.imported_at.desc()).limit(100)).all()
    return tuple(_report(row, ()) for row in rows)


def import_report(office: Office, actor: Actor, import_id: UUID) -> ImportReport:
    actor.must(Permission.IMPORT_RECORDS)
    with office.uow.read() as session:
        row = session.get(models.RecordImport, import_id)
    if row is None:
        raise NotFound("没有这次导入。", "there is no such import")
    return _report(row, (_from_json(line) for line in row.lines))
