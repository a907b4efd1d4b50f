"""Incidents: what got stuck and needs a person, and what that person may do about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import NotFound
from engine.domain.views import (
    IncidentDetail,
    IncidentView,
    Place,
    Proposal,
    RepairPlan,
    StoryLine,
)
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import stepper, token_move
from engine.runtime.drawing import Element
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Instance
from engine.services import cases, forms, token_moves, veils
from engine.services.incident_repair import Correction, repair
from engine.services.job_operations import title_of
from engine.services.office import Office
from engine.services.token_moves import Move, confirm, move, require_second

__all__ = [
    "Correction",
    "Move",
    "answer",
    "confirm",
    "get",
    "incidents",
    "move",
    "require_second",
    "retry",
    "second_is_required",
]


def _found() -> Select[models.Incident, str | None]:
    incident, case = models.Incident, models.Case
    return select(incident, case.number).outerjoin(case, case.id == incident.case_id)


def incidents(office: Office, actor: Actor) -> tuple[IncidentView, ...]:
    """Open incidents first, then the newest."""
    actor.must(Permission.INSPECT)
    incident = models.Incident
    found = _found().order_by(incident.resolved_at.is_not(None), incident.raised_at.desc())
    with office.uow.read() as session:
        return tuple(_view(row, number) for row, number in session.execute(found.limit(200)))


def _view(row: models.Incident, number: str | None) -> IncidentView:
    return IncidentView(
        id=row.id,
        number=row.number,
        kind=row.kind,
        case_number=number,
        process_id=row.process_id,
        element_id=row.element_id,
        title=Words(row.title, row.title_en),
        cause=Words(row.cause, row.cause_en),
        tried=_tried(row.act),
        act=veils.answers(
            row.act.get("answers") or row.act.get("payload") or row.act.get("arguments") or {}
        ),
        attempts=row.attempts,
        raised_at=row.raised_at,
        last_at=row.last_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        resolution=row.resolution,
        story=tuple(
            StoryLine(
                datetime.fromisoformat(line["at"]),
                line["by"],
                Words(line["zh"], line["en"]),
                line["reason"],
            )
            for line in row.story
        ),
        job_id=row.job_id,
        task_id=row.task_id,
    )


def _tried(act: Mapping[str, Any]) -> Words:
    by, name = act.get("by", ""), act.get("name")
    if act.get("kind") == "job":
        title = title_of(act["operation"])
        return Words(f"后台任务：{title.zh}", f"a job: {title.en}")
    told = {
        "complete": Words(f"{by} 办理这一步", f"{by} completed the step"),
        "fire": Words("到期后自动进行", "it fell due"),
        "message": Words(f"{by} 送来消息 {name}", f"{by} sent the message {name}"),
        "file": Words(f"{by} 提交申请", f"{by} filed an application"),
        "follow_up": Words(f"{by} 启动后续办理", f"{by} began a follow-up"),
    }
    return told.get(str(act.get("kind")), Words("–", "–"))


def get(office: Office, actor: Actor, incident_id: UUID, *, now: datetime) -> IncidentDetail:
    """One incident with its case's diagrams, the data at hand and what may be done."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        found = session.execute(_found().where(models.Incident.id == incident_id)).first()
        if found is None:
            raise NotFound("没有这个故障。", "there is no such incident")
        row, number = found
        case = session.get(models.Case, row.case_id) if row.case_id else None
        procedure = office.procedure(session, case.definition_id) if case else None
        standing = _standing(session, procedure, row, case) if procedure and case else _NOWHERE
        view = _view(row, number)
        return IncidentDetail(
            incident=view,
            diagrams=cases.diagrams(office, actor, number, now=now) if number else (),
            form=_form(office, session, procedure, row, now),
            answers=view.act,
            variables=veils.answers(standing[0]),
            waits=standing[1],
            targets=standing[2],
            proposal=_proposal(procedure, row),
            needs_second=token_moves.needs_second(session),
            actions=_actions(row, standing[1]),
        )


def _actions(row: models.Incident, waits: tuple[Place, ...]) -> frozenset[str]:
    if row.resolved_at is not None:
        return frozenset()
    found = {"retry"}
    found |= {"answer"} if row.kind != "job" else set()
    found |= {"move"} if waits else set()
    return frozenset(found)


def _form(
    office: Office,
    session: Session,
    procedure: Procedure | None,
    row: models.Incident,
    now: datetime,
) -> Mapping[str, Any]:
    if row.kind == "filing":
        _, drawn = office.in_force(session, row.act["procedure"], office.calendar().local_date(now))
        return drawn.form("application")
    if row.kind == "follow_up" and procedure is not None:
        return procedure.form(procedure.follow_ups[row.act["key"]].form)
    task = session.get(models.Task, row.task_id) if row.task_id else None
    return forms.schema_of(session, procedure, task) if procedure and task else {}


Standing = tuple[dict[str, Any], tuple[Place, ...], dict[str, tuple[Place, ...]]]
_NOWHERE: Standing = ({}, (), {})


def _standing(
    session: Session, procedure: Procedure, row: models.Incident, case: models.Case
) -> Standing:
    """Process variables, where the case stands, and where each token could be put."""
    held = models.ProcessInstance
    found = select(held).where(held.case_id == case.id, held.is_finished.is_(False))
    data: dict[str, Any] = {}
    waits: list[Place] = []
    targets: dict[str, tuple[Place, ...]] = {}
    for each in session.scalars(found.order_by(held.started_at)):
        live = stepper.load(procedure, each.process_id, each.state)
        data.update(_variables(live))
        for wait in live.waits.values():
            waits.append(_place(procedure, wait.element, wait.id))
            could = token_move.targets(live, wait.id)
            targets[str(wait.id)] = tuple(_place(procedure, one) for one in could)
    waits.sort(key=lambda place: place.wait_id != row.task_id)
    return data, tuple(waits), targets


def _variables(live: Instance) -> dict[str, Any]:
    known = live.procedure.variables
    return {
        name: value
        for wait in live.waits.values()
        for name, value in sorted(wait.data.items())
        if name in known
    }


def _place(procedure: Procedure, element: Element, wait_id: UUID | None = None) -> Place:
    drawing = procedure.drawings[element.process_id]
    return Place(
        element.process_id, element.id, element.title, drawing.title, element.kind, wait_id
    )


def _proposal(procedure: Procedure | None, row: models.Incident) -> Proposal | None:
    told = row.proposal
    if not told or procedure is None:
        return None
    origin = procedure.element(*told["origin"].split(":"))
    target = procedure.element(told["process_id"], told["element_id"])
    return Proposal(
        by=told["by"],
        at=datetime.fromisoformat(told["at"]),
        wait_id=UUID(told["wait_id"]),
        origin=origin.title,
        process_id=told["process_id"],
        element_id=told["element_id"],
        target=target.title,
        alone=told["alone"],
        reason=told["reason"],
    )


def retry(office: Office, actor: Actor, incident_id: UUID, *, now: datetime) -> RepairPlan:
    """Try again as it was. Conflict when resolved; StepFailed when it fails again."""
    return repair(office, actor, incident_id, Correction(), now=now)


def answer(
    office: Office,
    actor: Actor,
    incident_id: UUID,
    correction: Correction,
    *,
    now: datetime,
    is_preview: bool = False,
) -> RepairPlan:
    """Try again with corrected answers or process variables, or show what that would do."""
    return repair(office, actor, incident_id, correction, now=now, is_preview=is_preview)


def second_is_required(office: Office) -> bool:
    with office.uow.read() as session:
        return token_moves.needs_second(session)
