"""Fires armed timers: their rows are the truth, the case is locked, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from engine.services.foreseen import Foreseen
from engine.services.office import Office
from engine.services.stepping import Driven, drive, open_casework, settle

#: Firings of one transaction after one of them took a number: others may wait for the next one.
AFTER_A_NUMBER = 19

_ARMED = (
    select(models.Timer, models.ProcessInstance, models.Case)
    .select_from(models.Case)
    .join(models.ProcessInstance, models.ProcessInstance.case_id == models.Case.id)
    .join(models.Timer, models.Timer.instance_id == models.ProcessInstance.id)
    .where(
        models.Timer.id.in_(bindparam("timer_ids", expanding=True)),
        models.Timer.fired_at.is_(None),
        models.Timer.due_at <= bindparam("moment"),
    )
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class Armed:
    """The locked rows of a timer that is due."""

    timer: models.Timer
    instance: models.ProcessInstance
    case: models.Case


def fire_timer(office: Office, timer_id: UUID, *, now: datetime) -> bool:
    """Fire one due timer; False when it is gone, not due, or its case is in other hands."""
    driven = Driven()
    with office.uow.begin() as session:
        is_fired = fire_within(office, session, timer_id, driven, now=now)
    driven.put_back(office)
    return is_fired


def fire_several(office: Office, timer_ids: Sequence[UUID], *, now: datetime) -> tuple[int, int]:
    """Fire due timers of different cases, one of each, in one transaction: (looked at, fired).

    It ends soon after one that has taken a number, for which others wait. Whatever goes wrong undoes
    them all; the caller then fires each by itself.
    """
    driven, looked_at, fired, last = Driven(), 0, 0, len(timer_ids)
    with office.uow.begin() as session:
        armed = _armed(session, timer_ids, now)
        edition = office.calendar().edition
        foreseen = Foreseen(
            session,
            # a case that is behind the calendar is moved first, by statements of their own
            (e.case for e in armed.values() if e.instance.calendar_edition >= edition),
        )
        while looked_at < last:
            found = armed.get(timer_ids[looked_at])
            looked_at += 1
            fired += found is not None and _fire(office, session, found, driven, now, {}, foreseen)
            if holds_series(session):
                last = min(last, looked_at + AFTER_A_NUMBER)
    driven.put_back(office)
    return looked_at, fired


def _armed(session: Session, timer_ids: Sequence[UUID], now: datetime) -> dict[UUID, Armed]:
    """Those that are due and whose case is in nobody's hands, locked; by one statement."""
    found = session.execute(_ARMED, {"timer_ids": timer_ids, "moment": now})
    return {row[0].id: Armed(*row) for row in found}


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
    found = _armed(session, [timer_id], now).get(timer_id)
    return found is not None and _fire(office, session, found, driven, now, corrections or {})


def _fire(
    office: Office,
    session: Session,
    armed: Armed,
    driven: Driven,
    now: datetime,
    corrections: Mapping[str, Any],
    foreseen: Foreseen | None = None,
) -> bool:
    timer_id = armed.timer.id
    work = open_casework(office, session, armed.case, SYSTEM, now)
    if foreseen is not None and armed.case.id in foreseen.case_ids:
        work.foreseen = foreseen
    catch_up(work, armed.instance)
    if armed.timer.due_at > now:  # the calendar has moved it
        return False
    armed.timer.fired_at = now
    work.fired = timer_id

    def act(inner: Casework, live: Instance) -> Step | None:
        held = live.timers.get(timer_id)
        if held is not None:
            event = held.event or held.element
            inner.note("timer_fired", event.title, element=event)
        stepper.correct(live, corrections)
        return stepper.fire(live, timer_id, inner)

    drive(work, armed.instance, act, driven)
    settle(work, driven)
    return True
