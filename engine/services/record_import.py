"""Imports records of a kind from a file, line by line: 双公示, the court's list, a pending list."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select

from engine.domain.actor import Actor, Permission
from engine.domain.errors import NotFound
from engine.domain.listing import SHAPES, Listing, read_listing
from engine.domain.penalty import FieldProblem, Penalty, read_row
from engine.domain.penalty_columns import PENALTIES
from engine.domain.record_kind import RecordKind
from engine.domain.views import ImportLine, ImportReport
from engine.domain.words import Words
from engine.exchange.spreadsheet import Row, read_sheet
from engine.persistence import models
from engine.services import penalty_revocations, record_entry, reporting
from engine.services.office import Office
from engine.services.record_taking import SHOWN_AT_ONCE, Register
from engine.services.writing import Writing

SURPLUS = Words(
    "这一行的格数多于表头，内容里可能有没加引号的逗号。",
    "this line has more cells than the header: an unquoted comma?",
)


def import_file(
    office: Office,
    actor: Actor,
    filename: str,
    content: bytes,
    *,
    now: datetime,
    kind: str = RecordKind.PENALTY,
) -> ImportReport:
    """Take what can be taken, refuse the rest line by line; a file twice adds nothing.

    kind: of every record in the file. A department may bring its own pending list.
    Errors: Invalid when the file as a whole cannot be read, or there is no such kind.
    """
    told = record_entry.kind_of(kind)
    _must_import(actor, told)
    columns = PENALTIES if told is RecordKind.PENALTY else SHAPES[told].columns
    office.scanner.scan(content)
    sheet = read_sheet(filename, content, is_column=columns.knows)
    with office.uow.begin() as session:
        by = Writing(office, session, actor, now)
        batch = _batch(by, told, filename, content)
        taker = _Taker(by, batch)
        lines = tuple(taker.take(row) for row in sheet.rows)
        for line in lines:
            setattr(batch, line.outcome, getattr(batch, line.outcome) + 1)
        batch.lines = [_as_json(line) for line in lines]
        if told in SHOWN_AT_ONCE:
            taken = [each.record_id for each in lines if each.outcome == "taken"]
            reporting.promise_reports(office, session, [each for each in taken if each])
    for number, record_id, penalty in taker.told:
        penalty_revocations.tell(office, actor, number, record_id, penalty, now=now)
    return _report(batch, lines)


def _batch(by: Writing, kind: RecordKind, filename: str, content: bytes) -> models.RecordImport:
    """An import that has taken nothing yet; its records will rest on it."""
    batch = models.RecordImport(
        id=uuid4(),
        kind=kind.value,
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        imported_by=by.actor.name,
        imported_at=by.now,
        taken=0,
        known=0,
        refused=0,
        lines=[],
    )
    by.session.add(batch)
    by.session.flush()
    return batch


def _must_import(actor: Actor, kind: RecordKind) -> None:
    if kind is RecordKind.DEFAULT_EVENT and actor.may(Permission.REPORT_DEFAULTS):
        return
    actor.must(Permission.IMPORT_RECORDS)


class _Taker:
    """Takes the rows of one batch."""

    def __init__(self, by: Writing, batch: models.RecordImport) -> None:
        self._by = by
        #: Open cases whose penalty the file says is revoked: number, record, what the file says.
        self.told: list[tuple[str, UUID, Penalty]] = []
        self._kind = RecordKind(batch.kind)
        self._register = Register(by, document=batch.filename, import_id=batch.id)

    def take(self, row: Row) -> ImportLine:
        read, problems, remarks = self._read(row)
        if row.surplus:
            problems = (*problems, ("", SURPLUS))
        if read is None or problems:
            number, name = _names(self._kind, row)
            return ImportLine(row.line, "refused", number, name, None, problems)
        number = read.document_number if isinstance(read, Penalty) else read.number
        known = self._register.known(read.identity_key)
        line = ImportLine(row.line, "known", number, read.subject_name, None, (), remarks)
        if known is not None and known.kind != self._kind:
            taken_as = RecordKind(known.kind).words
            why = Words(f"已作为{taken_as.zh}登记。", f"is registered as {taken_as.en}")
            return replace(line, outcome="refused", problems=(("", why),))
        if known is not None:
            remarks = (*remarks, *self._revoked(known, read))
            return replace(line, record_id=known.id, remarks=remarks)
        record = (
            self._register.add_penalty(read)
            if isinstance(read, Penalty)
            else self._register.add_listing(read)
        )
        return replace(line, outcome="taken", record_id=record.id)

    def _revoked(self, known: models.Record, read: Penalty | Listing) -> tuple[Words, ...]:
        """What becomes of a known record whose penalty the file says is revoked."""
        if not isinstance(read, Penalty) or not read.is_revoked:
            return ()
        case = penalty_revocations.told_to(known)
        if case is not None:
            self.told.append((case, known.id, read))
        told = penalty_revocations.take(self._by, known, read)
        return (told,) if told else ()

    def _read(
        self, row: Row
    ) -> tuple[Penalty | Listing | None, tuple[tuple[str, Words], ...], tuple[Words, ...]]:
        """What the row says, the problems by field, and remarks that refuse nothing."""
        today = self._register.today
        if self._kind is RecordKind.PENALTY:
            reading = read_row(row.values, today=today, calendar=self._by.office.calendar())
            remarks = tuple(Words(each.sentence_zh, each.sentence_en) for each in reading.remarks)
            return reading.penalty, _problems(reading.problems), remarks
        own = record_entry.own_department(self._by.office, self._by.actor)
        found = read_listing(
            self._kind, row.values, today=today, defaults=record_entry.defaults(self._kind, own)
        )
        problems = _problems(found.problems)
        if found.listing is not None and not record_entry.may_report(
            self._by.actor, own, found.listing
        ):
            problems = (("认定单位", record_entry.NOT_YOURS),)
        return found.listing, problems, ()


def _problems(found: Iterable[FieldProblem]) -> tuple[tuple[str, Words], ...]:
    return tuple((each.field_name_zh, Words(each.sentence_zh, each.sentence_en)) for each in found)


def _names(kind: RecordKind, row: Row) -> tuple[str, str]:
    """Number and subject as the row gives them, for a line that is refused."""
    if kind is RecordKind.PENALTY:
        columns, wanted = PENALTIES, ("CF_WSH", "CF_XDR_MC")
    else:
        shape = SHAPES[kind]
        columns, wanted = shape.columns, (shape.number, shape.name)
    told = {
        field.code: str(value)
        for column, value in row.values.items()
        if value and (field := columns.field_of(column))
    }
    return told.get(wanted[0], ""), told.get(wanted[1], "")


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
        kind=batch.kind,
        kind_title=RecordKind(batch.kind).words,
        filename=batch.filename,
        imported_at=batch.imported_at,
        imported_by=batch.imported_by,
        taken=batch.taken,
        known=batch.known,
        refused=batch.refused,
        lines=tuple(lines),
    )


def imports(office: Office, actor: Actor) -> tuple[ImportReport, ...]:
    """Earlier imports, the newest first, without their lines; a department sees its own."""
    batch = models.RecordImport
    found = select(batch).where(*_seen_by(actor)).order_by(batch.imported_at.desc()).limit(100)
    with office.uow.read() as session:
        rows = session.scalars(found).all()
    return tuple(_report(row, ()) for row in rows)


def import_report(office: Office, actor: Actor, import_id: UUID) -> ImportReport:
    batch = models.RecordImport
    with office.uow.read() as session:
        row = session.scalar(select(batch).where(batch.id == import_id, *_seen_by(actor)))
    if row is None:
        raise NotFound("没有这次导入。", "there is no such import")
    return _report(row, (_from_json(line) for line in row.lines))


def _seen_by(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Who imports sees all imports; who brings a pending list sees what it brought itself."""
    if actor.may(Permission.IMPORT_RECORDS):
        return ()
    actor.must(Permission.REPORT_DEFAULTS)
    batch = models.RecordImport
    return (batch.kind == RecordKind.DEFAULT_EVENT.value, batch.imported_by == actor.name)
