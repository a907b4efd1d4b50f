"""In whose name, at which moment and in which transaction what follows from an act is written."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.services.office import Office


@dataclass(frozen=True, slots=True)
class Writing:
    """One hand in one transaction; `now` is the moment of record of all that it writes."""

    office: Office
    session: Session
    actor: Actor
    now: datetime

    @property
    def today(self) -> date:
        """The day at the office."""
        return self.office.calendar().local_date(self.now)
