"""All of the board out of one pass over the places of open cases: a statement, read by its kinds of row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, String, Uuid, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from engine.services.places import OUTSIDE, Places

#: Of what ends today there is room for more: it can still be done.
MOST_TODAY = 20
CELL, LOAD, LATE, TODAY = "cell", "load", "late", "today"


@dataclass(frozen=True, slots=True)
class Passed:
    """cells: places by row, column, procedure, light, age, whether they end today. loads: tasks
    in hand by row (the person), column (the unit), light. late, today: the first places of lists."""

    cells: Sequence[Any]
    loads: Sequence[Any]
    late: tuple[UUID, ...]
    today: tuple[UUID, ...]


def read(session: Session, places: Places, by: str, first: int) -> Passed:
    """The board by a dimension; so many of what is late. One statement."""
    rows = session.execute(_asked(places, by, first)).all()
    return Passed(
        cells=[row for row in rows if row.kind == CELL],
        loads=[row for row in rows if row.kind == LOAD],
        late=tuple(row.id for row in rows if row.kind == LATE),
        today=tuple(row.id for row in rows if row.kind == TODAY),
    )


def _asked(places: Places, by: str, first: int) -> Any:
    row, column = _dimension(places, by)
    seen = places.asked(
        places.row.id,
        places.due.label("due"),
        places.row.is_task,
        places.row.holder,
        places.row.person,
        places.case.procedure,
        row.label("row"),
        column.label("column"),
        places.light.label("light"),
        places.age.label("age"),
        case((places.is_due_today, 1), else_=0).label("is_due_today"),
    ).cte("seen")
    s = seen.c
    cells = _counted(CELL, s.row, s.column, s.procedure, s.light, s.age, s.is_due_today)
    loads = _counted(
        LOAD, s.person, s.holder, cast(null(), String), s.light, cast(null(), String), literal(0)
    ).where(s.is_task == 1, ~s.holder.startswith(OUTSIDE))
    return union_all(
        cells,
        loads,
        _first(LATE, seen, s.light == "red", first),
        _first(TODAY, seen, s.is_due_today == 1, MOST_TODAY),
    )


def _dimension(places: Places, by: str) -> tuple[Any, Any]:
    procedure = places.case.procedure
    if by == "department":
        return places.row.holder, procedure
    if by == "procedure":
        return procedure, places.case.stage
    if by == "step":
        return places.step, procedure
    return places.person, procedure


def _counted(
    kind: str, row: Any, column: Any, procedure: Any, light: Any, age: Any, due: Any
) -> Any:
    keys = (row, column, procedure, light, age, due)
    return select(
        literal(kind).label("kind"),
        cast(null(), Uuid()).label("id"),
        row.label("row"),
        column.label("column"),
        procedure.label("procedure"),
        light.label("light"),
        age.label("age"),
        due.label("is_due_today"),
        func.count().label("n"),
    ).group_by(*(key for key in keys if hasattr(key, "table")))


def _first(kind: str, seen: Any, wanted: Any, first: int) -> Any:
    found = (select(seen.c.id).where(wanted).order_by(seen.c.due, seen.c.id).limit(first)).subquery(
        kind
    )
    none = cast(null(), String)
    return select(
        literal(kind), found.c.id, none, none, none, none, none, cast(null(), Integer), literal(1)
    )
