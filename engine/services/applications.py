"""Applications that are being written: started, saved page by page, filed once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import (
    AlreadyFiled,
    AlreadyOpen,
    Invalid,
    NotEligible,
    NotFound,
    StepFailed,
)
from engine.domain.form import counted, validate
from engine.domain.views import DocumentView, DraftView, Filed, PaperView
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.runtime.procedure import Procedure, holds
from engine.services import (
    course_papers,
    documents,
    duplicates,
    emergencies,
    incident_raising,
    kept_files,
    known_days,
    paper_room,
    rules,
)
from engine.services.case_view import subject_view
from engine.services.filing import ABOVE, Filing, file_case, told_of
from engine.services.grading import grades_of
from engine.services.office import Office
from engine.services.records import record_view
from engine.services.stepping import Driven


def start(
    office: Office,
    actor: Actor,
    procedure: str,
    record_ids: Sequence[UUID],
    *,
    now: datetime,
    subject: str | None = None,
) -> UUID:
    """Begin an application for records of one's own. NotEligible says why not, and when; AlreadyOpen,
    in which case it is being dealt with.

    subject: whose it is, where a program of the national platform hands it over.
    """
    actor.must(Permission.HAND_OVER if actor.is_service else Permission.FILE_CASE)
    with office.uow.begin() as session:
        today = office.calendar().local_date(now)
        _, edition = office.in_force(session, procedure, today)
        emergencies.must_be_open(office, edition, {}, today)
        asks_records = bool(record_ids) or edition.filing.needs_records
        rows = _own_records(session, actor, record_ids) if asks_records else ()
        for row in rows:
            told = rules.eligibility(office, edition, row, now=now)
            if row.holds.get(edition.filing.hold):
                raise AlreadyOpen(row.holds[edition.filing.hold])
            if told.outcome != "eligible":
                raise NotEligible(told.sentence.zh, told.sentence.en)
        draft = models.Application(
            id=uuid4(),
            person_id=actor.id,
            procedure=procedure,
            subject_code=rows[0].subject_code if rows else _subject(session, actor, subject),
            record_ids=[str(row.id) for row in rows],
            answers={},
            created_at=now,
            updated_at=now,
        )
        session.add(draft)
    return draft.id


def _subject(session: Session, actor: Actor, told: str | None) -> str:
    if actor.is_service and told is not None:
        if session.get(models.Subject, told) is None:
            raise NotFound("没有这家企业。", "there is no such subject")
        return told
    if actor.subject is None:
        raise Invalid("请选择记录。", "choose a record", fields={"records": "请选择记录。"})
    return actor.subject


def _own_records(
    session: Session, actor: Actor, record_ids: Sequence[UUID]
) -> Sequence[models.Record]:
    record = models.Record
    found = select(record).where(record.id.in_(record_ids))
    if actor.is_enterprise:
        found = found.where(record.subject_code == actor.subject)
    rows = session.scalars(found).all()
    if not rows or len(rows) != len(set(record_ids)):
        raise NotFound("没有这条记录。", "there is no such record")
    if len({row.subject_code for row in rows}) != 1:
        raise Invalid("几条记录须属于同一主体。", "the records are about different subjects")
    return rows


def mine(office: Office, actor: Actor, *, now: datetime) -> tuple[DraftView, ...]:
    """The actor's unfiled applications, the last touched first."""
    draft = models.Application
    found = (
        select(draft)
        .where(draft.person_id == actor.id, draft.filed_as.is_(None))
        .order_by(draft.updated_at.desc())
    )
    with office.uow.read() as session:
        return tuple(_view(office, session, row, now) for row in session.scalars(found).all())


def get(office: Office, actor: Actor, draft_id: UUID, *, now: datetime) -> DraftView:
    with office.uow.read() as session:
        return _view(office, session, _open(session, actor, draft_id, to_change=False), now)


def save(
    office: Office,
    actor: Actor,
    draft_id: UUID,
    answers: Mapping[str, Any],
    *,
    now: datetime,
    is_finished: bool = True,
) -> None:
    """Keep the answers of one page. Those of a finished page must be right: Invalid with fields.

    is_finished: False keeps what stands there now, right or not; it is checked at the end.
    """
    with office.uow.begin() as session:
        draft = _open(session, actor, draft_id)
        today = office.calendar().local_date(now)
        _, edition = office.in_force(session, draft.procedure, today)
        schema = edition.form("application")
        merged = {**draft.answers, **answers}
        ids = [UUID(each) for each in draft.record_ids]
        known = known_days.of_records(_own_records(session, actor, ids) if ids else ())
        problems = validate(schema, merged, today=today, known=known)
        wrong = {
            name: words for name, words in problems.items() if name.partition(".")[0] in answers
        }
        if wrong and is_finished:
            raise Invalid("有未填或填错的内容。", "something is missing or wrong", fields=wrong)
        draft.answers, draft.updated_at = merged, now


def attach(
    office: Office,
    actor: Actor,
    draft_id: UUID,
    paper: str,
    filename: str,
    content: bytes,
    *,
    now: datetime,
) -> DocumentView:
    """Hand in a paper with the application. Invalid for a file that is not taken; paper_room.NoRoom."""
    with office.uow.read() as session:
        draft = _open(session, actor, draft_id, to_change=False)  # before the file is kept
        paper_room.for_draft(office, session, draft.id, len(content))
    media_type, sha256 = documents.kept(office, content)
    with office.uow.begin() as session:
        draft = _open(session, actor, draft_id)
        _, edition = office.in_force(session, draft.procedure, office.calendar().local_date(now))
        if paper not in {each.key for each in edition.papers}:
            raise Invalid(f"没有材料 {paper}。", f"there is no paper {paper}")
        paper_room.for_draft(office, session, draft.id, len(content))
        kept_files.keep(office, session, content)
        row = documents.new_paper(
            session, actor, paper, filename, media_type, len(content), sha256, now=now
        )
        row.application_id, row.source = draft.id, "applicant"
        draft.updated_at = now
        return documents.document_view(row, edition)


def detach(
    office: Office, actor: Actor, draft_id: UUID, document_id: UUID, *, now: datetime
) -> None:
    """Take a paper out of an unfiled application again."""
    with office.uow.begin() as session:
        draft = _open(session, actor, draft_id)
        paper = session.get(models.Paper, document_id)
        if paper is None or paper.application_id != draft.id:
            raise NotFound("没有这份材料。", "there is no such paper")
        session.delete(paper)
        draft.updated_at = now


def discard(office: Office, actor: Actor, draft_id: UUID, *, now: datetime) -> None:
    with office.uow.begin() as session:
        draft = _open(session, actor, draft_id)
        table = table_of(models.Paper)
        session.execute(delete(table).where(table.c.application_id == draft.id))
        session.delete(draft)


def submit(office: Office, actor: Actor, draft_id: UUID, *, now: datetime) -> Filed:
    """File the application: once, whole, with its papers."""
    driven = Driven()
    try:
        with office.uow.begin() as session:
            filed = _submit(office, session, actor, draft_id, driven, now)
    except AlreadyOpen as open_case:
        number = open_case.case_number
        duplicates.link(office, actor, number, _channel(actor), application_id=draft_id, now=now)
        raise
    except StepFailed as failed:
        with office.uow.read() as session:
            told = told_of(_filing(actor, _own(session, actor, draft_id)))
        raise incident_raising.of_filing(office, failed, actor, told, now=now) from failed
    driven.put_back(office)
    return filed


def _submit(
    office: Office,
    session: Session,
    actor: Actor,
    draft_id: UUID,
    driven: Driven,
    now: datetime,
) -> Filed:
    draft = _open(session, actor, draft_id)
    _, filed = file_case(office, session, actor, _filing(actor, draft), driven, now)
    draft.filed_as, draft.updated_at = filed.number, now
    return filed


def _filing(actor: Actor, draft: models.Application) -> Filing:
    return Filing(
        draft.procedure,
        draft.subject_code,
        tuple(UUID(each) for each in draft.record_ids),
        draft.answers,
        _channel(actor),
        application_id=draft.id,
    )


def _channel(actor: Actor) -> str:
    if actor.is_service:
        return ABOVE
    return "web" if actor.is_enterprise else "window"


def _own(session: Session, actor: Actor, draft_id: UUID) -> models.Application:
    draft = session.get(models.Application, draft_id)
    if draft is None or draft.person_id != actor.id:
        raise NotFound("没有这份申请。", "there is no such application")
    return draft


def _open(
    session: Session, actor: Actor, draft_id: UUID, *, to_change: bool = True
) -> models.Application:
    draft = session.get(models.Application, draft_id, with_for_update=to_change or None)
    if draft is None or draft.person_id != actor.id:
        raise NotFound("没有这份申请。", "there is no such application")
    if draft.filed_as is not None:
        raise AlreadyFiled(draft.filed_as)
    return draft


def _view(office: Office, session: Session, draft: models.Application, now: datetime) -> DraftView:
    today = office.calendar().local_date(now)
    _, edition = office.in_force(session, draft.procedure, today)
    rows = session.scalars(
        select(models.Record).where(models.Record.id.in_([UUID(each) for each in draft.record_ids]))
    ).all()
    return DraftView(
        id=draft.id,
        procedure=draft.procedure,
        procedure_title=edition.title,
        subject=subject_view(session.get_one(models.Subject, draft.subject_code)),
        records=tuple(
            record_view(row, rules.eligibility(office, edition, row, now=now)) for row in rows
        ),
        answers=counted(edition.form("application"), draft.answers),
        papers=_papers(session, edition, draft, grades_of(edition, rows), today),
        form=edition.form("application"),
        updated_at=draft.updated_at,
    )


def _papers(
    session: Session,
    edition: Procedure,
    draft: models.Application,
    grades: Sequence[str],
    today: date,
) -> tuple[PaperView, ...]:
    held = session.scalars(
        select(models.Paper)
        .where(models.Paper.application_id == draft.id)
        .order_by(models.Paper.uploaded_at)
    ).all()
    asked = []
    for paper in edition.papers:
        fits = not paper.grades or bool(paper.grades & set(grades))
        needed = paper.when is None or holds(paper.when, draft.answers)
        if fits and needed:
            given = tuple(
                documents.document_view(row, edition) for row in held if row.kind == paper.key
            )
            own = course_papers.number_for(session, paper, draft.subject_code, today)
            view = rules.paper_view(paper)
            asked.append(replace(view, documents=given, certificate=None if given else own))
    return tuple(asked)
