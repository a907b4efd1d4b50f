"""Days of a case that the days in its forms follow on (`x-not-before`)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.form_days import asked_for
from engine.persistence import models


def of_records(records: Iterable[models.Record]) -> Mapping[str, date]:
    """What is known before there is a case: the first decision that is applied about."""
    first = min((record.decided_on for record in records), default=None)
    return {"record.decided_on": first} if first is not None else {}


def of_case(
    session: Session, calendar: Calendar, case: models.Case, schema: Mapping[str, Any]
) -> Mapping[str, date]:
    """The days that this form is held to, as far as the case has them; others are not looked up."""
    found: dict[str, Callable[[], date | None]] = {
        "record.decided_on": lambda: _decided_on(session, case),
        "case.filed_on": lambda: calendar.local_date(case.filed_at),
        "letter.issued_on": lambda: _issued_on(session, calendar, case),
    }
    told = {name: found[name]() for name in asked_for(schema)}
    return {name: day for name, day in told.items() if day is not None}


def _decided_on(session: Session, case: models.Case) -> date | None:
    record = models.Record
    ids = [UUID(each) for each in case.record_ids]
    return session.scalar(select(func.min(record.decided_on)).where(record.id.in_(ids)))


def _issued_on(session: Session, calendar: Calendar, case: models.Case) -> date | None:
    """Of the letter that is being served: the last one issued and not served."""
    letter = models.Letter
    asked = select(func.max(letter.issued_at)).where(
        letter.case_id == case.id, letter.state == "issued"
    )
    at = session.scalar(asked)
    return calendar.local_date(at) if at is not None else None
