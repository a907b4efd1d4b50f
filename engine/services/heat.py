"""The heat map of a procedure: count, time and breaches of every step."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from sqlalchemy import select

from engine.domain.actor import Actor, Permission
from engine.domain.clock import Light
from engine.domain.supervision_views import ElementHeat, HeatMap
from engine.domain.words import Words
from engine.persistence import models
from engine.services.office import Office


def heatmap(office: Office, actor: Actor, procedure: str, *, now: datetime) -> HeatMap:
    """Count, median working days and breaches of every step over all cases of a procedure."""
    actor.must(Permission.SUPERVISE)
    today = office.calendar().local_date(now)
    task, held = models.Task, models.Case
    with office.uow.read() as session:
        _, edition = office.in_force(session, procedure, today)
        rows = session.scalars(
            select(task)
            .join(held, held.id == task.case_id)
            .where(held.procedure == procedure, task.state != "cancelled")
        ).all()
    by_element: dict[tuple[str, str], list[models.Task]] = {}
    for row in rows:
        by_element.setdefault((row.process_id, row.element_id), []).append(row)
    elements = []
    for (process_id, element_id), each in by_element.items():
        element = edition.drawings[process_id].elements.get(element_id)
        if element is not None:
            limit = edition.limits.get(element.due or "")
            budget = limit.budget.amount if limit and limit.budget else None
            elements.append(_heat(office, process_id, element_id, element.title, budget, each, now))
    return HeatMap(
        procedure=procedure,
        title=edition.title,
        diagrams={key: drawing.xml.decode("utf-8") for key, drawing in edition.drawings.items()},
        titles={key: drawing.title for key, drawing in edition.drawings.items()},
        elements=tuple(sorted(elements, key=lambda heat: -heat.count)),
    )


def _heat(
    office: Office,
    process_id: str,
    element_id: str,
    title: Words,
    limit: int | None,
    rows: Sequence[models.Task],
    now: datetime,
) -> ElementHeat:
    calendar = office.calendar()
    used = [
        calendar.working_days(
            calendar.local_date(row.created_at), calendar.local_date(row.completed_at)
        )
        for row in rows
        if row.completed_at is not None
    ]
    late = sum(row.due_at is not None and (row.completed_at or now) > row.due_at for row in rows)
    share = late / len(rows)
    light = Light.RED if share > 0.2 else Light.YELLOW if late else Light.GREEN
    return ElementHeat(
        process_id=process_id,
        element_id=element_id,
        title=title,
        count=len(rows),
        open=len(rows) - len(used),
        median_days=float(median(used)) if used else None,
        limit_days=limit,
        breaches=late,
        light=light,
    )
