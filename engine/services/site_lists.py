"""Lists of what other sites owe: for the centre, by record, by case, for the public."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.downstream import Progress
from engine.domain.errors import Invalid, NotFound
from engine.domain.views import ObligationCounts, ObligationRow, Page, SiteState
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.services import access
from engine.services.obligation_rows import joined, row_view
from engine.services.obligations import LIVE
from engine.services.office import Office

SHOWS = ("to_do", "to_confirm", "contested", "to_recheck", "over", "done", "all")


def listed(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    show: str = "to_do",
    site: str | None = None,
    q: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ObligationRow]:
    """Obligations that wait for something, the first to end first. For members of the office.

    show: one of `SHOWS`. Errors: NotPermitted; Invalid for another word.
    """
    actor.must_be_staff()
    row, clock, record = models.Obligation, models.RecordClock, models.Record
    found = joined(_showing(show, now))
    if site:
        found = found.where(row.site == site)
    if q.strip():
        text = q.strip()
        found = found.where(
            or_(
                record.subject_name.contains(text, autoescape=True),
                record.number.contains(text, autoescape=True),
                record.subject_code == text.upper(),
            )
        )
    columns = (clock.due_at, row.id)
    found = after_cursor(found, columns, cursor, ascending=True).limit(limit + 1)
    with office.uow.read() as session:
        rows = session.execute(found).all()
    items = tuple(row_view(office, each, now=now, is_staff=True) for each in rows[:limit])
    return Page(items, next_cursor(rows, limit, lambda each: (each[1].due_at, each[0].id)))


def counts(office: Office, actor: Actor, *, now: datetime) -> ObligationCounts:
    actor.must_be_staff()
    row, clock = models.Obligation, models.RecordClock
    wanted = ("to_do", "to_confirm", "contested", "to_recheck", "over", "done")
    sums = [func.count(row.id).filter(_showing(each, now)) for each in wanted]
    found = select(*sums).select_from(row).join(clock, clock.id == row.clock_id)
    with office.uow.read() as session:
        return ObligationCounts(*(int(each) for each in session.execute(found).one()))


def over_count(session: Session, *, now: datetime) -> int:
    """How many are over their limit, for the board."""
    row, clock = models.Obligation, models.RecordClock
    found = select(func.count(row.id)).join(clock, clock.id == row.clock_id)
    return session.scalar(found.where(_showing("over", now))) or 0


def _showing(show: str, now: datetime) -> ColumnElement[bool]:
    row, clock, said = models.Obligation, models.RecordClock, models.StillShown
    live = row.state.in_(LIVE)
    contested = exists(
        select(said.id).where(said.obligation_id == row.id, said.state == "open").correlate(row)
    )
    conditions: Mapping[str, ColumnElement[bool]] = {
        "to_do": and_(live, row.state != Progress.CHECKED.value),
        "to_confirm": row.state == Progress.CHECKED.value,
        "contested": contested,
        "to_recheck": and_(row.state == Progress.DONE.value, row.recheck_at <= now),
        "over": and_(live, clock.due_at < now),
        "done": row.state.in_((Progress.DONE.value, Progress.CLOSED.value)),
        "all": row.state != Progress.DROPPED.value,
    }
    if show not in conditions:
        raise Invalid(f"show 只能是 {'、'.join(SHOWS)}。", f"show is one of {', '.join(SHOWS)}")
    return conditions[show]


def of_case(
    office: Office, actor: Actor, number: str, *, now: datetime
) -> tuple[ObligationRow, ...]:
    """What a case brought about on other sites. NotFound for a case that the actor may not see."""
    case = models.Case
    with office.uow.read() as session:
        seen = select(case.id).where(case.number == number, access.visible_cases(actor))
        if session.scalar(seen) is None:
            raise NotFound("没有这个办件。", "there is no such case")
        return _of_case(session, office, number, now=now)


def _of_case(
    session: Session, office: Office, number: str, *, now: datetime
) -> tuple[ObligationRow, ...]:
    row = models.Obligation
    found = joined(row.case_number == number, row.state != Progress.DROPPED.value)
    rows = session.execute(found.order_by(row.opened_at, row.record_id, row.site)).all()
    return tuple(row_view(office, each, now=now, is_staff=False) for each in rows)


def public(
    session: Session, office: Office, number: str, *, now: datetime
) -> tuple[SiteState, ...]:
    """The same without records and names."""
    return tuple(
        SiteState(
            each.site_title,
            each.duty_title,
            each.state,
            each.state_title,
            each.due_at,
            each.seen_at,
        )
        for each in _of_case(session, office, number, now=now)
    )


def seen_record(session: Session, actor: Actor, record_id: UUID) -> models.Record:
    record = session.get(models.Record, record_id)
    if record is None or not (actor.is_staff or actor.subject == record.subject_code):
        raise unknown()
    return record


def unknown() -> NotFound:
    return NotFound("没有这一项。", "there is no such obligation")
