"""Fires armed timers: their rows are the truth, the case is locked, all or nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.domain.actor import SYSTEM
from engine.persistence import models
from engine.persistence.numbering import holds_series
from engine.runtime import stepper
from engine.runtime.stepper import Instance, Step
from engine.services.calendar_application import catch_up
from engine.services.casework import Casework
from engine.services.office import Office
from engine.services.stepping import Driven, drive, open_casework, settle

_ARMED = (
    select(models.Timer, models.ProcessInstance, models.Case)
    .select_from(models.Case)
    .join(models.ProcessInstance, models.ProcessInstance.case_id == models.Case.id)
    .join(models.Timer, models.Timer.instance_id == models.ProcessInstance.id)
    .where(
        models.Timer.id == bindparam("timer_id"),
        models.Timer.fired_at.is_(None),
        models.Timer.due_at <= bindparam("moment"),
    )
    .with_for_update(skip_locked=True)
)


def fire_timer(office: Office, timer_id: UUID, *, now: datetime) -> bool:
    """Fire one due timer; False when it is gone, not due, or its case is in other hands."""
    driven = Driven()
    with office.uow.begin() as session:
        is_fired = fire_within(office, session, timer_id, driven, now=now)
    driven.put_back(office)
    return is_fired


def fire_several(office: Office, timer_ids: Sequence[UUID], *, now: datetime) -> tuple[int, int]:
    """Fire due timers of different cases, one of each, in one transaction: (looked at, fired).

    It ends early with one that has taken a number, for which others wait. Whatever goes wrong undoes
    them all; the caller then fires each by itself.
    """
    driven, looked_at, fired = Driven(), 0, 0
    with office.uow.begin() as session:
        for timer_id in timer_ids:
            looked_at += 1
            fired += fire_within(office, session, timer_id, driven, now=now)
            if holds_series(session):
                break
    driven.put_back(office)
    return looked_at, fired


def fire_within(
    office: Office,
    session: Session,
    timer_id: UUID,
    driven: Driven,
    *,
    now: datetime,
    corrections: Mapping[str, Any] | None = None,
) -> bool:
    """The firing within a transaction of the caller's; `corrections` as in completion.Attempt."""
    found = session.execute(_ARMED, {"timer_id": timer_id, "moment": now}).first()
    if found is None:
        return False
    armed, instance, case = found
    work = open_casework(office, session, case, SYSTEM, now)
    catch_up(work, instance)
    if armed.due_at > now:  # the calendar has moved it
        return False
    armed.fired_at = now
    work.fired = timer_id

    def act(inner: Casework, live: Instance) -> Step | None:
        held = live.timers.get(timer_id)
        if held is not None:
            title = held.element.title
            inner.note("timer_fired", title, element=held.element)
        stepper.correct(live, corrections or {})
        return stepper.fire(live, timer_id, inner)

    drive(work, instance, act, driven)
    settle(work, driven)
    return True
