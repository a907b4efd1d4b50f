"""Which versions are deployed: asked on every page, so from memory; their files are not read."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.services.office import Office

_ROW = models.ProcessDefinition
_ALL = select(
    _ROW.id,
    _ROW.procedure,
    _ROW.version,
    _ROW.effective_from,
    _ROW.effective_to,
    _ROW.deployed_at,
).order_by(_ROW.effective_from, _ROW.version, _ROW.id)


@dataclass(frozen=True, slots=True)
class Deployed:
    """One version. It never changes; another process learns of a new one within seconds."""

    id: UUID
    procedure: str
    version: int
    effective_from: date
    effective_to: date | None
    deployed_at: datetime

    def is_in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


def versions(office: Office) -> tuple[Deployed, ...]:
    """All of all procedures: the newest version of the latest edition comes last."""
    return office.deployed.get(lambda: _read(office), office.real_now())


def _read(office: Office) -> tuple[Deployed, ...]:
    with office.uow.glance() as connection:
        return tuple(Deployed(*row) for row in connection.execute(_ALL))


def version(office: Office, session: Session, definition_id: UUID) -> int:
    """The number of a version."""
    for each in versions(office):
        if each.id == definition_id:
            return each.version
    return session.get_one(_ROW, definition_id).version  # deployed a moment ago


def current(office: Office, procedure: str, today: date) -> Deployed | None:
    """The newest version of the edition in force on that day."""
    fitting = (e for e in versions(office) if e.procedure == procedure and e.is_in_force(today))
    return max(fitting, key=lambda each: (each.effective_from, each.version), default=None)
