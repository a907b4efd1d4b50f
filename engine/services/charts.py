"""Cycle time, throughput, whose time and ageing over a period, summed up by the database."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.calendar import Calendar
from engine.domain.chart_views import Charts, CycleBand, Week, WhoseStack
from engine.domain.clock import Whose
from engine.domain.supervision_views import AgeBand, LightCounts
from engine.domain.whose_time import Part
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.bulk import in_memory
from engine.persistence.working_time import DAY, EPOCH, epoch_seconds, percentile
from engine.services import closed_figures
from engine.services.heat import Period
from engine.services.office import Office
from engine.services.places import AGES, Narrowed, Places, age_key, age_title

#: Bounds of the bars of the distribution, in working days.
BOUNDS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20)
#: A period of charts, when nobody says otherwise: twelve weeks.
USUAL_DAYS = 83


def charts(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    since: date | None = None,
    until: date | None = None,
    procedure: str | None = None,
) -> Charts:
    """The figures of all charts over a period, both days included."""
    actor.must(Permission.INSPECT)
    calendar = office.calendar()
    last = until or calendar.local_date(now)
    period = Period.read(calendar, since or last - timedelta(days=USUAL_DAYS), last, now=now)
    with office.uow.survey() as session:
        in_memory(session)
        closed = _closed(calendar, session, period, procedure)
        whole = session.execute(
            select(func.count(), percentile(0.5, closed.c.days), percentile(0.9, closed.c.days))
        ).one()
        return Charts(
            since=period.since,
            until=period.until,
            procedure=procedure,
            closed=whole[0],
            median_days=_rounded(whole[1]),
            p90_days=_rounded(whole[2]),
            cycle=_cycle(session, closed),
            weeks=_weeks(calendar, session, period, procedure, closed),
            whose=_whose(office, session, closed),
            ageing=_ageing(Places(calendar, now), session, procedure),
        )


def _closed(calendar: Calendar, session: Session, period: Period, procedure: str | None) -> Any:
    """Cases closed in the period, with the working days they took and whose these were."""
    held = models.ClosedCase
    chosen = [held.closed_at >= period.begins, held.closed_at < period.ends]
    if procedure:
        chosen.append(held.procedure == procedure)
    return closed_figures.of(calendar, session, *chosen)


def _of(procedure: str | None) -> list[Any]:
    return [models.Case.procedure == procedure] if procedure else []


def _cycle(session: Session, closed: Any) -> tuple[CycleBand, ...]:
    ends: list[int | None] = [*BOUNDS, None]
    firsts = [0, *BOUNDS]
    band = case(
        *((closed.c.days < end, number) for number, end in enumerate(BOUNDS)), else_=len(BOUNDS)
    ).label("band")
    inner = select(band).subquery()
    found = session.execute(select(inner.c.band, func.count()).group_by(inner.c.band))
    counted: dict[int, int] = {row[0]: row[1] for row in found}
    return tuple(
        CycleBand(first, end, counted.get(number, 0))
        for number, (first, end) in enumerate(zip(firsts, ends, strict=True))
    )


def _week_of(calendar: Calendar, moment: Any) -> Any:
    """The number of the week a moment lies in, by the office's time; 0: that of Monday 1969-12-29."""
    offset = calendar.local(calendar.opening(date(2020, 1, 1))).utcoffset() or timedelta()
    local = epoch_seconds(moment) + int(offset.total_seconds())
    shifted = local + 3 * DAY  # 1 January 1970 was a Thursday
    return cast((shifted - shifted % (7 * DAY)) / (7 * DAY), Integer)


def _weeks(
    calendar: Calendar, session: Session, period: Period, procedure: str | None, closed: Any
) -> tuple[Week, ...]:
    held = models.Case
    came = select(_week_of(calendar, held.filed_at).label("week")).where(
        held.filed_at >= period.begins, held.filed_at < period.ends, *_of(procedure)
    )
    inner = came.subquery()
    filed: dict[int, int] = dict(
        session.execute(select(inner.c.week, func.count()).group_by(inner.c.week)).all()
    )
    went = select(_week_of(calendar, closed.c.closed_at).label("week"), closed.c.days).subquery()
    ended = {
        row.week: row
        for row in session.execute(
            select(
                went.c.week,
                func.count().label("n"),
                percentile(0.5, went.c.days).label("median"),
                percentile(0.9, went.c.days).label("p90"),
            ).group_by(went.c.week)
        )
    }
    return tuple(
        Week(
            monday=monday,
            filed=filed.get(number, 0),
            closed=ended[number].n if number in ended else 0,
            median_days=_rounded(ended[number].median) if number in ended else None,
            p90_days=_rounded(ended[number].p90) if number in ended else None,
        )
        for number, monday in _mondays(period)
    )


def _mondays(period: Period) -> Iterable[tuple[int, date]]:
    monday = period.since - timedelta(days=period.since.weekday())
    while monday <= period.until:
        yield (monday.toordinal() - EPOCH + 3) // 7, monday
        monday += timedelta(days=7)


def _whose(office: Office, session: Session, closed: Any) -> tuple[WhoseStack, ...]:
    """Average days of the closed cases of each procedure by whose they were."""
    sums = (func.sum(closed.c[whose.value]).label(whose.value) for whose in Whose)
    asked = select(closed.c.procedure, func.count().label("n"), *sums)
    found = session.execute(asked.group_by(closed.c.procedure).order_by(closed.c.procedure))
    return tuple(_stack(office, session, row) for row in found)


def _stack(office: Office, session: Session, row: Any) -> WhoseStack:
    parts = {whose: float(getattr(row, whose.value) or 0) / row.n for whose in Whose}
    return WhoseStack(
        procedure=row.procedure,
        title=_title(office, session, row.procedure),
        cases=row.n,
        parts=tuple(Part(whose, round(days, 2)) for whose, days in parts.items() if days),
        total=round(sum(parts.values()), 2),
    )


def _ageing(places: Places, session: Session, procedure: str | None) -> tuple[AgeBand, ...]:
    inner = places.asked(
        places.age.label("age"), places.light.label("light"), narrowed=Narrowed(procedure=procedure)
    ).subquery()
    asked = select(inner.c.age, inner.c.light, func.count().label("n"))
    rows = session.execute(asked.group_by(inner.c.age, inner.c.light)).all()
    return tuple(
        AgeBand(age_key(*band), age_title(*band), _counts(rows, age_key(*band))) for band in AGES
    )


def _counts(rows: Sequence[Any], age: str) -> LightCounts:
    return LightCounts(**{row.light: row.n for row in rows if row.age == age})


def _title(office: Office, session: Session, key: str) -> Words:
    definition = models.ProcessDefinition
    newest = session.scalar(
        select(definition.id)
        .where(definition.procedure == key)
        .order_by(definition.version.desc())
        .limit(1)
    )
    return office.procedure(session, newest).title if newest else Words(key)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 2)
