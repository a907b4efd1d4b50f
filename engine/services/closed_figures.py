"""How long closed cases took and whose time it was: summed up once by a job, the rest as it is asked.

The sums of a case rest on its moments, on who had it when, and on the calendar. What changes one of
these takes the sums back in the same transaction: triggers (engine/persistence/copies.py), and
`take_back` for a calendar. The next sweep sums up again; until then the charts do, by the same
statement. So they are never of yesterday.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Float,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.office_time import office_day
from engine.domain.whose_time import PRECEDENCE
from engine.persistence import models
from engine.persistence.bulk import among, in_memory, keep_unchanged, update_rows
from engine.persistence.declarative import table_of
from engine.persistence.working_time import WorkingTime
from engine.services import calendar_editions, whose_time
from engine.services.office import Office
from engine.services.stepping import BESIDE

#: Columns of a closed case's sums, in the order of PRECEDENCE.
PARTIES = tuple(whose.value for whose in PRECEDENCE)
#: Cases of one transaction, and transactions of one sweep: what is due meanwhile waits for it.
AT_ONCE, ROUNDS = 1_000, 5

_CLOSED = models.ClosedCase
_CALENDAR = (models.CalendarYear, models.CalendarDay)


def sum_up(office: Office, *, rounds: int = ROUNDS) -> int:
    """Sum up closed cases that are not yet, the last ones first; how many. Any number may run."""
    waiting = select(select(_CLOSED.id).where(~_CLOSED.is_summed).exists())
    with office.uow.glance() as connection:
        if not connection.scalar(waiting):
            return 0
    done = 0
    for _ in range(rounds):
        summed = _some(office)
        done += summed
        if summed < AT_ONCE:
            break
    return done


def _some(office: Office) -> int:
    calendar = office.calendar()
    with office.uow.begin() as session:
        keep_unchanged(session, _CALENDAR)
        if calendar_editions.current(session) != calendar.edition:
            return 0  # it has changed since it was read: at the next sweep
        in_memory(session)
        oldest = select(_CLOSED.id).where(~_CLOSED.is_summed).order_by(_CLOSED.closed_at.desc())
        ids = session.scalars(oldest.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
        if ids:
            found = session.execute(select(_summed(calendar, session, _CLOSED.id.in_(ids))))
            names, paused = ("days", *PARTIES), _of_paused(office, session, ids)
            rows = [
                {"id": row.id, "is_summed": True, **{name: getattr(row, name) for name in names}}
                | paused.get(row.id, {})
                for row in found
            ]
            update_rows(session, table_of(_CLOSED), rows)
    return len(ids)


def _of_paused(
    office: Office, session: Session, ids: Sequence[UUID]
) -> dict[UUID, dict[str, float]]:
    """Working days by whose they were of those of these cases whose clock stood still for a while:
    few have, and their ledger says it better than the statement below."""
    entry = models.ClockEntry
    asked = select(entry.case_id).where(among(session, entry.case_id, ids), entry.kind == "pause")
    held = set(session.scalars(asked))
    if not held:
        return {}
    times = whose_time.of_cases(office, session, held, now=office.now(), from_receipt=True)
    day = office_day(office.calendar())
    return {
        case_id: dict.fromkeys(PARTIES, 0.0)
        | {share.whose.value: share.office_time / day for share in found.shares}
        for case_id, found in times.items()
    }


def take_back(session: Session, since: datetime) -> None:
    """Days from then on are worked or off that were not: what was closed since is summed up again."""
    closed = update(_CLOSED).where(_CLOSED.closed_at >= since, _CLOSED.is_summed)
    session.execute(
        closed.values(is_summed=False), execution_options={"synchronize_session": False}
    )


def of(calendar: Calendar, session: Session, *chosen: Any) -> Any:
    """Closed cases with their sums, as a subquery: {id, procedure, closed_at, days, one of PARTIES
    each}, those that are summed up and those that are not yet. `chosen`: conditions on ClosedCase."""
    columns = (_CLOSED.id, _CLOSED.procedure, _CLOSED.closed_at, _CLOSED.days)
    parties = tuple(getattr(_CLOSED, party) for party in PARTIES)
    stored = select(*columns, *parties).where(*chosen, _CLOSED.is_summed)
    if not session.scalar(select(select(_CLOSED.id).where(*chosen, ~_CLOSED.is_summed).exists())):
        return stored.subquery("closed")
    live = _summed(calendar, session, and_(*chosen, ~_CLOSED.is_summed))
    names = ("id", "procedure", "closed_at", "days", *PARTIES)
    return union_all(stored, select(*(live.c[name] for name in names))).subquery("closed")


def _summed(calendar: Calendar, session: Session, chosen: Any) -> Any:
    """The sums of these closed cases out of their tasks and waits.

    Every moment belongs to one party. Same rule as engine/domain/whose_time.py without its pauses,
    which `sum_up` adds: cut at every moment at which a place begins or ends; a piece is his who comes
    first in PRECEDENCE of those who have it then, and of nobody's piece, his who had the one before.
    """
    closed = (
        select(_CLOSED.id, _CLOSED.procedure, _CLOSED.received_at, _CLOSED.closed_at)
        .where(chosen)
        .cte("chosen")
    )
    first, last = _span(session, chosen)
    if first is None or last is None:
        nothing = (cast(null(), Float).label(name) for name in ("days", *PARTIES))
        return select(closed, *nothing).where(literal(1) == 0).subquery("summed")
    days = (calendar.local_date(first), calendar.local_date(last) + timedelta(days=1))
    time = WorkingTime(calendar, min(days), max(days))
    whole = time.of(select(closed).subquery("whole"), days=("received_at", "closed_at"))
    pieces = time.of(_pieces(closed), days=("since", "until"))
    parts = (
        select(
            pieces.c.case_id,
            *(
                func.sum(case((pieces.c.rank == rank, pieces.c.days), else_=0.0)).label(party)
                for rank, party in enumerate(PARTIES)
            ),
        )
        .group_by(pieces.c.case_id)
        .subquery("parts")
    )
    shares = (func.coalesce(parts.c[party], 0.0).label(party) for party in PARTIES)
    joined = select(whole, *shares).outerjoin(parts, parts.c.case_id == whole.c.id)
    return joined.subquery("summed")


def _span(session: Session, chosen: Any) -> tuple[datetime | None, datetime | None]:
    """From the first receipt to the last end among these; nothing when there are none."""
    asked = select(func.min(_CLOSED.received_at), func.max(_CLOSED.closed_at)).where(chosen)
    first, last = session.execute(asked).one()
    return first, last


def _pieces(closed: Any) -> Any:
    """The life of each closed case in pieces: {case_id, since, until, rank}."""
    stays = _stays(closed)
    ranked = _ranked(_cut(closed, stays), stays)
    # nobody's piece: his who had the one before; a running count parts the pieces into groups,
    # each of which begins with one that somebody had
    group = func.count(ranked.c.rank).over(partition_by=ranked.c.case_id, order_by=ranked.c.since)
    grouped = select(*ranked.c, group.label("heir")).cte("grouped")
    rank = func.max(grouped.c.rank).over(partition_by=(grouped.c.case_id, grouped.c.heir))
    return select(
        grouped.c.case_id,
        grouped.c.since,
        grouped.c.until,
        func.coalesce(rank, 0).label("rank"),
    ).subquery("pieces")


def _cut(closed: Any, stays: Any) -> Any:
    """Each case cut at every moment at which a stay within it begins or ends: {case_id, since,
    until}; the last of each has no end."""
    begin = select(closed.c.id.label("case_id"), closed.c.received_at.label("at"))
    end = select(closed.c.id, closed.c.closed_at)
    inside = [
        select(stays.c.case_id, column)
        .join(closed, closed.c.id == stays.c.case_id)
        .where(column > closed.c.received_at, column < closed.c.closed_at)
        for column in (stays.c.since, stays.c.until)
    ]
    moments = union(begin, end, *inside).cte("moments")
    following = func.lead(moments.c.at).over(partition_by=moments.c.case_id, order_by=moments.c.at)
    pieces = select(moments.c.case_id, moments.c.at.label("since"), following.label("until"))
    return pieces.cte("cut")


def _ranked(cut: Any, stays: Any) -> Any:
    """Each piece with the first in PRECEDENCE of those who had it; none where nobody did."""
    return (
        select(cut.c.case_id, cut.c.since, cut.c.until, func.min(stays.c.rank).label("rank"))
        .select_from(cut)
        .outerjoin(
            stays,
            and_(
                stays.c.case_id == cut.c.case_id,
                stays.c.since <= cut.c.since,
                stays.c.until > cut.c.since,
            ),
        )
        .where(cut.c.until.is_not(None))
        .group_by(cut.c.case_id, cut.c.since, cut.c.until)
        .cte("ranked")
    )


def _stays(closed: Any) -> Any:
    """Who had the closed cases: {case_id, since, until, rank}; supervisions are beside the case."""
    task, wait = models.Task, models.Wait

    def rank(whose: Any) -> Any:
        return case(*((whose == w.value, n) for n, w in enumerate(PRECEDENCE)), else_=0)

    mine = select(closed.c.id)
    tasks = select(
        task.case_id,
        task.created_at.label("since"),
        task.completed_at.label("until"),
        rank(task.whose).label("rank"),
    ).where(task.case_id.in_(mine), task.process_id.not_in(BESIDE), task.completed_at.is_not(None))
    waits = select(wait.case_id, wait.begun_at, wait.ended_at, rank(wait.whose)).where(
        wait.case_id.in_(mine), wait.process_id.not_in(BESIDE), wait.ended_at.is_not(None)
    )
    return union_all(tasks, waits).cte("stays")
