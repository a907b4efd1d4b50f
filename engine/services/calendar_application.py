"""Writes an applied change of the calendar into the cases: whole cases, some at a time, each once.

An instance says on which edition of the calendar its dates rest. A batch locks cases whose instances
are behind, moves what moves, and brings them to the edition; what a killed batch had not stored is
found again. A step that meets a case still behind moves that case first, in its own transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.calendar_recount import Recount
from engine.persistence import models
from engine.persistence.bulk import among, many_rows, update_rows
from engine.persistence.declarative import table_of
from engine.runtime import codec
from engine.services import calendar_editions, clock_moves
from engine.services.calendar_editions import Edition
from engine.services.calendar_entries import note, pairs
from engine.services.calendar_moves import Move, Moves, moves
from engine.services.calendar_rows import Scope, printed
from engine.services.casework import Casework, promise
from engine.services.office import Office
from engine.services.passed_limits import RED

#: Cases of one transaction: so long others may wait for one of them.
BATCH = 1000


def work_off(office: Office, *, now: datetime) -> int:
    """Bring every case that is behind to the edition of the calendar; how many were.

    Any number may run at once. A case in other hands is left to them, or to the next round.
    """
    if not _is_any_behind(office):
        return 0
    done = 0
    while brought := batch(office, now=now):
        done += brought
    settle(office, now=now)
    return done


def _is_any_behind(office: Office) -> bool:
    """Asked in every round, so it takes no transaction."""
    edition, instance = office.calendar().edition, models.ProcessInstance
    if not edition:
        return False
    behind = select(instance.id).where(~instance.is_finished, instance.calendar_edition < edition)
    applying = select(models.CalendarChange.id).where(models.CalendarChange.state == "applying")
    with office.uow.glance() as connection:
        return bool(connection.scalar(select(behind.exists() | applying.exists())))


def settle(office: Office, *, now: datetime) -> None:
    """A change that has reached every case is applied."""
    change = models.CalendarChange
    with office.uow.begin() as session:
        row = session.scalar(select(change).where(change.state == "applying").with_for_update())
        if row is not None and not calendar_editions.behind(session, row.edition or 0):
            row.state, row.applied_at = "applied", now


def batch(office: Office, *, now: datetime, most: int = BATCH) -> int:
    """One transaction's worth of cases; how many were brought to the edition."""
    calendar = office.calendar()
    with office.uow.begin() as session:
        case_ids = _behind(session, calendar.edition, most)
        if case_ids:
            bring_up(office, session, case_ids, calendar, now=now)
    return len(case_ids)


def _behind(session: Session, edition: int, most: int) -> list[UUID]:
    """Cases with an unfinished instance that rests on an older edition, locked."""
    case, instance = models.Case, models.ProcessInstance
    behind = (
        select(instance.case_id)
        .where(~instance.is_finished, instance.calendar_edition < edition)
        .order_by(instance.calendar_edition, instance.case_id)
        .limit(most)
    )
    found = select(case.id).where(case.id.in_(behind)).order_by(case.id)
    return list(session.scalars(found.with_for_update(skip_locked=True)))


def bring_up(
    office: Office,
    session: Session,
    case_ids: Sequence[UUID],
    calendar: Calendar,
    *,
    now: datetime,
) -> Moves:
    """Move what moves in these cases (locked by the caller) and note it. Set-wise."""
    found = Moves()
    rests_on = _still_behind(session, case_ids, calendar.edition)
    if not rests_on:  # somebody else was faster
        return found
    case_ids = sorted(rests_on)
    edition = calendar_editions.edition(session, calendar.edition, behind=min(rests_on.values()))
    if edition.since is not None:
        scope = Scope(edition.since, case_ids)
        found = moves(office, session, _recount(office, calendar), scope)
    if found.case_ids or found.cases:
        _store(session, found, now)
        _lift_breaches(session, found, edition, now)
        _retime(session, found.timers, edition)
        entries = note(session, found, edition, now)
        calendar_editions.count_moved(session, edition.change_id, len(found.clocks))
        _tell(office, session, found, edition, entries)
    _rest_on(session, case_ids, calendar.edition)
    return found


def _still_behind(session: Session, case_ids: Sequence[UUID], edition: int) -> dict[UUID, int]:
    """Those whose unfinished instances rest on an older edition, and on which; locked."""
    instance = models.ProcessInstance
    running = (among(session, instance.case_id, case_ids), ~instance.is_finished)
    locked = select(instance.case_id, instance.calendar_edition).where(*running)
    found = session.execute(locked.order_by(instance.id).with_for_update())
    return {case_id: held for case_id, held in found if held < edition}


def _rest_on(session: Session, case_ids: Sequence[UUID], edition: int) -> None:
    instance = models.ProcessInstance
    behind = (~instance.is_finished, instance.calendar_edition < edition)
    brought = update(table_of(instance)).where(among(session, instance.case_id, case_ids), *behind)
    session.execute(brought.values(calendar_edition=edition))


def _recount(office: Office, calendar: Calendar) -> Recount:
    """The counter of this edition, kept between batches with all it has counted."""
    held = office.recounts.get(calendar.edition)
    if held is None or held.calendar is not calendar:
        office.recounts.clear()
        held = office.recounts[calendar.edition] = Recount(calendar)
    return held


def store_clocks(session: Session, moved: Iterable[Move], now: datetime) -> None:
    """The new ends of clocks, with their lights as of now."""
    with many_rows():
        rows = [
            {
                **_marked(move, now),
                "statutory_due_at": move.after.statutory_due_at,
                "is_provisional": move.after.is_provisional,
            }
            for move in moved
        ]
        update_rows(session, table_of(models.Clock), rows)


def _store(session: Session, found: Moves, now: datetime) -> None:
    store_clocks(session, found.clocks, now)
    for table, moved in ((models.Task, found.tasks), (models.Wait, found.waits)):
        update_rows(session, table_of(table), [_marked(move, now) for move in moved])
    timers = [{"id": move.id, "due_at": move.after.due_at} for move in found.timers]
    update_rows(session, table_of(models.Timer), timers)
    _follow_clocks(session, {move.case_id for move in found.clocks})
    _store_answer_days(session, found)


def _follow_clocks(session: Session, ids: set[UUID]) -> None:
    """Timers armed from clocks go with them; few cases have any."""
    timer = models.Timer
    armed = select(timer.case_id).where(
        timer.clock_key.is_not(None), timer.fired_at.is_(None), among(session, timer.case_id, ids)
    )
    following = {case_id for case_id in session.scalars(armed) if case_id is not None}
    if following:
        clock_moves.follow_all(session, following)


def _marked(move: Move, now: datetime) -> dict[str, Any]:
    """The new end with its light as of now, and when the light is to be marked next.

    What is over stays marked as it is: the sweep of lights puts breaches on record.
    """
    end, light = move.after, move.light
    if end.due_at > now:
        light = "yellow" if end.warn_at <= now else "green"
    next_mark: datetime | None = end.due_at if light == "yellow" else end.warn_at
    if light == RED:
        next_mark = end.statutory_due_at
    return {
        "id": move.id,
        "due_at": end.due_at,
        "warn_at": end.warn_at,
        "light": light,
        "mark_at": None if move.is_paused else next_mark,
    }


def _lift_breaches(session: Session, found: Moves, edition: Edition, now: datetime) -> None:
    """A limit that has no longer passed was no breach; the row says who lifted it, and stays."""
    ids = [m.id for m in found if m.light == RED and m.after.due_at > now]
    if not ids:
        return
    breach = table_of(models.Breach)
    open_still = breach.c.ended_at.is_(None) & breach.c.lifted_at.is_(None)
    lifted = {"lifted_at": now, "lifted_by": f"{edition.actor_name} {edition.document}".strip()}
    session.execute(update(breach).where(breach.c.subject_id.in_(ids), open_still).values(**lifted))


def _store_answer_days(session: Session, found: Moves) -> None:
    """A supervision notice is to be answered when the task of its answer is due."""
    ends = {(m.instance_id, m.before): m.after.due_at for m in (*found.tasks, *found.waits)}
    supervision = models.Supervision
    rows = session.execute(
        select(supervision.id, supervision.instance_id, supervision.answer_by).where(
            among(session, supervision.case_id, found.case_ids), supervision.answer_by.is_not(None)
        )
    )
    moved = [
        {"id": key, "answer_by": ends[instance_id, answer_by]}
        for key, instance_id, answer_by in rows
        if answer_by is not None and (instance_id, answer_by) in ends
    ]
    update_rows(session, table_of(supervision), moved)


def _retime(session: Session, timers: Iterable[Move], edition: Edition) -> None:
    """The stored instances keep the armed moments too: they move with the rows of the timers.

    The version goes up, so an instance that some process keeps alive in memory is read afresh.
    """
    by_instance: dict[UUID, dict[UUID, datetime]] = defaultdict(dict)
    for move in timers:
        if move.instance_id is not None:
            by_instance[move.instance_id][move.id] = move.after.due_at
    if not by_instance:
        return
    instance, timer = models.ProcessInstance, models.Timer
    states = session.execute(
        select(instance.id, instance.state, instance.version).where(
            among(session, instance.id, by_instance)
        )
    )
    armed = select(timer.instance_id, func.min(timer.due_at)).where(
        among(session, timer.instance_id, by_instance), timer.fired_at.is_(None)
    )
    next_due = pairs(session, armed.group_by(timer.instance_id))
    rows = [
        {
            "id": key,
            "state": codec.retime(state, by_instance[key]),
            "version": version + 1,
            "next_due_at": next_due[key],
            "calendar_edition": edition.number,
        }
        for key, state, version in states
    ]
    update_rows(session, table_of(instance), rows)


def _tell(
    office: Office,
    session: Session,
    found: Moves,
    edition: Edition,
    entries: Mapping[UUID, UUID],
) -> None:
    """Notices go out later, those of a batch by one job; each letter by a job of its own."""
    change = str(edition.change_id)
    told = {"change": change, "cases": sorted(str(key) for key in found.case_ids)}
    promise(session, "tell_of_calendar", told, case_id=None, office=office)
    if not edition.tells_by_letter:
        return
    written = printed(session, found.last_days(), office.calendar())
    for move in found.clocks:
        if move.id in written:
            asked = {"change": change, "case": str(move.case_id), "entry": str(entries[move.id])}
            promise(session, "deadline_letter", asked, case_id=move.case_id, office=office)


def catch_up(work: Casework, row: models.ProcessInstance) -> None:
    """Before a step: the case's dates rest on the calendar by which the step will count.

    A process that still counts by an older one reads it afresh; a case that is behind is moved.
    """
    if row.calendar_edition > work.calendar.edition:
        work.office.forget()
        work.__dict__.pop("calendar", None)
    if row.calendar_edition == work.calendar.edition:
        return
    session = work.session
    session.flush()
    bring_up(work.office, session, [work.case.id], work.calendar, now=work.now_at)
    for name in ("_ledger", "clocks", "clock_entries"):
        work.__dict__.pop(name, None)
    for held in list(session.identity_map.values()):
        session.refresh(held)
