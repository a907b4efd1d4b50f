"""Letters to and from a court: what it said and when that came, what is written to it."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select

from engine.persistence import models
from engine.services import correspondence
from engine.services.casework import Casework

#: From a paper's day of receipt on: the first day is not counted, so any hour of it will do.
NOON = time(12)


def court(work: Casework) -> str:
    """The court of enforcement, as the record names it."""
    return work.records[0].authority if work.records else "执行法院"


def write(work: Casework, letter: str, **data: Any) -> None:
    """A letter to the court: issued and handed over at once, on paper with its package."""
    row = correspondence.queue(work, letter, addressee={"name": court(work), "code": ""}, **data)
    correspondence.issue(work, row)
    row.state, row.served_at, row.way = "served", work.now_at, "post"


def said(work: Casework, name: str) -> dict[str, Any]:
    """What the last message of that name said; a follow-up's answers count as its message."""
    held = work.case.facts.get("follow_up") or {}
    if held.get("key") == name:
        return dict(held.get("answers") or {})
    return dict(work.case.facts.get(name) or {})


def received_at(work: Casework, name: str, told: Mapping[str, Any]) -> datetime:
    """When it came: the moment of the message, or the day on which its paper was received."""
    message = models.InboundMessage
    stored = work.session.scalar(
        select(message.received_at)
        .where(message.case_id == work.case.id, message.name == name)
        .order_by(message.received_at.desc())
        .limit(1)
    )
    moment = stored or work.now_at
    on_paper = str(told.get("received_on") or "")
    if not on_paper:
        return moment
    received = datetime.combine(date.fromisoformat(on_paper), NOON, work.calendar.zone)
    return min(moment, received)


def hands(work: Casework, *elements: str) -> list[str]:
    """Who did these steps last, in this order."""
    return [name for each in elements if (name := _done(work, each, "name"))]


def answered(work: Casework, element: str, name: str) -> str:
    return _done(work, element, name, in_answers=True)


def _done(work: Casework, element: str, name: str, *, in_answers: bool = False) -> str:
    task = models.Task
    row = work.session.scalars(
        select(task)
        .where(task.case_id == work.case.id, task.element_id == element)
        .where(task.state == "completed")
        .order_by(task.completed_at.desc())
        .limit(1)
    ).first()
    if in_answers:
        return str((row.answers or {}).get(name) or "") if row else ""
    if row is None or row.assignee is None:
        return ""
    person = models.Person
    found = select(person.name).where(person.username == row.assignee)
    return work.session.scalar(found) or row.assignee
