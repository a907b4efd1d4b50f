"""One question to everything: cases, subjects and records that the actor may see.

Each part reads a bounded number of rows, however many there are: a case is found by its number, by the
day in its number, through its subject or record, or among the newest.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotPermitted
from engine.domain.identifiers import document_number_key
from engine.domain.views import Found, SubjectView
from engine.persistence import models
from engine.services import access, cases
from engine.services.case_view import subject_view
from engine.services.office import Office
from engine.services.records import record_view

#: Of the newest cases so many are read for what is only a part of something.
NEWEST = 2_000
SUBJECTS, SHORTEST = 20, 2
_DAY = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)")


def everything(office: Office, actor: Actor, text: str, *, now: datetime, limit: int = 6) -> Found:
    """What fits the text, the newest first; nothing for less than two characters."""
    if not (actor.is_staff or actor.is_enterprise):
        raise NotPermitted("请先登录。", "sign in first")
    text = text.strip()
    if len(text) < SHORTEST:
        return Found((), (), ())
    with office.uow.read() as session:
        subjects = _subjects(session, actor, text)
        records = _records(session, actor, text, [one.code for one in subjects], limit)
        codes = {one.code for one in subjects} | {row.subject_code for row in records}
        rows = _cases(office, session, actor, text, sorted(codes), limit)
        return Found(
            cases=cases.rows_of(office, session, rows, now=now),
            subjects=tuple(subjects[:limit]),
            records=tuple(record_view(row) for row in records),
        )


def _subjects(session: Session, actor: Actor, text: str) -> list[SubjectView]:
    subject = models.Subject
    fits = or_(subject.code == text.upper(), subject.name.contains(text, autoescape=True))
    asked = select(subject).where(fits).order_by(subject.name).limit(SUBJECTS)
    if actor.subject is not None:
        asked = asked.where(subject.code == actor.subject)
    return [subject_view(row) for row in session.scalars(asked)]


def _records(
    session: Session, actor: Actor, text: str, codes: Sequence[str], limit: int
) -> list[models.Record]:
    record = models.Record
    key = document_number_key(text)
    fits = or_(record.number_key == key, record.subject_code.in_(codes))
    asked = select(record).where(fits).order_by(record.decided_on.desc(), record.id).limit(limit)
    if actor.subject is not None:
        asked = asked.where(record.subject_code == actor.subject)
    return list(session.scalars(asked))


def _cases(
    office: Office, session: Session, actor: Actor, text: str, codes: Sequence[str], limit: int
) -> list[models.Case]:
    case = models.Case
    found: dict[UUID, models.Case] = {}
    for part in _parts(office, text, codes):
        asked = (
            select(case)
            .where(case.id.in_(part), access.visible_cases(actor))
            .order_by(case.filed_at.desc(), case.id)
            .limit(limit)
        )
        found |= {row.id: row for row in session.scalars(asked)}
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def _parts(office: Office, text: str, codes: Sequence[str]) -> Iterator[Any]:
    """Where to look, the surest first."""
    case = models.Case
    number = text.upper()
    yield select(case.id).where(case.number == number)
    if (on := _day_in(text)) is not None:
        zone = office.calendar().zone
        begins = datetime.combine(on, time(), zone)
        that_day = case.filed_at.between(begins, begins + timedelta(days=1))
        yield select(case.id).where(that_day, case.number.contains(number, autoescape=True))
    if codes:
        newest = select(case.id).where(case.subject_code.in_(codes))
        yield newest.order_by(case.filed_at.desc()).limit(NEWEST)
    late = (
        select(case.id, case.number, case.line, case.subject_name)
        .order_by(case.filed_at.desc(), case.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    yield select(late.c.id).where(_is_part(late.c, text))


def _is_part(of: Any, text: str) -> ColumnElement[bool]:
    return or_(
        of.number.contains(text.upper(), autoescape=True),
        of.line.contains(text, autoescape=True),
        of.line.contains(document_number_key(text), autoescape=True),
        of.subject_name.contains(text, autoescape=True),
    )


def _day_in(text: str) -> date | None:
    """The day in a case's number; None where there is none."""
    found = _DAY.search(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
