"""The heat map of a procedure: count, time and breaches of every step, summed up by the database."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select, union_all
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.calendar import Calendar
from engine.domain.clock import Light, Unit
from engine.domain.errors import Invalid
from engine.domain.supervision_views import ElementHeat, HeatMap
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.bulk import in_memory
from engine.persistence.working_time import WorkingTime, percentile
from engine.runtime.procedure import Procedure
from engine.services.office import Office
from engine.services.places import Narrowed, Places

#: Days that are looked back on when nobody says otherwise.
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included, and the moments at which they begin and end."""

    since: date
    until: date
    begins: datetime
    ends: datetime

    @classmethod
    def read(
        cls, calendar: Calendar, since: date | None, until: date | None, *, now: datetime
    ) -> "Period":
        """Invalid when it ends before it begins."""
        last = until or calendar.local_date(now)
        first = since or last - timedelta(days=USUAL_DAYS)
        if last < first:
            told = Words("结束日早于开始日。", "the period ends before it begins")
            raise Invalid(told.zh, told.en, fields={"until": told})
        zone = calendar.zone
        return cls(
            first,
            last,
            datetime.combine(first, time(), zone),
            datetime.combine(last + timedelta(days=1), time(), zone),
        )


def working_time(calendar: Calendar, session: Session, period: Period) -> WorkingTime:
    """The office's time from the oldest case on until the end of the period."""
    oldest = session.scalar(select(func.min(models.Case.filed_at)))
    first = calendar.local_date(oldest) if oldest else period.since
    return WorkingTime(calendar, min(first, period.since), period.until + timedelta(days=1))


def heatmap(
    office: Office,
    actor: Actor,
    procedure: str,
    *,
    now: datetime,
    since: date | None = None,
    until: date | None = None,
    department: str | None = None,
) -> HeatMap:
    """Count, median and 90th percentile of working time and breaches of every step of a procedure.

    Over what ended from `since` through `until`; by default the last 30 days.
    """
    actor.must(Permission.INSPECT)
    calendar = office.calendar()
    period = Period.read(calendar, since, until, now=now)
    with office.uow.survey() as session:
        in_memory(session)
        _, edition = office.in_force(session, procedure, calendar.local_date(now))
        ended = _ended(calendar, session, procedure, period, department)
        standing = _standing(Places(calendar, now), session, procedure, department)
    near, over = office.parameters().heat(procedure, edition.edition)
    elements = [
        _heat(edition, place, ended.get(place), standing.get(place, (0, 0)), (near, over))
        for place in sorted({*ended, *standing})
        if place[1] in _elements(edition, place[0])
    ]
    return HeatMap(
        procedure=procedure,
        title=edition.title,
        since=period.since,
        until=period.until,
        department=department,
        near=near,
        over=over,
        diagrams={key: drawing.xml.decode("utf-8") for key, drawing in edition.drawings.items()},
        titles={key: drawing.title for key, drawing in edition.drawings.items()},
        elements=tuple(sorted(elements, key=lambda heat: (-heat.count, -heat.open))),
    )


def _elements(edition: Procedure, process_id: str) -> Any:
    drawing = edition.drawings.get(process_id)
    return drawing.elements if drawing else {}


Place = tuple[str, str]


def _ended(
    calendar: Calendar, session: Session, procedure: str, period: Period, department: str | None
) -> dict[Place, Any]:
    """Of every element: what ended in the period, how long it took, what of it was late."""
    rows = ended_places(period, procedure=procedure, department=department).subquery("ended")
    timed = working_time(calendar, session, period).of(
        rows, total=("since", "until"), own=("taken_at", "until")
    )
    late = case((timed.c.until > timed.c.due_at, 1), else_=0)
    asked = select(
        timed.c.process_id,
        timed.c.element_id,
        func.count().label("count"),
        percentile(0.5, timed.c.total).label("median"),
        percentile(0.9, timed.c.total).label("p90"),
        percentile(0.5, timed.c.own).label("own_median"),
        percentile(0.9, timed.c.own).label("own_p90"),
        func.sum(late).label("late"),
    ).group_by(timed.c.process_id, timed.c.element_id)
    return {(row.process_id, row.element_id): row for row in session.execute(asked)}


def ended_places(
    period: Period, *, procedure: str | None = None, department: str | None = None
) -> Any:
    """Tasks done and waits over in a period, as rows of one shape."""
    task, wait, held = models.Task, models.Wait, models.Case
    # an applicant claims nothing: a task is theirs from the moment on which it reaches them
    taken = case((task.whose == "applicant", task.created_at), else_=task.claimed_at)
    tasks = select(
        task.case_id,
        task.process_id,
        task.element_id,
        task.whose,
        task.created_at.label("since"),
        taken.label("taken_at"),
        task.completed_at.label("until"),
        task.due_at,
    ).where(
        task.completed_at >= period.begins,
        task.completed_at < period.ends,
        task.state == "completed",
    )
    waits = select(
        wait.case_id,
        wait.process_id,
        wait.element_id,
        wait.whose,
        wait.begun_at,
        wait.begun_at,
        wait.ended_at,
        wait.due_at,
    ).where(wait.ended_at >= period.begins, wait.ended_at < period.ends)
    if procedure is not None:
        mine = select(held.id).where(held.procedure == procedure)
        tasks, waits = tasks.where(task.case_id.in_(mine)), waits.where(wait.case_id.in_(mine))
    if department is None:
        return union_all(tasks, waits)
    return tasks.where(or_(task.department == department, task.candidate_group == department))


def _standing(
    places: Places, session: Session, procedure: str, department: str | None
) -> dict[Place, tuple[int, int]]:
    """Of every element: how many stand there now, and how many of these are over their limit."""
    row = places.row
    over = case((row.due_at < places.now, 1), else_=0)
    inner = places.asked(
        row.process_id,
        row.element_id,
        over.label("over"),
        narrowed=Narrowed(procedure=procedure, department=department),
    ).subquery()
    asked = select(
        inner.c.process_id, inner.c.element_id, func.count().label("n"), func.sum(inner.c.over)
    ).group_by(inner.c.process_id, inner.c.element_id)
    return {(each[0], each[1]): (each[2], each[3]) for each in session.execute(asked)}


def _heat(
    edition: Procedure,
    place: Place,
    ended: Any | None,
    standing: tuple[int, int],
    bounds: tuple[float, float],
) -> ElementHeat:
    process_id, element_id = place
    element = edition.element(process_id, element_id)
    limit = _limit_days(edition, element.due)
    median = ended.median if ended else None
    of_limit = median / limit if median is not None and limit else None
    opened, over = standing
    return ElementHeat(
        process_id=process_id,
        element_id=element_id,
        title=element.title,
        count=ended.count if ended else 0,
        open=opened,
        median_days=_rounded(median),
        p90_days=_rounded(ended.p90) if ended else None,
        own_median_days=_rounded(ended.own_median) if ended else None,
        own_p90_days=_rounded(ended.own_p90) if ended else None,
        limit_days=limit,
        share=_rounded(of_limit),
        breaches=(ended.late if ended else 0) + over,
        light=_light(of_limit, bounds),
    )


def _limit_days(edition: Procedure, key: str | None) -> int | None:
    """A limit in working days; others are not to be compared with working time."""
    limit = edition.limits.get(key or "")
    budget: Any = limit.budget if limit else None
    return budget.amount if budget and budget.unit is Unit.WORKING_DAYS else None


def _light(of_limit: float | None, bounds: tuple[float, float]) -> Light:
    near, over = bounds
    if of_limit is None or of_limit <= near:
        return Light.GREEN
    return Light.YELLOW if of_limit <= over else Light.RED


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 2)
