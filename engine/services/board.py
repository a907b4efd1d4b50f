"""Today's board for supervisors: lights by department, procedure, step or person; all of it by SQL."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Invalid
from engine.domain.supervision_views import AgeBand, Board, LightCounts, MatrixCell
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.bulk import in_memory
from engine.services import (
    board_pass,
    cases,
    report_lists,
    silence,
    site_lists,
    standing,
    workload,
)
from engine.services.board_pass import DIMENSIONS, Cell
from engine.services.notice_reading import listed
from engine.services.office import Office
from engine.services.places import AGES, NOBODY, Places, age_key, age_title
from engine.services.task_view import names_of

#: So many of each list stand on the board; the rest behind its number.
SHOWN = 8


def board(office: Office, actor: Actor, *, now: datetime, by: str = "department") -> Board:
    """Today's board, its matrix by one of `DIMENSIONS`. Working days throughout."""
    actor.must(Permission.INSPECT)
    if by not in DIMENSIONS:
        raise Invalid(
            f"by 只能是 {'、'.join(DIMENSIONS)}。", f"by is one of {', '.join(DIMENSIONS)}"
        )
    places = Places(office.calendar(), now)
    with office.uow.read() as session:
        in_memory(session)
        passed = board_pass.read(session, places, by, SHOWN)
        cells = passed.cells
        quiet = silence.silent_ids(session)
        silent = silence.rows_of(session, quiet[:SHOWN])
        return Board(
            as_of=now,
            by=by,
            lights=_sum(cells),
            matrix=_matrix(office, session, by, cells, now),
            breaches=standing.chosen(office, session, places, passed.late),
            due_today=standing.chosen(office, session, places, passed.today),
            due_today_count=sum(row.n for row in cells if row.is_due_today),
            workload=workload.shaped(office, session, places, passed.loads)[:SHOWN],
            ageing=tuple(
                AgeBand(
                    age_key(*band),
                    age_title(*band),
                    _sum(row for row in cells if row.age == age_key(*band)),
                )
                for band in AGES
            ),
            silent=cases.rows_of(office, session, silent, now=now),
            silent_count=len(quiet),
            stuck=cases.rows_of(office, session, _stuck(session), now=now),
            notices=listed(office, session),
            open_cases=session.scalar(select(func.count()).select_from(models.OpenCase)) or 0,
            closed_this_month=_closed_since(session, _month(places)),
            late_reports=report_lists.over_count(session, now=now),
            late_sites=site_lists.over_count(session, now=now),
        )


def _matrix(
    office: Office, session: Session, by: str, cells: Sequence[Cell], now: datetime
) -> tuple[MatrixCell, ...]:
    found: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        found.setdefault((cell.row, cell.column), []).append(cell)
    titles = _Titles(office, session, by, cells, now)
    return tuple(
        MatrixCell(row, titles.row(row), column, titles.column(column), _sum(held))
        for (row, column), held in sorted(found.items())
    )


class _Titles:
    """What the rows and columns of the matrix are called."""

    def __init__(
        self, office: Office, session: Session, by: str, cells: Sequence[Cell], now: datetime
    ) -> None:
        self.office, self.by = office, by
        today = office.calendar().local_date(now)
        keys = {cell.procedure for cell in cells}
        self.procedures = {key: _edition(office, session, key, today) for key in keys}
        usernames = {cell.row for cell in cells} if by == "person" else set()
        self.people = names_of(session, usernames)

    def row(self, key: str) -> Words:
        if self.by == "procedure":
            return self._procedure(key)
        if self.by == "step":
            return self._step(key)
        if self.by == "person" and key in self.people:
            return Words(self.people[key])
        return UNCLAIMED if key == NOBODY else standing.holder_title(self.office, key)

    def column(self, key: str) -> Words:
        if self.by != "procedure":
            return self._procedure(key)
        stages = [s for held in self.procedures.values() if held for s in held.stages]
        return next((stage.title for stage in stages if stage.key == key), Words(key))

    def _procedure(self, key: str) -> Words:
        held = self.procedures.get(key)
        return held.title if held else Words(key)

    def _step(self, key: str) -> Words:
        process_id, _, element_id = key.partition(":")
        for held in self.procedures.values():
            drawing = held.drawings.get(process_id) if held else None
            if drawing is not None and element_id in drawing.elements:
                title: Words = drawing.elements[element_id].title
                return title
        return Words(element_id)


UNCLAIMED = Words("未领", "unclaimed")


def _edition(office: Office, session: Session, key: str, on: date) -> Any:
    """The procedure as it is today, else as it was last deployed."""
    try:
        return office.in_force(session, key, on)[1]
    except Invalid:
        definition = models.ProcessDefinition
        last = session.scalar(
            select(definition.id)
            .where(definition.procedure == key)
            .order_by(definition.version.desc())
            .limit(1)
        )
        return office.procedure(session, last) if last else None


def _sum(cells: Iterable[Cell]) -> LightCounts:
    counted = dict.fromkeys(LightCounts.__slots__, 0)
    for cell in cells:
        counted[cell.light] += cell.n
    return LightCounts(**counted)


def _closed_since(session: Session, moment: datetime) -> int:
    found = select(func.count()).select_from(models.Case).where(models.Case.closed_at >= moment)
    return session.scalar(found) or 0


def _month(places: Places) -> datetime:
    calendar = places.calendar
    first = calendar.local_date(places.now).replace(day=1)
    return datetime.combine(first, time(), calendar.zone)


def _stuck(session: Session) -> Sequence[models.Case]:
    held = models.Case
    found = select(held).where(held.state == "open", held.open_incidents > 0)
    return session.scalars(found.order_by(held.due_at, held.id).limit(SHOWN)).all()
