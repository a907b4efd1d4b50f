"""Tells officers of lights: what the marks say is yellow or red, once for each light and end.

The mark on a row (services/lights.py) is the only source. Beside it the row keeps which light its
officers were told of; where the two differ somebody is to be told, however long nobody looked. Both
the notices and that they were written stand in one transaction.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, or_, select, text, update
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.notice import NoticeKind
from engine.domain.words import Words, written
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.services import covers
from engine.services.access import is_open
from engine.services.notice_writing import Told, write
from engine.services.office import Office
from engine.services.stepping import BESIDE

#: Rows of one transaction.
AT_ONCE = 200
#: The lights that are told, the worse one last.
WORSE = ("green", "yellow", "red")

_TASK, _CLOCK, _CASE = (table_of(each) for each in (models.Task, models.Clock, models.Case))
#: Written out as the partial indexes have it, so that an idle look asks only these.
_TASKS = (_TASK, text("task.completed_at IS NULL AND task.told <> task.light"))
_CLOCKS = (_CLOCK, text("clock.state = 'running' AND clock.told <> clock.light"))
STAFF = select(models.Person.username, models.Person.department, models.Person.groups).where(
    models.Person.is_active, models.Person.subject_code.is_(None)
)


def tell(office: Office, *, now: datetime) -> int:
    """Tell of every light marked since the last look; how many notices were new. Any number may look."""
    waiting = (select(table.c.id).where(where).exists() for table, where in (_TASKS, _CLOCKS))
    with office.uow.glance() as connection:
        if not connection.scalar(select(or_(*waiting))):
            return 0
    return _all(office, _TASKS, _of_tasks, now) + _all(office, _CLOCKS, _of_clocks, now)


_Reader = Callable[[Office, Session, Sequence[Row[Any]], datetime], Iterable[Told]]


def _all(office: Office, source: tuple[Table, Any], told_of: _Reader, now: datetime) -> int:
    """Batch by batch: rows, what is told of them, and that it was."""
    table, where = source
    found = (
        select(table, _CASE.c.number, _CASE.c.definition_id)
        .join(_CASE, _CASE.c.id == table.c.case_id)
        .where(where)
        .order_by(table.c.due_at, table.c.id)
        .limit(AT_ONCE)
        .with_for_update(of=table, skip_locked=True)
    )
    noted = update(table).where(table.c.id == bindparam("row")).values(told=bindparam("light_now"))
    written = 0
    while True:
        with office.uow.begin() as session:
            rows = session.execute(found).all()
            if not rows:
                return written
            written += write(office, session, list(told_of(office, session, rows, now)), now=now)
            marks = [{"row": row.id, "light_now": row.light} for row in rows]
            session.connection().execute(noted, marks)


def _of_tasks(
    office: Office, session: Session, rows: Sequence[Row[Any]], now: datetime
) -> Iterator[Told]:
    staff = session.execute(STAFF).all()
    for row in rows:
        if row.light in office.notices.kinds:
            facts = {"step": _step(office, session, row), "after": day(office, row.due_at)}
            for name in acting(office, holders(row, staff), now):
                yield _told(office, row, row.light, name, facts)


def _of_clocks(
    office: Office, session: Session, rows: Sequence[Row[Any]], now: datetime
) -> Iterator[Told]:
    """The limit of a whole case concerns who has it now, unless the own step says as much already."""
    staff, at_work = session.execute(STAFF).all(), _at_work(session, rows)
    for row in rows:
        if f"case_{row.light}" not in office.notices.kinds:
            continue
        tasks = at_work.get(row.case_id, ())
        better = [each for each in tasks if WORSE.index(each.light) < WORSE.index(row.light)]
        kind = office.procedure(session, row.definition_id).clocks.get(row.key)
        limit = kind.title if kind else Words(row.key)
        facts = {"limit": limit, "after": day(office, row.due_at)}
        names = {name for task in better for name in holders(task, staff)}
        for name in acting(office, names, now):
            yield _told(office, row, f"case_{row.light}", name, facts)


def _at_work(session: Session, clocks: Sequence[Row[Any]]) -> Mapping[UUID, list[Row[Any]]]:
    """The open tasks of the office in the cases of these clocks."""
    found = select(_TASK).where(
        is_open(),
        _TASK.c.case_id.in_({row.case_id for row in clocks}),
        _TASK.c.process_id.not_in(BESIDE),
    )
    rows = session.execute(found.order_by(_TASK.c.case_id)).all()
    return {key: list(held) for key, held in groupby(rows, key=lambda row: row.case_id)}


def _told(office: Office, row: Row[Any], kind: str, name: str, facts: Mapping[str, object]) -> Told:
    told: NoticeKind = office.notices.kinds[kind]
    event = f"{row.id.hex}:{row.due_at:%Y%m%d%H%M}"  # an end that was moved is passed anew
    return Told(name, told, event, row.case_id, row.number, facts)


def holders(task: Any, staff: Sequence[Any]) -> list[str]:
    """Who has a task, or everybody to whom it is offered; nobody where it is the applicant's."""
    if task.candidate_group == "applicant":
        return []
    if task.assignee is not None:
        return [task.assignee]
    return [
        one.username
        for one in staff
        if task.candidate_group in one.groups and task.department in (None, one.department)
    ]


def acting(office: Office, names: Iterable[str], now: datetime) -> list[str]:
    """Who does their work now: the substitute of who is on leave; the absent one where nobody is."""
    return sorted({covers.receiver(office, name, now=now) or name for name in names})


def _step(office: Office, session: Session, row: Row[Any]) -> Words:
    drawing = office.procedure(session, row.definition_id).drawings.get(row.process_id)
    element = drawing.elements.get(row.element_id) if drawing else None
    return element.title if element else Words(row.element_id)


def day(office: Office, moment: datetime | None) -> Words:
    """A day as notices write it; empty for none."""
    if moment is None:
        return Words("")
    calendar: Calendar = office.calendar()
    return written(calendar.local_date(moment))
