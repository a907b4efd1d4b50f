"""A task read for acting on it: seen by the actor, locked with its case, four eyes known."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.runtime.drawing import Element
from engine.services import access
from engine.services.office import Office

#: The process in which an extension is decided.
EXTENDING = "extension"


_TASK = table_of(models.Task)
# Built once: completing a task is what the system does most.
_DONE_BY = select(_TASK.c.completed_by).where(
    _TASK.c.case_id == bindparam("case_id"),
    _TASK.c.element_id.in_(bindparam("elements", expanding=True)),
    _TASK.c.state == "completed",
)


def titled(zh: str, en: str, element: Element) -> Words:
    return Words(f"{zh}：{element.title.zh}", f"{en}: {element.title.en or element.id}")


def seen(
    session: Session, actor: Actor, task_id: UUID, *, to_change: bool = False
) -> tuple[models.Task, models.Case]:
    """The task and its case, when the actor may know of them; both locked when it is to change."""
    task, case = models.Task, models.Case
    asked = (
        select(task, case)
        .select_from(case)  # rows are locked in the order of FROM: the case first, as everywhere
        .join(task, task.case_id == case.id)
        .where(task.id == task_id, access.visible_cases(actor))
    )
    found = session.execute(asked.with_for_update() if to_change else asked).first()
    if found is None or (actor.is_enterprise and found[0].candidate_group != "applicant"):
        raise NotFound("没有这项任务。", "there is no such task")
    return found[0], found[1]


def excluded_from(
    office: Office, session: Session, task: models.Task, case: models.Case
) -> frozenset[str]:
    """Usernames that four eyes keep away from the task."""
    procedure = office.procedure(session, case.definition_id)
    return excluded_by(session, case, procedure.element(task.process_id, task.element_id))


def excluded_by(session: Session, case: models.Case, element: Element) -> frozenset[str]:
    if element.process_id == EXTENDING:
        return who_asked(session, case)
    if not element.other_than:
        return frozenset()
    asked = {"case_id": case.id, "elements": list(element.other_than)}
    return frozenset(name for name in session.scalars(_DONE_BY, asked) if name)


def who_asked(session: Session, case: models.Case) -> frozenset[str]:
    """Who asked for the extension that is to be decided: another person must decide."""
    row = models.Extension
    asked = select(row.requested_by).where(row.case_id == case.id, row.state == "requested")
    return frozenset(session.scalars(asked))
