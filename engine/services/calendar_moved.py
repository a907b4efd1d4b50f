"""What an applied change of the calendar moved: read back from the histories of the cases, by page."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.calendar_views import CaseMoved, LimitMoved
from engine.domain.errors import NotFound
from engine.domain.views import Page
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.runtime.procedure import Procedure
from engine.services.calendar_entries import KIND
from engine.services.office import Office

#: A step that met the change while it was being approved may bear a moment a little before it.
SLACK = timedelta(hours=1)


def moved(
    office: Office, actor: Actor, change_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[CaseMoved]:
    """Case by case, in the order in which they were written, each limit's end before and after.

    Empty for a change that is not in force. Errors: NotFound; Invalid for a foreign cursor.
    """
    actor.must(Permission.ADMINISTER)
    event = models.Event
    with office.uow.scan() as session:
        change = session.get(models.CalendarChange, change_id)
        if change is None:
            raise NotFound("没有这项变更。", "there is no such change")
        if change.edition is None:
            return Page(())
        place = (event.at, event.case_id, event.sequence)
        asked = after_cursor(_lines(session, change), place, cursor, ascending=True)
        found = session.execute(asked, execution_options={"yield_per": limit + 1})
        # another change's lines lie among them only when it was approved within the hour
        mine = (row for row in found if row.changes.get("edition") == change.edition)
        rows = list(islice(mine, limit + 1))
        found.close()
        items = tuple(_case(office, session, row) for row in rows[:limit])
        return Page(items, next_cursor(rows, limit, lambda row: row[:3]))


def _lines(session: Session, change: models.CalendarChange) -> Select[Any]:
    """Where the lines that this edition left are: its stretch of the index."""
    event, case, later = models.Event, models.Case, models.CalendarChange
    kind = literal(KIND, literal_execute=True)  # written out, for the partial index to fit
    found = (
        select(
            *(event.at, event.case_id, event.sequence, event.changes),
            *(case.number, case.subject_name, case.definition_id),
        )
        .join(case, case.id == event.case_id)
        .where(event.kind == kind)
    )
    if change.decided_at is not None:
        found = found.where(event.at >= change.decided_at - SLACK)
    after = select(func.min(later.decided_at)).where(later.edition > change.edition)
    until = session.scalar(after)
    return found if until is None else found.where(event.at <= until + SLACK)


def _case(office: Office, session: Session, row: Any) -> CaseMoved:
    procedure = office.procedure(session, row.definition_id)
    by_law = set(row.changes.get("by_law", ()))
    limits = (
        _limit(office, procedure, key, ends, row.at, is_by_law=key in by_law)
        for key, ends in row.changes["moved"].items()
    )
    return CaseMoved(
        case_number=row.number,
        subject_name=row.subject_name,
        procedure=procedure.title,
        at=row.at,
        limits=tuple(sorted(limits, key=lambda one: (one.kind, one.before, one.key))),
    )


def _limit(
    office: Office,
    procedure: Procedure,
    key: str,
    ends: list[str],
    at: datetime,
    *,
    is_by_law: bool,
) -> LimitMoved:
    before, after = (datetime.fromisoformat(each) for each in ends)
    local = office.calendar().local_date
    was, is_over = before < at, after < at
    return LimitMoved(
        key=key,
        kind="clock" if key in procedure.clocks else "task",
        title=_title(procedure, key, is_by_law=is_by_law),
        before=before,
        after=after,
        days=(local(after) - local(before)).days,
        turns="" if was == is_over else "red" if is_over else "green",
    )


def _title(procedure: Procedure, key: str, *, is_by_law: bool) -> Words:
    clock = procedure.clocks.get(key)
    if clock is not None:
        title = clock.title
        return Words(f"{title.zh}（法定）", f"{title.en} (by law)") if is_by_law else title
    drawn = (drawing.elements.get(key) for drawing in procedure.drawings.values())
    return next((element.title for element in drawn if element is not None), Words(key))
