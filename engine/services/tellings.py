"""What people may tell an open case, by a button: [follow_up.NAME] tells, in procedure.toml."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.domain.actor import Actor
from engine.domain.errors import Invalid, NotPermitted
from engine.domain.form import counted, validate
from engine.runtime.procedure import FollowUp
from engine.services import access, follow_ups, messages
from engine.services.office import Office


def act(
    office: Office,
    actor: Actor,
    number: str,
    key: str,
    answers: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """Begin a follow-up on a closed case, or tell the open one what it waits for.

    Errors: NotFound, NotPermitted, Invalid with fields; Conflict when nothing waits for it.
    """
    told = _telling(office, actor, number, key)
    if told is None:
        follow_ups.start(office, actor, number, key, answers, now=now)
        return
    kind, form, may = told
    if not may:
        raise NotPermitted("您的岗位不能这样办。", "your group may not do this")
    problems = validate(form, answers, today=office.calendar().local_date(now))
    if problems:
        raise Invalid("有未填或填错的内容。", "something is missing or wrong", fields=problems)
    sent = counted(form, answers)
    messages.receive(office, actor, number, kind.tells, sent, now=now, must_be_awaited=True)


def _telling(
    office: Office, actor: Actor, number: str, key: str
) -> tuple[FollowUp, Mapping[str, Any], bool] | None:
    """The telling of that name, its form, and whether the actor may; None for a follow-up."""
    with office.uow.read() as session:
        held = access.visible_case(session, actor, number)
        procedure = office.procedure(session, held.definition_id)
        kind = procedure.follow_ups.get(key)
        if kind is None or not kind.tells:
            return None
        return kind, procedure.form(kind.form), follow_ups.may_begin(actor, kind, held)
