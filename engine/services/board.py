"""Today's board for supervisors: lights, breaches, workload, ageing, silent cases."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.clock import Light, Whose
from engine.domain.supervision_views import (
    AgeBand,
    Board,
    Breach,
    LightCounts,
    MatrixCell,
    Workload,
)
from engine.domain.views import TaskView
from engine.domain.words import Words
from engine.persistence import models
from engine.services import cases, task_view
from engine.services.access import OPEN
from engine.services.office import Office
from engine.services.stepping import SUPERVISION
from engine.services.supervision_notices import issued, listed

AGES = ((0, 3), (4, 7), (8, 10), (11, 20), (21, None))


def board(office: Office, actor: Actor, *, now: datetime) -> Board:
    """Today's board. Working days throughout."""
    actor.must(Permission.SUPERVISE)
    with office.uow.read() as session:
        rows = _open_tasks(session)
        views = _views(office, session, actor, rows, now)
        open_cases = session.scalars(
            select(models.Case).where(models.Case.state == "open").order_by(models.Case.filed_at)
        ).all()
        closed = session.scalar(
            select(func.count()).select_from(models.Case).where(models.Case.state == "closed")
        )
        silent = cases.rows_of(office, session, silent_cases(session), now=now)
        return Board(
            as_of=now,
            lights=_count(view.light for view in views),
            light_of_cases=_count(
                row.light for row in cases.rows_of(office, session, open_cases, now=now)
            ),
            matrix=_matrix(office, views),
            breaches=_breaches(office, session, rows, views, now),
            due_today=tuple(
                view for view in views if view.days_left == 0 and view.light is not Light.RED
            ),
            workload=_workload(office, session, views, now),
            ageing=_ageing(office, open_cases, now),
            silent=silent,
            notices=listed(office, session),
            open_cases=len(open_cases),
            closed_cases=closed or 0,
        )


Rows = Sequence[tuple[models.Task, models.Case]]


def _open_tasks(session: Session) -> Rows:
    task, held = models.Task, models.Case
    found = (
        select(task, held)
        .join(held, held.id == task.case_id)
        .where(task.state.in_(OPEN), held.state == "open")
        .order_by(task.due_at)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def _views(
    office: Office, session: Session, actor: Actor, rows: Rows, now: datetime
) -> list[TaskView]:
    names = task_view.names_of(session, {t.assignee for t, _ in rows if t.assignee})
    return [
        task_view.task_view(
            office,
            office.procedure(session, case.definition_id),
            actor,
            task,
            case,
            now=now,
            assignee_name=names.get(task.assignee or ""),
        )
        for task, case in rows
    ]


def _count(lights: Any) -> LightCounts:
    counted = dict.fromkeys(Light, 0)
    for light in lights:
        counted[light] += 1
    return LightCounts(
        green=counted[Light.GREEN],
        yellow=counted[Light.YELLOW],
        red=counted[Light.RED],
        blue=counted[Light.BLUE],
    )


def _matrix(office: Office, views: Sequence[TaskView]) -> tuple[MatrixCell, ...]:
    cells: dict[tuple[str, str], list[TaskView]] = {}
    for view in views:
        cells.setdefault((view.department or view.group, view.procedure), []).append(view)
    directory = office.directory()
    return tuple(
        MatrixCell(
            department=department,
            department_title=directory.departments.get(department) or directory.group(department),
            procedure=procedure,
            procedure_title=held[0].procedure_title,
            counts=_count(view.light for view in held),
        )
        for (department, procedure), held in sorted(cells.items())
    )


def _breaches(
    office: Office, session: Session, rows: Rows, views: Sequence[TaskView], now: datetime
) -> tuple[Breach, ...]:
    """Steps over their limit, the longest first; also inside a case that is not over its own."""
    late = [
        (task, case, view)
        for (task, case), view in zip(rows, views, strict=True)
        if view.light is Light.RED and task.process_id != SUPERVISION
    ]
    rows_of_late = cases.rows_of(office, session, [case for _, case, _ in late], now=now)
    numbers = issued(session, [task.id for task, _, _ in late])
    return tuple(
        Breach(
            task=view,
            case=row,
            over_days=-(view.days_left or 0),
            since=task.due_at or task.created_at,
            whose=Whose(task.whose),
            supervision_number=numbers.get(task.id),
        )
        for (task, _, view), row in zip(late, rows_of_late, strict=True)
    )


def _workload(
    office: Office, session: Session, views: Sequence[TaskView], now: datetime
) -> tuple[Workload, ...]:
    calendar, task = office.calendar(), models.Task
    morning = calendar.opening(calendar.local_date(now)) - timedelta(hours=9)
    done = dict(
        session.execute(
            select(task.completed_by, func.count())
            .where(task.completed_at >= morning, task.state == "completed")
            .group_by(task.completed_by)
        ).all()
    )
    held: dict[tuple[str | None, str], list[TaskView]] = {}
    for view in views:
        if view.group != "applicant":
            unit = view.department_title or view.group_title
            held.setdefault((view.assignee, unit.zh), []).append(view)
    return tuple(
        Workload(
            person=person,
            person_name=mine[0].assignee_name or "",
            department_title=mine[0].department_title or mine[0].group_title,
            open=len(mine),
            late=sum(view.light is Light.RED for view in mine),
            done_today=done.get(person, 0) if person else 0,
        )
        for (person, _), mine in sorted(held.items(), key=lambda item: -len(item[1]))
    )


def _ageing(office: Office, rows: Sequence[models.Case], now: datetime) -> tuple[AgeBand, ...]:
    calendar = office.calendar()
    today = calendar.local_date(now)
    ages = [calendar.working_days(calendar.local_date(row.received_at), today) for row in rows]
    return tuple(
        AgeBand(
            Words(
                f"{first}–{last} 日" if last else f"{first} 日以上",
                f"{first}–{last} days" if last else f"{first} days and more",
            ),
            sum(first <= age and (last is None or age <= last) for age in ages),
        )
        for first, last in AGES
    )


def silent_cases(session: Session) -> Sequence[models.Case]:
    """Open cases without a next event and a date: neither task, wait nor incident. Must be none."""
    held, task, wait, incident = models.Case, models.Task, models.Wait, models.Incident
    has_task = select(task.id).where(
        task.case_id == held.id, task.state.in_(OPEN), task.due_at.is_not(None)
    )
    has_wait = select(wait.id).where(
        wait.case_id == held.id, wait.ended_at.is_(None), wait.due_at.is_not(None)
    )
    has_incident = select(incident.id).where(
        incident.case_id == held.id, incident.resolved_at.is_(None)
    )
    silent = and_(~has_task.exists(), ~has_wait.exists(), ~has_incident.exists())
    return session.scalars(select(held).where(held.state == "open", silent)).all()


def breaches(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    department: str | None = None,
    procedure: str | None = None,
) -> tuple[Breach, ...]:
    actor.must(Permission.SUPERVISE)
    with office.uow.read() as session:
        rows = _open_tasks(session)
        views = _views(office, session, actor, rows, now)
        found = _breaches(office, session, rows, views, now)
    return tuple(
        each
        for each in found
        if department in (None, each.task.department) and procedure in (None, each.task.procedure)
    )
