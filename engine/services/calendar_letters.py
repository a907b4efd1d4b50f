"""Letters on limits that a change of the calendar moved, where an issued letter names the old last day."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.persistence import models
from engine.services import correspondence
from engine.services.office import Office
from engine.services.stepping import open_casework

LETTER = "deadline_change"


def deadline_letter(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """Job: issue and serve one 期限变更告知书, in the name of who approved the change.

    A case on a version of its procedure that has no such letter is told by its notice alone.
    """
    case = session.get_one(models.Case, UUID(arguments["case"]), with_for_update=True)
    entry = session.get_one(models.ClockEntry, UUID(arguments["entry"]))
    if entry.due_before is None or entry.due_after is None or case.state != "open":
        return
    work = open_casework(office, session, case, _decider(session, arguments["change"]), now)
    if f"common/letters/{LETTER}.typ" not in work.procedure.files:
        return
    clock = session.get_one(models.Clock, entry.clock_id)
    kind, day = work.procedure.clocks.get(clock.key), work.calendar.local_date
    correspondence.issue_at_once(
        work,
        LETTER,
        clock={
            "title": kind.title.zh if kind else clock.key,
            "old_last_day": day(entry.due_before).isoformat(),
            "new_last_day": day(entry.due_after).isoformat(),
        },
        change={"document": entry.document, "reason": entry.reason},
        limit=correspondence.clock_data(work, clock.key),
    )


def _decider(session: Session, change_id: str) -> Actor:
    change = session.get_one(models.CalendarChange, UUID(change_id))
    person = session.scalar(
        select(models.Person).where(models.Person.username == change.decided_by)
    )
    username = change.decided_by or ""
    if person is None:
        return Actor(None, username, username)
    return Actor(person.id, username, person.name, person.department)
