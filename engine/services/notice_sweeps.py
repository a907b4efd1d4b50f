"""Notices that no step tells: a task turns yellow or red, a day begins, a calendar moved the dates."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.words import Words
from engine.persistence import models
from engine.services.access import OPEN
from engine.services.notice_writing import Told, applicants, write
from engine.services.office import Office

LIGHTS, DIGEST = "notices_lights", "notices_digest"
#: How often lights are looked at, and when the morning's mail goes out by the office's clock.
EVERY = timedelta(minutes=1)
MORNING = time(8, 30)
_STAFF = select(models.Person.username, models.Person.department, models.Person.groups).where(
    models.Person.is_active, models.Person.subject_code.is_(None)
)


def sweep(office: Office, *, now: datetime) -> int:
    """Tell what has become yellow or red since the last look, and the morning's digest."""
    held = office.sweeps
    if abs(now - held.get(LIGHTS, now - 2 * EVERY)) < EVERY:
        return 0
    held[LIGHTS] = now
    return lights(office, now=now) + digest(office, now=now)


# ── lights ──────────────────────────────────────────────────────────────────────────────────────


def lights(office: Office, *, now: datetime) -> int:
    """One notice for each task and light to who holds it, or to all who may take it.

    What turned between the last look and now is looked at; where it was left stands in a row that is
    locked, so any number may look.
    """
    with office.uow.begin() as session:
        since = _advance(session, LIGHTS, now)
        if since is None:
            return 0
        rows = session.execute(_turned(since, now)).all()
        return write(office, session, list(_of_lights(office, session, rows, now)), now=now)


def _advance(session: Session, key: str, now: datetime) -> datetime | None:
    """Where the last look ended, moved on to now; None at the first look, or when time went back."""
    row = session.get(models.Setting, key, with_for_update=True)
    if row is None:
        session.add(models.Setting(key=key, value={"until": now.isoformat()}))
        return None
    until = datetime.fromisoformat(row.value["until"])
    row.value = {"until": now.isoformat()}
    return until if until < now else None


def _turned(since: datetime, now: datetime) -> Any:
    task, case = models.Task, models.Case
    turned = or_(
        and_(task.warn_at > since, task.warn_at <= now, ~task.is_paused),
        and_(task.due_at > since, task.due_at <= now),
    )
    return (
        select(
            task.id,
            task.case_id,
            task.candidate_group,
            task.department,
            task.assignee,
            task.process_id,
            task.element_id,
            task.due_at,
            case.number,
            case.definition_id,
        )
        .join(case, case.id == task.case_id)
        .where(task.state.in_(OPEN), task.completed_at.is_(None), turned)
    )


def _of_lights(
    office: Office, session: Session, rows: Sequence[Row[Any]], now: datetime
) -> Iterable[Told]:
    kinds, staff = office.notices.kinds, session.execute(_STAFF).all() if rows else ()
    for row in rows:
        light = "red" if row.due_at is not None and row.due_at <= now else "yellow"
        facts = {"step": _title(office, session, row), "after": _day(office.calendar(), row.due_at)}
        for name in _holders(row, staff):
            yield Told(name, kinds[light], row.id.hex, row.case_id, row.number, facts)


def _holders(task: Any, staff: Sequence[Any]) -> list[str]:
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


def _title(office: Office, session: Session, row: Row[Any]) -> Words:
    drawing = office.procedure(session, row.definition_id).drawings.get(row.process_id)
    element = drawing.elements.get(row.element_id) if drawing else None
    return element.title if element else Words(row.element_id)


def _day(calendar: Calendar, moment: datetime | None) -> Words:
    if moment is None:
        return Words("")
    on = calendar.local_date(moment)
    return Words(f"{on.year}年{on.month}月{on.day}日", f"{on.day} {on:%B %Y}")


# ── the morning ─────────────────────────────────────────────────────────────────────────────────


def digest(office: Office, *, now: datetime) -> int:
    """On each working morning, one notice to each officer who has something open."""
    calendar = office.calendar()
    today = calendar.local_date(now)
    is_morning = calendar.local(now).timetz().replace(tzinfo=None) >= MORNING
    if not is_morning or not calendar.is_open(today) or office.sweeps.get(DIGEST) == today:
        return 0
    office.sweeps[DIGEST] = today
    with office.uow.begin() as session:
        kind = office.notices.kinds["digest"]
        counted = _counted(session, calendar, today, now)
        wanted = [
            Told(name, kind, today.isoformat(), None, None, dict(counts))
            for name, counts in sorted(counted.items())
        ]
        return write(office, session, wanted, now=now)


def _counted(
    session: Session, calendar: Calendar, today: date, now: datetime
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
            task.created_at,
        ).where(task.state.in_(OPEN), task.completed_at.is_(None))
    )
    staff = session.execute(_STAFF).all()
    yesterday = calendar.closing(_open_day_before(calendar, today))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    offered: dict[tuple[str, str | None], list[str]] = {}
    for row in rows:
        place = (row.candidate_group, row.department)
        if row.assignee is None and place not in offered:
            offered[place] = _holders(row, staff)
        names = _holders(row, ()) if row.assignee else offered[place]
        signs = list(_signs(row, calendar, today, now, yesterday))
        for name in names:
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
        if row.due_at < now:
            yield "red"
        elif row.warn_at is not None and row.warn_at <= now:
            yield "yellow"
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
    calendar = office.calendar()
    return {
        "document": change.document,
        "reason": change.reason,
        "limit": kind.title if kind else Words(row.key),
        "before": _day(calendar, row.due_before),
        "after": _day(calendar, row.due_after),
    }
