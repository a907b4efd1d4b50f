"""Notices that no step tells: a working day begins, a calendar moved the dates."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.clock import Light
from engine.domain.light import light_at
from engine.domain.words import Words
from engine.persistence import models
from engine.services.access import OPEN
from engine.services.light_notices import STAFF, acting, day, holders
from engine.services.notice_writing import Told, applicants, write
from engine.services.office import Office

DIGEST = "notices_digest"
#: When the morning's mail goes out by the office's clock.
MORNING = time(8, 30)


# ── the morning ─────────────────────────────────────────────────────────────────────────────────


def digest(office: Office, *, now: datetime) -> int:
    """On each working morning, one notice to each officer for whom something is due, coloured or new."""
    calendar = office.calendar()
    today = calendar.local_date(now)
    is_morning = calendar.local(now).timetz().replace(tzinfo=None) >= MORNING
    if not is_morning or not calendar.is_open(today) or office.sweeps.get(DIGEST) == today:
        return 0
    office.sweeps[DIGEST] = today
    with office.uow.begin() as session:
        kind = office.notices.kinds["digest"]
        counted = _counted(office, session, today, now)
        wanted = [
            Told(name, kind, today.isoformat(), None, None, dict(counts))
            for name, counts in sorted(counted.items())
            if any(counts.values())
        ]
        return write(office, session, wanted, now=now)


def _counted(
    office: Office, session: Session, today: date, now: datetime
) -> Mapping[str, Mapping[str, int]]:
    """Username -> how many are due today, yellow, red and new, of what is open for that officer."""
    task = models.Task
    rows = session.execute(
        select(
            task.candidate_group,
            task.department,
            task.assignee,
            task.due_at,
            task.warn_at,
            task.is_paused,
            task.created_at,
        ).where(task.state.in_(OPEN), task.completed_at.is_(None))
    )
    staff = session.execute(STAFF).all()
    calendar = office.calendar()
    yesterday = calendar.closing(_open_day_before(calendar, today))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    offered: dict[tuple[str, str | None], list[str]] = {}
    for row in rows:
        place = (row.candidate_group, row.department)
        if row.assignee is None and place not in offered:
            offered[place] = holders(row, staff)
        names = holders(row, ()) if row.assignee else offered[place]
        signs = list(_signs(row, calendar, today, now, yesterday))
        for name in acting(office, names, now):
            found[name].update({"today": 0, "yellow": 0, "red": 0, "new": 0})
            found[name].update(signs)
    return found


def _open_day_before(calendar: Calendar, on: date) -> date:
    day = on - timedelta(days=1)
    while not calendar.is_open(day):
        day -= timedelta(days=1)
    return day


def _signs(
    row: Any, calendar: Calendar, today: date, now: datetime, yesterday: datetime
) -> Iterable[str]:
    if row.due_at is not None:
        light = light_at(now, row.due_at, row.warn_at, is_paused=row.is_paused)
        if light in (Light.YELLOW, Light.RED):
            yield light.value
        if calendar.local_date(row.due_at) == today:
            yield "today"
    if row.created_at > yesterday:
        yield "new"


# ── a changed calendar ──────────────────────────────────────────────────────────────────────────


def tell_of_calendar(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """Job: the new last day of each clock that a change moved, to the enterprise and the officer."""
    ids = [UUID(each) for each in arguments["cases"]]
    change = session.get_one(models.CalendarChange, UUID(arguments["change"]))
    case = models.Case
    cases = {row.id: row for row in session.scalars(select(case).where(case.id.in_(ids)))}
    owners = applicants(session, cases.values())
    officers = _officers(session, ids)
    wanted = []
    for case_id, moved in _recounted(session, ids, change).items():
        held = cases[case_id]
        facts = _new_dates(office, session, held, moved, change)
        event = f"{change.id.hex}:{held.number}"
        for name, key in (
            *((name, "new_date") for name in owners.get(case_id, ())),
            *((name, "new_date_officer") for name in officers.get(case_id, ())),
        ):
            kind = office.notices.kinds[key]
            wanted.append(Told(name, kind, event, case_id, held.number, facts))
    write(office, session, wanted, now=now)


def _recounted(
    session: Session, ids: Sequence[UUID], change: models.CalendarChange
) -> Mapping[UUID, list[Any]]:
    """The clocks of each case that this change moved, the first to end first."""
    entry, clock = models.ClockEntry, models.Clock
    rows = session.execute(
        select(entry.case_id, clock.key, entry.due_before, entry.due_after)
        .join(clock, clock.id == entry.clock_id)
        .where(
            entry.case_id.in_(ids),
            entry.kind == "recount",
            clock.state != "paused",  # its last day is told when it runs on
            entry.document == change.document,
            entry.recorded_at >= change.decided_at,
        )
        .order_by(entry.due_after)
    )
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _officers(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, set[str]]:
    task = models.Task
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = session.execute(
        select(task.case_id, task.assignee).where(
            task.case_id.in_(ids),
            task.state.in_(OPEN),
            task.assignee.is_not(None),
            task.candidate_group != "applicant",
        )
    )
    for case_id, assignee in rows:
        found[case_id].add(assignee or "")
    return found


def _new_dates(
    office: Office,
    session: Session,
    case: models.Case,
    moved: Sequence[Any],
    change: models.CalendarChange,
) -> Mapping[str, object]:
    """What the notice says: of the clock that decides, where it moved, else of the first to end."""
    row = next((each for each in moved if each.key == "handling"), moved[0])
    kind = office.procedure(session, case.definition_id).clocks.get(row.key)
    return {
        "document": change.document,
        "reason": change.reason,
        "limit": kind.title if kind else Words(row.key),
        "before": day(office, row.due_before),
        "after": day(office, row.due_after),
    }
