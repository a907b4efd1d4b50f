"""The page of one task: the task, its case, its form and what was filled in."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.views import MissingPaper, TaskPage
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import access, case_trouble, case_view, forms, steps_said, task_view, veils
from engine.services.case_reading import CaseReading
from engine.services.notice_reading import notice_in_hand
from engine.services.office import Office
from engine.services.stepping import SUPERVISION


def page(office: Office, actor: Actor, task_id: UUID, *, now: datetime) -> TaskPage:
    """The task with its case, its form and what was filled in. NotFound when not to be seen."""
    with office.uow.read() as session:
        found = session.execute(_asked(actor), {"task": task_id}).first()
        if found is None:
            raise NotFound("没有这项任务。", "there is no such task")
        task, case = found
        if actor.is_enterprise and task.candidate_group != "applicant":
            raise NotFound("没有这项任务。", "there is no such task")
        reading = CaseReading(office, session, case, actor, now)
        procedure = reading.procedure
        is_about_notice = task.process_id == SUPERVISION
        given = task.answers or task.draft or {}
        return TaskPage(
            task=task_view.of_reading(reading, actor, task),
            case=case_view.whole(reading),
            form=forms.schema_of(session, procedure, task),
            answers=veils.answers_to_fill_in(actor, given),
            draft_saved_at=task.draft_at,
            facts=() if actor.is_enterprise or is_about_notice else facts_of(case),
            missing=promised_in(procedure, case)
            if task.element_id == BRINGING
            else missing_in(procedure, case),
            trouble=_trouble(reading, task),
            notice=notice_in_hand(session, procedure, task) if is_about_notice else None,
            said=() if actor.is_enterprise else steps_said.said_in(reading),
        )


@lru_cache(maxsize=512)
def _asked(actor: Actor) -> Select[models.Task, models.Case]:
    """Built once for each reader: to build it takes as long as to ask it."""
    task, case = models.Task, models.Case
    both = select(task, case).join(case, case.id == task.case_id)
    return both.where(task.id == bindparam("task"), access.visible_cases(actor))


def _trouble(reading: CaseReading, task: models.Task) -> Words | None:
    """That the step got stuck, for whoever would try it again."""
    stuck = case_trouble.open_incidents(reading.session, reading.case)
    mine = [row for row in stuck if row.task_id == task.id]
    if not mine or task.state not in ("ready", "claimed"):
        return None
    is_staff = reading.actor is not None and not reading.actor.is_enterprise
    return case_trouble.for_staff(mine[0]) if is_staff else case_trouble.for_others(mine[0])


def facts_of(case: models.Case) -> tuple[tuple[Words, Words], ...]:
    """What the system checked by itself, for the caseworker."""
    told: list[Mapping[str, Any]] = case.facts.get("eligibility", [])
    return tuple(
        (
            Words("系统预审", "checked by the system"),
            Words(
                f"{each['sentence']}（规则 {each['rule']}）",
                f"{each['sentence_en']} (rule {each['rule']})",
            ),
        )
        for each in told
    )


#: The task in which the applicant brings what it promised (promise.bpmn).
BRINGING = "bring_papers"


def promised_in(procedure: Procedure, case: models.Case) -> tuple[MissingPaper, ...]:
    """The papers promised on a conditional acceptance; `reason` is what a check found missing."""
    promise = case.facts.get("promise") or {}
    titles = {paper.key: paper.title for paper in procedure.papers}
    return tuple(
        MissingPaper(
            paper=key if key in titles else "",
            title=titles.get(key, Words(key)),
            reason=str(promise.get("returned", "")),
            form="",
        )
        for key in promise.get("keys", ())
    )


def missing_in(procedure: Procedure, case: models.Case) -> tuple[MissingPaper, ...]:
    """What the correction request of the case asked for; nothing when there was none."""
    titles = {paper.key: paper.title for paper in procedure.papers}
    return tuple(
        MissingPaper(
            paper=each["paper"] if each["paper"] in titles else "",
            title=titles.get(each["paper"], Words(each["title"])),
            reason=each["reason"],
            form=each["form"],
        )
        for each in case.facts.get("missing", [])
    )
