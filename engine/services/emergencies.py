"""Whether an emergency response is in force, and what rests on it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.emergency import (
    Act,
    Emergency,
    EmergencyKind,
    Entry,
    Level,
    closed_because,
    folded,
)
from engine.domain.emergency_views import EmergencyEntryView, EmergencyView, RestingView
from engine.domain.errors import EmergencyNotInForce
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure, holds
from engine.services.office import Office

_ENTRY = models.EmergencyEntry
_CONFIRMED = (
    select(
        _ENTRY.emergency_id, _ENTRY.kind, _ENTRY.title, _ENTRY.act, _ENTRY.effective_on,
        _ENTRY.level, _ENTRY.document,
    )
    .where(_ENTRY.state == "confirmed")
    .order_by(_ENTRY.emergency_id, _ENTRY.sequence)
)  # fmt: skip


def emergency_in_force(
    office: Office, on: date, kind: EmergencyKind = EmergencyKind.PUBLIC_HEALTH
) -> Emergency | None:
    """The response of that kind that is in force on a day, else None."""
    of_kind = (each for each in known(office) if each.kind is kind)
    return next((each for each in of_kind if each.is_in_force(on)), None)


def known(office: Office) -> tuple[Emergency, ...]:
    """Every confirmed response, past, running and to come, by its first day."""
    by_id: dict[UUID, list[Any]] = {}
    with office.uow.glance() as connection:
        for row in connection.execute(_CONFIRMED):
            by_id.setdefault(row.emergency_id, []).append(row)
    found = [
        folded(emergency_id, EmergencyKind(rows[0].kind), rows[0].title, map(_entry, rows))
        for emergency_id, rows in by_id.items()
    ]
    held = [each for each in found if each is not None]
    return tuple(sorted(held, key=lambda each: each.starts_on))


def _entry(row: Any) -> Entry:
    level = Level(row.level) if row.level else None
    return Entry(Act(row.act), row.effective_on, level, row.document)


def closed_today(procedure: Procedure, responses: Sequence[Emergency], on: date) -> Words | None:
    """Why nothing of the procedure may be filed on a day; None when it may, or a part of it may.
    `responses`: all that are known."""
    rule = procedure.emergency
    if rule is None or rule.when is not None:
        return None
    return closed_because(rule.kind, responses, on)


def must_be_open(
    office: Office, procedure: Procedure, answers: Mapping[str, Any], on: date
) -> None:
    """What rests on the response may be filed only while it is in force.

    Errors: EmergencyNotInForce, whose sentence says when it was.
    """
    rule = procedure.emergency
    if rule is None or (rule.when is not None and not holds(rule.when, answers)):
        return
    closed = closed_because(rule.kind, known(office), on)
    if closed is not None:
        asked = sorted(rule.when.names)[:1] if rule.when is not None else []
        fields = dict.fromkeys(asked, closed)
        raise EmergencyNotInForce(closed.zh, closed.en, fields=fields)


# ── what readers see ────────────────────────────────────────────────────────────────────────────


def published(office: Office, *, now: datetime) -> tuple[EmergencyView, ...]:
    """Every confirmed response, the newest first, without who proposed what. For anybody."""
    today = office.calendar().local_date(now)
    found = [_view(each, today, ()) for each in known(office)]
    return tuple(sorted(found, key=lambda each: each.starts_on, reverse=True))


def listed(office: Office, actor: Actor, *, now: datetime) -> tuple[EmergencyView, ...]:
    """Every response with its acts, those that wait for a second person too."""
    actor.must(Permission.ADMINISTER)
    today, by_id = office.calendar().local_date(now), {each.id: each for each in known(office)}
    entry, rows = models.EmergencyEntry, dict[UUID, list[models.EmergencyEntry]]()
    with office.uow.read() as session:
        for row in session.scalars(select(entry).order_by(entry.sequence)):
            rows.setdefault(row.emergency_id, []).append(row)
        names = _names(session)
    views = [
        _view(
            by_id.get(emergency_id) or _as_proposed(held[0]),
            today,
            tuple(_entry_view(each, actor, names) for each in reversed(held)),
            is_known=emergency_id in by_id,
        )
        for emergency_id, held in rows.items()
    ]
    return tuple(sorted(views, key=lambda each: each.starts_on, reverse=True))


def resting(office: Office, actor: Actor, *, now: datetime) -> tuple[RestingView, ...]:
    """What rests on a response: procedures as they are in force today, with their open cases."""
    actor.must(Permission.ADMINISTER)
    today, definition, case = (
        office.calendar().local_date(now),
        models.ProcessDefinition,
        models.Case,
    )
    responses, found = known(office), []
    with office.uow.read() as session:
        counted = select(case.procedure, func.count()).where(case.state == "open")
        live = {row[0]: row[1] for row in session.execute(counted.group_by(case.procedure))}
        newest = select(definition).order_by(definition.effective_from, definition.version)
        by_key = {
            row.procedure: row.id for row in session.scalars(newest) if row.effective_from <= today
        }
        for key, definition_id in sorted(by_key.items()):
            procedure = office.procedure(session, definition_id)
            rule = procedure.emergency
            if rule is not None:
                is_open = closed_because(rule.kind, responses, today) is None
                told = (procedure.title, rule.part, is_open, live.get(key, 0))
                found.append(RestingView(key, *told))
    return tuple(found)


def _as_proposed(row: models.EmergencyEntry) -> Emergency:
    level = Level(row.level) if row.level else Level.FOURTH
    steps = ((row.effective_on, level),)
    return Emergency(
        row.id, EmergencyKind(row.kind), row.title, row.effective_on, None, steps, row.document
    )


def _view(
    told: Emergency,
    today: date,
    entries: tuple[EmergencyEntryView, ...],
    *,
    is_known: bool = True,
) -> EmergencyView:
    level = told.level_on(today) if is_known else None
    return EmergencyView(
        id=told.id,
        kind=told.kind.value,
        kind_title=told.kind.words,
        title=told.title,
        state=_state(told, today) if is_known else entries[-1].state,
        starts_on=told.starts_on,
        ends_on=told.ends_on,
        level=level.value if level else None,
        level_title=level.words if level else None,
        document=told.document,
        entries=entries,
    )


def _state(told: Emergency, today: date) -> str:
    if today < told.starts_on:
        return "coming"
    return "in_force" if told.is_in_force(today) else "ended"


def _entry_view(
    row: models.EmergencyEntry, actor: Actor, names: Mapping[str, str]
) -> EmergencyEntryView:
    level = Level(row.level) if row.level else None
    return EmergencyEntryView(
        id=row.id,
        act=row.act,
        act_title=Act(row.act).words,
        on=row.effective_on,
        level=row.level,
        level_title=level.words if level else None,
        document=row.document,
        reason=row.reason,
        state=row.state,
        proposed_by=names.get(row.proposed_by, row.proposed_by),
        proposed_at=row.proposed_at,
        decided_by=names.get(row.decided_by or "", row.decided_by),
        decided_at=row.decided_at,
        decision_note=row.decision_note,
        may_decide=row.state == "proposed" and row.proposed_by != actor.username,
    )


def _names(session: Session) -> dict[str, str]:
    person, entry = models.Person, models.EmergencyEntry
    wanted = select(entry.proposed_by).union(select(entry.decided_by))
    found = select(person.username, person.name).where(person.username.in_(wanted))
    return {row[0]: row[1] for row in session.execute(found)}
