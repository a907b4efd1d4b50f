"""A task read for acting on it: seen by the actor, locked with its case, four eyes known."""

from collections.abc import Iterable
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


def excluded_by(
    session: Session,
    case: models.Case,
    element: Element,
    tasks: Iterable[models.Task] | None = None,
) -> frozenset[str]:
    """Usernames that four eyes keep away from a task of the element: who did one that it must be
    done by another than (`other_than` in the diagram), or asked for the extension it decides.

    tasks: those of the case, where they are read already.
    """
    others = element.other_than
    if element.process_id == EXTENDING:
        return _who_asked(session, case)
    if not others:
        return frozenset()
    if tasks is None:
        done_by = session.scalars(_DONE_BY, {"case_id": case.id, "elements": list(others)}).all()
    else:
        done_by = [each.completed_by for each in tasks if each.element_id in others]
    return frozenset(filter(None, done_by))


def _who_asked(session: Session, case: models.Case) -> frozenset[str]:
    row = models.Extension
    asked = select(row.requested_by).where(row.case_id == case.id, row.state == "requested")
    return frozenset(session.scalars(asked))
