"""Steps whose clock has a say in their end: where a change of the calendar puts them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from engine.domain.calendar_recount import End
from engine.services.office import Office
from engine.services.step_ends import Tie, tie_of


class Ties:
    """What was counted of the running clocks of one search, for the steps that end with them."""

    def __init__(self, office: Office, session: Session) -> None:
        self._office, self._session = office, session
        self._ends: dict[tuple[UUID, str], tuple[datetime, End]] = {}
        self._tied: dict[tuple[UUID, str, str], Tie | None] = {}

    def counted(self, case_id: UUID, key: str, *, before: datetime, after: End) -> None:
        """A running clock, its end as stored and by the new calendar."""
        self._ends[case_id, key] = (before, after)

    def end_of(self, row: Row[Any], own: End) -> End:
        """Where a task or wait ends by the new calendar, as `step_ends.end_of` would say;
        `own`: by its limit alone."""
        tie = self._tie_of(row.definition_id, row.process_id, row.element_id)
        found = self._ends.get((row.case_id, tie.clock)) if tie is not None else None
        if tie is None or found is None:
            return own
        before, clock = found
        if tie.is_for_it_alone:
            return clock if row.due_at == before else own
        return clock if row.start < clock.due_at < own.due_at else own

    def _tie_of(self, definition_id: UUID, process_id: str, element_id: str) -> Tie | None:
        place = (definition_id, process_id, element_id)
        if place not in self._tied:
            procedure = self._office.procedure(self._session, definition_id)
            drawing = procedure.drawings.get(process_id)
            element = drawing.elements.get(element_id) if drawing else None
            self._tied[place] = tie_of(procedure, element) if element else None
        return self._tied[place]
