"""Supervision: the board, breaches, heat map, supervision notices, figures for the duty officer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.clock import Light, Whose
from engine.domain.errors import Conflict, NotFound
from engine.domain.supervision_views import (
    AgeBand,
    Board,
    Breach,
    ElementHeat,
    HeatMap,
    LightCounts,
    MatrixCell,
    SupervisionNoticeView,
    Workload,
)
from engine.domain.views import TaskView
from engine.domain.words import Words
from engine.persistence import models
from engine.services import cases, inbox_view, task_view
from engine.services.access import OPEN
from engine.services.office import Office
from engine.services.operations.supervision import open_for
from engine.services.stepping import SUPERVISION, Driven, open_casework, settle

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
        silent = cases.rows_of(office, session, _silent(session), now=now)
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
            notices=_notices(office, session),
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
    listed = cases.rows_of(office, session, [case for _, case, _ in late], now=now)
    issued = _issued(session, [task.id for task, _, _ in late])
    return tuple(
        Breach(
            task=view,
            case=row,
            over_days=-(view.days_left or 0),
            since=task.due_at or task.created_at,
            whose=Whose(task.whose),
            supervision_number=issued.get(task.id),
        )
        for (task, _, view), row in zip(late, listed, strict=True)
    )


def _issued(session: Session, task_ids: Sequence[UUID]) -> dict[UUID, str]:
    notice = models.Supervision
    found = select(notice.wait_id, notice.number).where(notice.wait_id.in_(task_ids))
    return {row[0]: row[1] for row in session.execute(found)}


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
        )
        .tuples()
        .all()
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
                f"{first}–{last} 日" if last else f"{first} 日以上",  # noqa: RUF001
                f"{first}–{last} days" if last else f"{first} days and more",
            ),  # noqa: RUF001
            sum(first <= age and (last is None or age <= last) for age in ages),
        )
        for first, last in AGES
    )


def _silent(session: Session) -> Sequence[models.Case]:
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


def issue_notice(
    office: Office, actor: Actor, task_id: UUID, *, ground: str, now: datetime
) -> SupervisionNoticeView:
    """Issue a 督办单 about an open task. Conflict when there is one already."""
    actor.must(Permission.SUPERVISE)
    driven = Driven()
    with office.uow.begin() as session:
        task = session.get(models.Task, task_id)
        if task is None or task.state not in OPEN:
            raise NotFound("没有这项未办结的任务。", "there is no such open task")
        case = session.get_one(models.Case, task.case_id, with_for_update=True)
        if _issued(session, [task_id]):
            raise Conflict("这项任务已签发督办单。", "a notice about this task exists already")
        work = open_casework(office, session, case, actor, now)
        work.element = work.procedure.element(task.process_id, task.element_id)
        entry = office.directory().groups.get(task.candidate_group)
        unit = task.department or (entry.department if entry else None) or "credit_office"
        row = open_for(work, unit, task_id, "manual", ground)
        settle(work, driven)
        session.flush()
        view = _notice_view(office, session, row, case.number)
    driven.put_back(office)
    return view


def notices(office: Office, actor: Actor, *, now: datetime) -> tuple[SupervisionNoticeView, ...]:
    actor.must(Permission.SUPERVISE)
    with office.uow.read() as session:
        return _notices(office, session)


def _notices(office: Office, session: Session) -> tuple[SupervisionNoticeView, ...]:
    row, held = models.Supervision, models.Case
    found = (
        select(row, held.number)
        .join(held, held.id == row.case_id)
        .order_by(row.issued_at.desc())
        .limit(100)
    )
    return tuple(_notice_view(office, session, each[0], each[1]) for each in session.execute(found))


def _notice_view(
    office: Office, session: Session, row: models.Supervision, number: str
) -> SupervisionNoticeView:
    held = session.get_one(models.Case, row.case_id)
    procedure = office.procedure(session, held.definition_id)
    step = next(
        (
            drawing.elements[row.element_id].title
            for drawing in procedure.drawings.values()
            if row.element_id in drawing.elements
        ),
        Words(row.element_id),
    )
    return SupervisionNoticeView(
        id=row.id,
        number=row.number,
        case_number=number,
        unit=office.directory().department(row.unit) or Words(row.unit),
        step=step,
        ground=Words(row.ground_text),
        issued_at=row.issued_at,
        answer_by=row.answer_by,
        state=row.state,
        answer=row.answer,
    )


def metrics(office: Office, *, now: datetime) -> Mapping[str, float]:
    """Gauges for the duty officer: open cases and tasks by light, silent cases, jobs, due timers."""
    job, timer, incident = models.Job, models.Timer, models.Incident
    with office.uow.read() as session:
        light = inbox_view.light_is(now)
        by_light = session.execute(
            select(light, func.count())
            .select_from(models.Task)
            .where(models.Task.state.in_(OPEN))
            .group_by(light)
        ).all()

        def number(table: Any, *conditions: Any) -> float:
            found = select(func.count()).select_from(table).where(*conditions)
            return float(session.scalar(found) or 0)

        figures = {
            "kunxin_open_cases": number(models.Case, models.Case.state == "open"),
            "kunxin_silent_cases": float(len(_silent(session))),
            "kunxin_jobs_waiting": number(job, job.state == "waiting"),
            "kunxin_jobs_failed": number(job, job.state == "failed"),
            "kunxin_timers_overdue": number(timer, timer.fired_at.is_(None), timer.due_at <= now),
            "kunxin_incidents_open": number(incident, incident.resolved_at.is_(None)),
        }
    return figures | {f"kunxin_open_tasks_{row[0]}": float(row[1]) for row in by_light}
