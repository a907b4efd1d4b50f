"""收件: a filing becomes a case with a number, and its process starts."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.clock import step_due
from engine.domain.errors import AlreadyOpen, Invalid, NotEligible, NotFound, NotPermitted
from engine.domain.form import counted, validate
from engine.domain.identifiers import case_number, make_query_code
from engine.domain.record_kind import RecordKind
from engine.domain.views import Filed
from engine.domain.words import Words
from engine.persistence import models, words
from engine.persistence.numbering import next_number
from engine.runtime.procedure import Procedure
from engine.services import course_papers, emergencies, known_days
from engine.services.casework import Casework
from engine.services.grading import gravest
from engine.services.office import Office
from engine.services.operations import OPERATIONS
from engine.services.stepping import Driven, begin, settle
from engine.services.writing import Writing

#: Channel of what the national platform hands over.
ABOVE = "credit_china"


def key_above(procedure: str, number: str) -> str:
    """Under which key what has this number at the national platform is filed once."""
    return f"{ABOVE}:{procedure}:{number}"


@dataclass(frozen=True, slots=True)
class Filing:
    """What is filed: procedure key, subject's code, records, answers of the application form."""

    procedure: str
    subject: str
    record_ids: tuple[UUID, ...]
    answers: Mapping[str, Any]
    channel: str = "web"
    application_id: UUID | None = None


def told_of(filing: Filing) -> dict[str, Any]:
    """What an incident keeps of a filing, so that it can be filed again."""
    return {
        "procedure": filing.procedure,
        "subject": filing.subject,
        "records": [str(each) for each in filing.record_ids],
        "answers": dict(filing.answers),
        "channel": filing.channel,
        "application": str(filing.application_id) if filing.application_id else None,
    }


def file_case(
    office: Office, session: Session, actor: Actor, filing: Filing, driven: Driven, now: datetime
) -> tuple[Casework, Filed]:
    """Open the case in this transaction and run its process to the first wait.

    Errors: NotPermitted, Invalid with fields, NotEligible for a record that is taken.
    """
    is_from_above = filing.channel == ABOVE
    actor.must(Permission.HAND_OVER if is_from_above else Permission.FILE_CASE)
    if actor.is_enterprise and actor.subject != filing.subject:
        raise NotPermitted("只能为本企业申请。", "you may only file for your own enterprise")
    by = Writing(office, session, actor, now)
    opened = _opening(by, filing)
    procedure, case = opened.procedure, _case(by, opened)
    if is_from_above:
        case.idempotency_key = key_above(filing.procedure, str(filing.answers["national_number"]))
    session.add(case)
    session.flush()
    words.keep_filing(session, case)
    for record in opened.records:
        record.holds = {**record.holds, procedure.filing.hold: case.number}
    work = Casework(
        office,
        session,
        case,
        procedure,
        actor,
        now,
        OPERATIONS,
        answers=opened.filing.answers,
        is_new=True,
    )
    work.records = opened.records
    if filing.application_id is not None:
        move_papers(session, filing.application_id, case)
    course_papers.attach(work)
    work.note("filed", Words("提交申请", "application filed"), changes=dict(case.answers))
    begin(work, procedure.key, given(case, procedure, case.answers), driven)
    settle(work, driven)
    return work, filed_view(office, procedure, case)


@dataclass(frozen=True, slots=True)
class _Opening:
    """A filing that may become a case, with what it was found to be about. Its records are locked,
    its answers counted and checked."""

    filing: Filing
    definition_id: UUID
    procedure: Procedure
    subject: models.Subject
    records: list[models.Record]


def _opening(by: Writing, filing: Filing) -> _Opening:
    office, session, today = by.office, by.session, by.today
    definition_id, procedure = office.in_force(session, filing.procedure, today)
    filing = replace(filing, answers=counted(procedure.form("application"), filing.answers))
    emergencies.must_be_open(office, procedure, filing.answers, today)
    subject = session.get(models.Subject, filing.subject)
    if subject is None:
        raise NotFound("没有这家企业。", "there is no such subject")
    records = _records(session, procedure, filing)
    _check_answers(procedure, filing.answers, today, records)
    return _Opening(filing, definition_id, procedure, subject, records)


def _check_answers(
    procedure: Procedure,
    answers: Mapping[str, Any],
    today: date,
    records: Sequence[models.Record],
) -> None:
    known = known_days.of_records(records)
    problems = validate(procedure.form("application"), answers, today=today, known=known)
    if problems:
        raise Invalid(
            "申请表有未填或填错的内容。",
            "the application is incomplete or wrong",
            fields=problems,
        )


def _records(session: Session, procedure: Procedure, filing: Filing) -> list[models.Record]:
    """The records, locked; each must be the subject's own and free."""
    if not procedure.record_kinds:
        return []
    if not filing.record_ids and not procedure.filing.needs_records:
        return []
    if not filing.record_ids:
        raise Invalid("请选择记录。", "choose a record", fields={"records": "请选择记录。"})
    found = list(
        session.scalars(
            select(models.Record)
            .where(models.Record.id.in_(filing.record_ids))
            .order_by(models.Record.id)
            .with_for_update()
        )
    )
    mine = [record for record in found if record.subject_code == filing.subject]
    if len(mine) != len(set(filing.record_ids)):
        raise NotFound("没有这条记录。", "there is no such record")
    for record in mine:
        _check_kind(record, procedure)
        _check_free(record, procedure.filing.hold)
    return mine


def _check_kind(record: models.Record, procedure: Procedure) -> None:
    if record.kind not in procedure.record_kinds:
        kind = RecordKind(record.kind).words
        raise NotEligible(
            f"{kind.zh}不通过“{procedure.title.zh}”办理。",
            f"{procedure.title.en} does not deal with this: {kind.en}",
        )


def _check_free(record: models.Record, hold: str) -> None:
    # The row lock makes one winner of two filings on one record.
    held = record.holds.get(hold)
    if held is not None:
        raise AlreadyOpen(held)


def _case(by: Writing, opened: _Opening) -> models.Case:
    filing, procedure, subject, records = (
        opened.filing,
        opened.procedure,
        opened.subject,
        opened.records,
    )
    actor, now, today = by.actor, by.now, by.today
    serial = next_number(by.session, f"case:{procedure.prefix}:{today:%Y%m%d}")
    return models.Case(
        id=uuid4(),
        number=case_number(procedure.prefix, today, serial),
        query_code=make_query_code(secrets.token_bytes(16)),
        procedure=procedure.key,
        definition_id=opened.definition_id,
        subject_code=subject.code,
        subject_name=subject.name,
        applicant_id=actor.id if actor.is_enterprise else None,
        applicant_name=str(filing.answers.get("handler_name") or actor.name),
        channel=filing.channel,
        authority_key=records[0].authority_key if records else None,
        line=_line(procedure, filing, records),
        grade=gravest(procedure, records),
        tags=["epidemic_claimed"] if filing.answers.get("epidemic_cause") == "yes" else [],
        answers=dict(filing.answers),
        record_ids=[str(record.id) for record in records],
        state="open",
        stage="",
        milestones=[],
        facts={},
        frozen_records=[],
        found=[],
        timer_count=0,
        filed_at=now,
        received_at=_received_at(by),
        electronic_service=bool(filing.answers.get("electronic_service")),
        waiting_messages=0,
        event_count=0,
        event_hash="",
        event_sm3=b"",
    )


def _received_at(by: Writing) -> datetime:
    """The moment of filing; of what comes on a day off or after closing, the next opening."""
    calendar = by.office.calendar()
    received = calendar.counted_from(by.now)
    if received == by.today:
        return by.now
    return datetime.combine(received, time(9), calendar.zone).astimezone(UTC)


def _line(procedure: Procedure, filing: Filing, records: Sequence[models.Record]) -> str:
    """What tells the case apart in lists: its records, else what its procedure says."""
    numbers = "、".join(record.number for record in records)
    return (numbers or str(filing.answers.get(procedure.filing.line) or ""))[:200]


def given(case: models.Case, procedure: Procedure, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a process of the case knows at its start: variables that its conditions read."""
    told = {**answers, **procedure.given, **({"grade": case.grade} if case.grade else {})}
    return {name: value for name, value in told.items() if name in procedure.variables}


def filed_view(office: Office, procedure: Procedure, case: models.Case) -> Filed:
    """The confirmation: number, query code, and the dates that follow from the filing."""
    calendar = office.calendar()
    accept = _end(office, procedure, "acceptance_promise", case.received_at)
    return Filed(
        number=case.number,
        query_code=case.query_code,
        filed_at=case.filed_at,
        counted_from=calendar.counted_from(case.filed_at),
        accept_by=accept,
        decide_by=_end(office, procedure, "handling", accept) if accept else None,
    )


def _end(office: Office, procedure: Procedure, limit: str, start: datetime) -> datetime | None:
    found = procedure.limits.get(limit)
    if found is None or found.budget is None:
        return None
    return step_due(start, found.budget, office.calendar())


def move_papers(session: Session, application_id: UUID, case: models.Case) -> None:
    """The papers of an application become papers of its case, each with its receipt (收讫凭证)."""
    paper = models.Paper
    held = session.scalars(
        select(paper).where(paper.application_id == application_id).order_by(paper.uploaded_at)
    )
    for number, row in enumerate(held, 1):
        row.case_id, row.receipt = case.id, f"{case.number[-6:]}-{number}"
    session.flush()
