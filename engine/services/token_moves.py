"""Moves the token of a stuck case to another element: planned, confirmed with a reason, told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, Invalid, NotPermitted
from engine.domain.views import RepairPlan
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import token_move
from engine.runtime.stepper import Instance, Step
from engine.services import second_person, timers
from engine.services.calendar_application import catch_up
from engine.services.casework import Casework
from engine.services.incident_repair import Correction, check, locked
from engine.services.incident_story import resolve, tell
from engine.services.office import Office
from engine.services.repair_plan import carry_out
from engine.services.second_person import SecondPersonRule
from engine.services.stepping import Driven, drive, open_casework, settle

SETTING = "token_moves"


@dataclass(frozen=True, slots=True)
class Move:
    """From the place at which the case waits to another element of its processes."""

    wait_id: UUID
    process_id: str
    element_id: str
    reason: str = ""
    alone: bool = False  # everything else at work in that process is cancelled as well


def needs_second(session: Session) -> bool:
    """Whether a move must be confirmed by another administrator than who proposed it."""
    return second_person.rule(session, SETTING).needs_second


def require_second(office: Office, actor: Actor, *, is_required: bool) -> SecondPersonRule:
    """As second_person.require."""
    now = office.now()
    return second_person.require(office, actor, SETTING, is_required=is_required, now=now)


def move(
    office: Office,
    actor: Actor,
    incident_id: UUID,
    wanted: Move,
    *,
    now: datetime,
    is_preview: bool = False,
) -> RepairPlan:
    """Apply, propose (where a second person is asked for) or only show a move.

    Errors: NotFound, Conflict, Invalid without a reason, for an element that is no target, or for a
    move after which the process could never end.
    """
    actor.must(Permission.ADMINISTER)
    if not is_preview and not wanted.reason.strip():
        raise Invalid("请写明理由。", "a reason is needed", fields={"reason": "请写明理由。"})
    case_id = check(office, incident_id, Correction())
    if case_id is None:
        raise Conflict("这个故障不属于任何办件。", "this incident belongs to no case")
    with office.uow.read() as session:
        must_wait = needs_second(session) and not is_preview
    plan = _planned(
        office, actor, incident_id, case_id, wanted, now, keep=not must_wait and not is_preview
    )
    return _propose(office, actor, incident_id, wanted, plan, now) if must_wait else plan


def confirm(office: Office, actor: Actor, incident_id: UUID, *, now: datetime) -> RepairPlan:
    """The second administrator agrees to a proposed move. NotPermitted for the first one."""
    actor.must(Permission.ADMINISTER)
    case_id = check(office, incident_id, Correction())
    with office.uow.read() as session:
        told = session.get_one(models.Incident, incident_id).proposal
        if not told or case_id is None:
            raise Conflict("没有等待确认的移动。", "no move waits to be confirmed")
        if told["by"] == actor.username:
            raise NotPermitted("须由另一位管理员确认。", "another administrator has to confirm it")
        second_person.must_be_another(office, session, actor, told["by"])
    wanted = Move(
        UUID(told["wait_id"]), told["process_id"], told["element_id"], told["reason"], told["alone"]
    )
    return _planned(office, actor, incident_id, case_id, wanted, now, keep=True, first=told["by"])


def _planned(
    office: Office,
    actor: Actor,
    incident_id: UUID,
    case_id: UUID,
    wanted: Move,
    now: datetime,
    *,
    keep: bool,
    first: str = "",
) -> RepairPlan:
    def act(session: Session, driven: Driven) -> None:
        incident, case = locked(session, incident_id)
        assert case is not None  # noqa: S101 - checked before
        work = open_casework(office, session, case, actor, now)
        _move(work, incident, wanted, driven, first)

    return carry_out(office, case_id, act, is_preview=not keep, now=now)


def _move(
    work: Casework, incident: models.Incident, wanted: Move, driven: Driven, first: str
) -> None:
    row, place = instance_of(work.session, work.case.id, wanted.wait_id)
    catch_up(work, row)
    timers.must_have_fired(work.session, [row], now=work.now_at)
    origin = work.procedure.element(*place)
    resolve(incident, work.case, who=work.actor.username, how="moved", now=work.now_at)

    def act(inner: Casework, live: Instance) -> Step:
        return token_move.move(
            live, wanted.wait_id, wanted.process_id, wanted.element_id, inner, alone=wanted.alone
        )

    drawing = work.procedure.drawings.get(wanted.process_id)
    target = drawing.elements.get(wanted.element_id) if drawing else None
    title = target.title if target else Words(wanted.element_id)
    told = Words(
        f"移动办件：{origin.title.zh} → {title.zh}",
        f"moved from {origin.title.en or origin.id} to {title.en or wanted.element_id}",
    )
    changes: dict[str, Any] = {
        "from": f"{place[0]}:{place[1]}",
        "to": f"{wanted.process_id}:{wanted.element_id}",
        "alone": wanted.alone,
        **({"proposed_by": first} if first else {}),
    }
    work.note("token_moved", told, detail=wanted.reason, changes=changes, element=origin)
    tell(incident, work.actor.username, told, reason=wanted.reason, now=work.now_at)
    drive(work, row, act, driven)
    settle(work, driven)


def instance_of(
    session: Session, case_id: UUID, wait_id: UUID
) -> tuple[models.ProcessInstance, tuple[str, str]]:
    """The instance, locked, and the place of an open task or wait of the case."""
    for table in (models.Task, models.Wait):
        row = models.ProcessInstance
        found = session.execute(
            select(row, table.process_id, table.element_id)
            .join(table, table.instance_id == row.id)
            .where(table.id == wait_id, row.case_id == case_id)
            .with_for_update(of=row)
        ).first()
        if found is not None:
            return found[0], (found[1], found[2])
    raise Conflict("办件已不在这一步。", "the case does not stand there any more")


def _propose(
    office: Office,
    actor: Actor,
    incident_id: UUID,
    wanted: Move,
    plan: RepairPlan,
    now: datetime,
) -> RepairPlan:
    with office.uow.begin() as session:
        incident, case = locked(session, incident_id)
        assert case is not None  # noqa: S101 - checked before
        _, place = instance_of(session, case.id, wanted.wait_id)
        incident.proposal = {
            "by": actor.username,
            "at": now.isoformat(),
            "wait_id": str(wanted.wait_id),
            "origin": f"{place[0]}:{place[1]}",
            "process_id": wanted.process_id,
            "element_id": wanted.element_id,
            "alone": wanted.alone,
            "reason": wanted.reason,
        }
        told = Words(
            f"提议移到 {wanted.element_id}，等另一位管理员确认",
            f"proposed a move to {wanted.element_id}, to be confirmed by another administrator",
        )
        tell(incident, actor.username, told, reason=wanted.reason, now=now)
    return RepairPlan(is_applied=False, lines=plan.lines, awaits_second=True)
