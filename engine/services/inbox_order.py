"""The inbox in the order of one of its columns: of the whole list, or not at all.

By their end open tasks are found in an index, either way. By anything else a list is sorted when it is
asked for, which is done where it is short enough to be read whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from engine.persistence import models

Column = InstrumentedAttribute[Any] | ColumnElement[Any]
#: By which an index finds open tasks, however many.
END = "due"


@dataclass(frozen=True, slots=True)
class By:
    """A column, and whether from its last value down."""

    key: str
    is_down: bool = False

    def needs_whole(self, scope: str) -> bool:
        """Whether the list must be read whole before its first row is known."""
        return self.key != END or scope == "done"

    @property
    def column(self) -> Column:
        return COLUMNS[self.key]

    def of(self, value: Any, task_id: Any) -> tuple[Any, Any]:
        """The order of rows by this column, their ids settling the rest."""
        if self.is_down:
            return value.desc(), task_id.desc()
        return value.asc(), task_id.asc()


def read(told: str) -> By | None:
    """`due`, or `-due` for the other way round; None for what no list is sorted by."""
    by = By(told.removeprefix("-"), told.startswith("-"))
    return by if by.key in COLUMNS else None


def _holder() -> Column:
    person = models.Person
    named = select(person.name).where(person.username == models.Task.assignee)
    return func.coalesce(named.correlate(models.Task).scalar_subquery(), "")


def _moment(column: InstrumentedAttribute[Any]) -> Column:
    """What has not come yet stands behind all that has."""
    return func.coalesce(column, literal(datetime(9999, 1, 1, tzinfo=UTC), column.type))


COLUMNS: Mapping[str, Column] = {
    END: _moment(models.Task.due_at),
    "subject": models.Case.subject_name,
    "number": models.Case.number,
    "procedure": models.Case.procedure,
    "who": _holder(),
    "assignee": _holder(),
    "code": models.Case.subject_code,
    "applicant": models.Case.applicant_name,
    "channel": models.Case.channel,
    "filed": models.Case.filed_at,
    "accepted": _moment(models.Case.accepted_at),
    "case_due": _moment(models.Case.due_at),
    "since": models.Task.created_at,
}
