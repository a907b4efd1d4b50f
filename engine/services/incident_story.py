"""The row of an incident: how it is written down once, counted, told and resolved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.numbering import next_number
from engine.services.casework import Casework

UNTITLED = Words("")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What got stuck where, and what was tried. `act`: JSON values only."""

    kind: str
    cause: Words
    title: Words = UNTITLED
    place: tuple[str, str] | None = None
    case_id: UUID | None = None
    task_id: UUID | None = None
    timer_id: UUID | None = None
    job_id: UUID | None = None
    act: Mapping[str, Any] = field(default_factory=dict)
    #: tells two acts apart that fail alike and must both be kept: messages, filings
    key: str = ""

    @property
    def fingerprint(self) -> str:
        held = (self.task_id, self.timer_id, self.job_id)
        known = (self.kind, self.case_id, self.place, held, self.key, self.cause.zh[:200])
        return sha256(repr(known).encode()).hexdigest()


def write_down(session: Session, trouble: Trouble, *, now: datetime) -> models.Incident:
    """The open incident of this failure: a new one, or one more attempt at the one there is.

    The caller holds the case's lock where the trouble has a case.
    """
    incident = models.Incident
    same = select(incident).where(
        incident.fingerprint == trouble.fingerprint, incident.resolved_at.is_(None)
    )
    known = session.scalar(same.with_for_update())
    if known is not None:
        known.attempts += 1
        known.last_at, known.act = now, dict(trouble.act)
        return known
    fresh = _row(session, trouble, now)
    session.add(fresh)
    session.flush()
    return fresh


def _row(session: Session, trouble: Trouble, now: datetime) -> models.Incident:
    number = next_number(session, f"incident:{now.year}")
    process_id, element_id = trouble.place or (None, None)
    return models.Incident(
        id=uuid4(),
        number=f"GZ{now.year}-{number:04d}",
        kind=trouble.kind,
        case_id=trouble.case_id,
        job_id=trouble.job_id,
        timer_id=trouble.timer_id,
        task_id=trouble.task_id,
        process_id=process_id,
        element_id=element_id,
        title=trouble.title.zh,
        title_en=trouble.title.en,
        cause=trouble.cause.zh[:4000],
        cause_en=trouble.cause.en[:4000],
        act=dict(trouble.act),
        fingerprint=trouble.fingerprint,
        attempts=1,
        raised_at=now,
        last_at=now,
        story=[],
    )


def tell(
    incident: models.Incident, who: str, told: Words, *, reason: str = "", now: datetime
) -> None:
    """One more line of its story."""
    line = {"at": now.isoformat(), "by": who, "zh": told.zh, "en": told.en, "reason": reason}
    incident.story = [*incident.story, line]


def resolve(
    incident: models.Incident,
    case: models.Case | None,
    *,
    who: str,
    how: str,
    now: datetime,
) -> None:
    """Closed; the row and its story stay. The caller holds the case's lock."""
    if incident.resolved_at is not None:
        return
    incident.resolved_at, incident.resolved_by, incident.resolution = now, who, how
    incident.proposal = None
    if case is not None and case.open_incidents > 0:
        case.open_incidents -= 1


def pass_by(work: Casework, tasks: Collection[UUID], timers: Collection[UUID]) -> None:
    """The case has gone on past tasks and timers: what was stuck there is stuck no more."""
    incident = models.Incident
    stuck = select(incident).where(
        incident.case_id == work.case.id,
        incident.resolved_at.is_(None),
        or_(incident.task_id.in_(tasks), incident.timer_id.in_(timers)),
    )
    for row in work.session.scalars(stuck):
        told = Words("办件已经走过这一步。", "the case has gone on past this step")
        tell(row, work.actor.username, told, now=work.now_at)
        resolve(row, work.case, who=work.actor.username, how="passed", now=work.now_at)
