"""A task as the inbox and its page show it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Light, Whose
from engine.domain.light import days_left, is_provisional, light_at
from engine.domain.record import Grade
from engine.domain.views import TaskView
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.drawing import Element
from engine.runtime.procedure import Procedure
from engine.services import access
from engine.services.case_reading import CaseReading
from engine.services.office import Office
from engine.services.task_access import excluded_by

NOBODY: frozenset[str] = frozenset()


def task_view(
    office: Office,
    procedure: Procedure,
    actor: Actor,
    task: models.Task,
    case: models.Case,
    *,
    now: datetime,
    assignee_name: str | None,
    excluded: frozenset[str] = NOBODY,
) -> TaskView:
    """One task for one reader. `excluded`: usernames kept away by four eyes."""
    element = procedure.element(task.process_id, task.element_id)
    directory, calendar = office.directory(), office.calendar()
    reason = access.reason_not_to_take(actor, task, case, excluded=excluded)
    covered = access.covered_for(actor, task) if actor.covers else None
    return TaskView(
        id=task.id,
        case_number=case.number,
        case_title=case.subject_name,
        procedure=case.procedure,
        procedure_title=procedure.title,
        element_id=task.element_id,
        title=element.title,
        line=_line(case),
        why=_why(element, case, now, office),
        group=task.candidate_group,
        group_title=directory.group(task.candidate_group),
        department=task.department,
        department_title=directory.department(task.department),
        assignee=task.assignee,
        assignee_name=assignee_name or task.assignee,
        state=task.state,
        created_at=task.created_at,
        due_at=task.due_at,
        completed_at=task.completed_at,
        light=_light(task, now),
        days_left=days_left(task.completed_at or now, task.due_at, calendar),
        whose=Whose(task.whose),
        may_claim=reason is None and task.assignee is None,
        may_complete=reason is None,
        reason_not=reason,
        version=task.version,
        covers_for=covered.name if covered else None,
        provisional=is_provisional(task.due_at, calendar),
    )


def of_reading(reading: CaseReading, actor: Actor, task: models.Task) -> TaskView:
    """A task of a case that was read whole, with who four eyes keep away from it."""
    element = reading.element(task)
    return task_view(
        reading.office,
        reading.procedure,
        actor,
        task,
        reading.case,
        now=reading.now,
        assignee_name=reading.names.get(task.assignee or ""),
        excluded=excluded_by(reading.session, reading.case, element, reading.tasks),
    )


def _line(case: models.Case) -> Words:
    """The grade, where the case has one, and what its record is called."""
    grade = Grade(case.grade).words if case.grade else Words("")
    zh, en = (" · ".join(filter(None, (word, case.line))) for word in (grade.zh, grade.en))
    return Words(zh, en)


def _light(task: models.Task, now: datetime) -> Light:
    """A task that is done keeps the light it was done under; an expert's time is no one's delay."""
    warn_at = None if task.completed_at else task.warn_at
    is_paused = task.is_paused or task.whose == Whose.EXPERT.value
    return light_at(task.completed_at or now, task.due_at, warn_at, is_paused=is_paused)


def _why(element: Element, case: models.Case, now: datetime, office: Office) -> Words:
    """Why it stands here: what it waits for, and what is left of the whole case."""
    left = days_left(now, case.due_at, office.calendar())
    if left is None:
        return element.waiting
    zh = f"全案剩 {left} 天" if left >= 0 else f"全案已超 {-left} 天"
    days = "day" if abs(left) == 1 else "days"
    en = f"{left} {days} left in the case" if left >= 0 else f"the case is {-left} {days} over"
    return Words(f"{element.waiting.zh}；{zh}", f"{element.waiting.en}; {en}")


def names_of(session: Session, usernames: set[str]) -> dict[str, str]:
    person = models.Person
    found = select(person.username, person.name).where(person.username.in_(usernames))
    return dict(session.execute(found).all()) if usernames else {}
