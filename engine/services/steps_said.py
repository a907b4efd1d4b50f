"""What was said on the way of a case: the answers of its done steps and what it was told, newest first.

For whoever decides next: an opinion is read where it is needed, not in the task of another.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.views import CaseFile, Said
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import access, case_view, messages, veils
from engine.services.case_reading import CaseReading
from engine.services.office import Office
from engine.services.stepping import BESIDE

#: Steps after the decision that judge the service, not the matter.
_OF_SERVICE = "closing"
_FOLLOW_UP = "follow_up_begun"


def with_case(office: Office, actor: Actor, number: str, *, now: datetime) -> CaseFile:
    """For the offices. Errors: NotFound for a case the reader may not see, and for enterprises."""
    with office.uow.read() as session:
        case = access.visible_case(session, actor, number)
        if actor.is_enterprise:
            raise NotFound("没有这个办件。", "there is no such case")
        reading = CaseReading(office, session, case, actor, now)
        return CaseFile(case_view.whole(reading), said_in(reading))


def said_in(reading: CaseReading) -> tuple[Said, ...]:
    """The newest first."""
    told = (*_steps(reading), *_messages(reading), *_follow_ups(reading))
    return tuple(sorted(told, key=lambda each: each.at, reverse=True))


def _steps(reading: CaseReading) -> Iterator[Said]:
    beside = (*BESIDE, _OF_SERVICE)
    for task in reading.tasks:
        if task.state != "completed" or task.process_id in beside or task.completed_at is None:
            continue
        element = reading.element(task)
        yield Said(
            title=element.title,
            who=reading.holder_of(task),
            at=task.completed_at,
            form=reading.procedure.form(element.form or element.id),
            answers=veils.answers(task.answers or {}),
        )


def _messages(reading: CaseReading) -> Iterator[Said]:
    row = models.InboundMessage
    found = select(row).where(row.case_id == reading.case.id)
    for message in reading.session.scalars(found):
        form = _form_of(reading.procedure, message.name)
        if form:
            yield Said(
                title=messages.TITLES.get(message.name, Words(message.name)),
                who=Words(""),
                at=message.received_at,
                form=form,
                answers=veils.answers(message.payload),
            )


def _form_of(procedure: Procedure, message: str) -> Mapping[str, Any]:
    """The form on which it was told; {} for what a platform reports."""
    kinds = [
        each for each in procedure.follow_ups.values() if message in (each.tells, each.message)
    ]
    return procedure.forms.get(kinds[0].form if kinds else message, {})


def _follow_ups(reading: CaseReading) -> Iterator[Said]:
    if reading.case.closed_at is None:
        return
    row = models.Event
    begun = select(row).where(row.case_id == reading.case.id, row.kind == _FOLLOW_UP)
    for event in reading.session.scalars(begun):
        kind = reading.procedure.follow_ups.get(str(event.changes.get("follow_up")))
        if kind is not None:
            yield Said(
                title=kind.title,
                who=Words(event.actor_name),
                at=event.at,
                form=reading.procedure.form(kind.form),
                answers=veils.answers(event.changes),
            )
