"""What a caseworker wants to see of each case in the inbox: chosen once, shown in every list."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.errors import Invalid, NotPermitted
from engine.domain.form import can_be_kept
from engine.domain.views import Matter
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import StageKind
from engine.services import access, veils
from engine.services.office import Office

#: As many as a row has room for.
MOST = 6


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How somebody's inbox looks: the keys of its columns in their order, and whether it is a table."""

    columns: tuple[str, ...] = ()
    is_table: bool = False


def arrangement(office: Office, actor: Actor) -> Arrangement:
    """What the actor chose; as usual for who never did."""
    row = models.DeskChoice
    asked = select(row.columns, row.is_table).where(row.owner == actor.username)
    with office.uow.glance() as connection:
        held = connection.execute(asked).first()
    return Arrangement(tuple(held[0]), held[1]) if held else Arrangement()


def choose(office: Office, actor: Actor, columns: Sequence[str]) -> None:
    """Keep the actor's columns. Invalid for more than MOST."""
    wanted = list(dict.fromkeys(columns))
    if len(wanted) > MOST or not can_be_kept(wanted):
        told = Words(f"最多选 {MOST} 列", f"choose at most {MOST} columns")
        raise Invalid("选得太多。", "too many columns", fields={"column": told})
    _keep(office, actor, columns=wanted)


def show_as(office: Office, actor: Actor, *, is_table: bool) -> None:
    """Keep whether the actor's inbox is a table."""
    _keep(office, actor, is_table=is_table)


def _keep(office: Office, actor: Actor, **chosen: Any) -> None:
    if not actor.is_staff:
        raise NotPermitted("只有工作人员有收件箱。", "for the staff only")
    with office.uow.begin() as session:
        held = session.get(models.DeskChoice, actor.username)
        if held is None:
            held = models.DeskChoice(owner=actor.username, columns=[], is_table=False)
            session.add(held)
        for name, value in chosen.items():
            setattr(held, name, value)


def matters(office: Office, actor: Actor, task_ids: Collection[UUID]) -> Mapping[UUID, Matter]:
    """Of each of these tasks that the actor may see: what its case may show in a column."""
    task, case = models.Task, models.Case
    asked = (
        select(
            task.id,
            case.definition_id,
            case.subject_code,
            case.applicant_name,
            case.channel,
            case.filed_at,
            case.accepted_at,
            case.due_at,
            case.stage,
            case.answers,
        )
        .select_from(task)
        .join(case, case.id == task.case_id)
        .where(task.id.in_(task_ids), access.visible_cases(actor))
    )
    with office.uow.read() as session:
        return {
            row.id: Matter(
                subject_code=row.subject_code,
                applicant_name=row.applicant_name,
                channel=row.channel,
                filed_at=row.filed_at,
                accepted_at=row.accepted_at,
                due_at=row.due_at,
                stage_title=_stage(office.procedure(session, row.definition_id).stages, row.stage),
                answers=veils.answers(row.answers),
            )
            for row in session.execute(asked)
        }


def _stage(stages: Sequence[StageKind], key: str) -> Words:
    return next((each.title for each in stages if each.key == key), Words(key))
