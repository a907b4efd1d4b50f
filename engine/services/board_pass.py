"""All of the board out of one pass over the places of open cases, summed up by the database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from engine.persistence.copies import OUTSIDE
from engine.services.places import NOBODY, Places

#: Of what ends today there is room for more: it can still be done.
MOST_TODAY = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """`n` places that are alike: row and column of the board's matrix, and what else is summed up."""

    row: str
    column: str
    procedure: str
    light: str
    age: str
    is_due_today: bool
    person: str | None
    holder: str
    is_task: bool
    n: int


@dataclass(frozen=True, slots=True)
class Passed:
    """late, today: the first places of lists."""

    cells: Sequence[Cell]
    late: tuple[UUID, ...]
    today: tuple[UUID, ...]

    @property
    def loads(self) -> list[Cell]:
        """The tasks that somebody in the offices has in hand."""
        return [cell for cell in self.cells if cell.is_task and not cell.holder.startswith(OUTSIDE)]


def _person(place: Any) -> str:
    """As `Places.person`, of a counted row."""
    holder: str = place.holder
    return holder if holder.startswith(OUTSIDE) else place.person or NOBODY


@dataclass(frozen=True, slots=True)
class _Dimension:
    """What a board is by: its row and column from a counted row, columns that this needs besides."""

    row: Callable[[Any], str]
    column: Callable[[Any], str]
    needs: Callable[[Places], tuple[Any, ...]] = lambda places: ()


def _procedure(place: Any) -> str:
    procedure: str = place.procedure
    return procedure


_BY: Mapping[str, _Dimension] = {
    "department": _Dimension(lambda place: place.holder, _procedure),
    "procedure": _Dimension(
        _procedure, lambda place: place.stage, lambda places: (places.row.stage,)
    ),
    "step": _Dimension(
        lambda place: f"{place.process_id}:{place.element_id}",
        _procedure,
        lambda places: (places.row.process_id, places.row.element_id),
    ),
    "person": _Dimension(_person, _procedure),
}
DIMENSIONS = tuple(_BY)


def read(session: Session, places: Places, by: str, first: int) -> Passed:
    """The board by one of DIMENSIONS; so many of what is late."""
    return Passed(
        cells=_counted(session, places, _BY[by]),
        late=_first(session, places, places.light == "red", first),
        today=_first(session, places, places.is_due_today, MOST_TODAY),
    )


def _counted(session: Session, places: Places, by: _Dimension) -> list[Cell]:
    keys = (
        places.row.procedure,
        places.light.label("light"),
        places.age.label("age"),
        case((places.is_due_today, 1), else_=0).label("is_due_today"),
        places.row.person,
        places.row.holder,
        places.row.is_task,
        *by.needs(places),
    )
    # what is summed up is named before it is counted: an expression with parameters would not be
    # known again behind GROUP BY
    seen = places.asked(*keys).subquery("seen")
    counted = select(*seen.c, func.count().label("n")).group_by(*seen.c)
    return [
        Cell(
            row=by.row(each),
            column=by.column(each),
            procedure=each.procedure,
            light=each.light,
            age=each.age,
            is_due_today=bool(each.is_due_today),
            person=each.person,
            holder=each.holder,
            is_task=bool(each.is_task),
            n=each.n,
        )
        for each in session.execute(counted)
    ]


def _first(session: Session, places: Places, wanted: Any, most: int) -> tuple[UUID, ...]:
    found = places.asked(places.row.id).where(wanted).order_by(places.due, places.row.id)
    return tuple(session.scalars(found.limit(most)))
