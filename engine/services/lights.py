"""Marks lights set-wise: which steps and clocks have turned yellow, red, or past the law's own limit.

What pages show follows from the moments alone (domain/light.py). The mark is what the office has
taken note of: a row turns once, so a notice of it is due once, and a limit that passed gets its row
among the breaches in the same statement. An idle round asks one index of each table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, literal, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.services.access import is_open
from engine.services.office import Office
from engine.services.passed_limits import PROMISED, RED, STATUTORY, STEP

_TASK, _WAIT, _CLOCK = (table_of(each) for each in (models.Task, models.Wait, models.Clock))
_BREACH = table_of(models.Breach)
#: A limit that was moved away and back again has passed after all.
_AGAIN: dict[str, Any] = {
    "index_elements": ["subject_id", "kind", "due_at"],
    "set_": {"lifted_at": None, "lifted_by": ""},
}


@dataclass(frozen=True, slots=True)
class Marked:
    """How many rows turned in one round."""

    yellow: int = 0
    red: int = 0
    unlawful: int = 0

    def __bool__(self) -> bool:
        return bool(self.yellow or self.red or self.unlawful)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A table whose rows have lights. `ended`: when a row ended that may have ended late unmarked;
    `told`: columns of a breach -> columns of the table; `next_mark`: after red."""

    table: Table
    kind: str
    is_running: ColumnElement[bool]
    ended: Any
    told: Mapping[str, str]
    next_mark: Any


_PLACE = {"process_id": "process_id", "element_id": "element_id", "whose": "whose"}
_KINDS = (
    _Kind(
        _TASK,
        STEP,
        is_open(),
        _TASK.c.completed_at,
        {**_PLACE, "department": "department", "holder": "assignee"},
        null(),
    ),
    _Kind(
        _WAIT,
        STEP,
        _WAIT.c.ended_at.is_(None),
        _WAIT.c.ended_at,
        {**_PLACE, "ended_at": "ended_at"},
        null(),
    ),
    _Kind(
        _CLOCK,
        PROMISED,
        _CLOCK.c.state == "running",
        null(),
        {"clock_key": "key"},
        _CLOCK.c.statutory_due_at,
    ),
)
_BY_LAW = _KINDS[-1]


def mark(office: Office, *, now: datetime) -> Marked:
    """Mark all that has turned since the last round. Any number of markers may run."""
    waiting = (select(each.table.c.id).where(_is_due(each, now)).exists() for each in _KINDS)
    with office.uow.glance() as connection:
        if not connection.scalar(select(or_(*waiting))):
            return Marked()
    with office.uow.begin() as session:
        red = sum(_redden(session, each, now) for each in _KINDS)
        yellow = sum(_yellow(session, each, now) for each in _KINDS)
        unlawful = _past_the_law(session, now)
    return Marked(yellow, red, unlawful)


def _is_due(kind: _Kind, now: datetime) -> ColumnElement[bool]:
    return kind.table.c.mark_at < now


def _redden(session: Session, kind: _Kind, now: datetime) -> int:
    table = kind.table
    moment = literal(now, table.c.due_at.type)
    until = func.coalesce(kind.ended, moment) if kind is not _BY_LAW else moment
    late = and_(_is_due(kind, now), table.c.due_at < until, table.c.light != RED)
    return _record(session, kind, late, {"light": RED, "mark_at": kind.next_mark}, now)


def _yellow(session: Session, kind: _Kind, now: datetime) -> int:
    table = kind.table
    near = and_(_is_due(kind, now), kind.is_running, table.c.light == "green")
    turned = session.execute(
        update(table).where(near).values(light="yellow", mark_at=table.c.due_at)
    )
    # What is over and was in time has no mark to come.
    over = and_(_is_due(kind, now), ~kind.is_running)
    session.execute(update(table).where(over).values(mark_at=null()))
    return int(turned.rowcount)  # type: ignore[attr-defined]


def _past_the_law(session: Session, now: datetime) -> int:
    """Red clocks whose lawful limit has passed as well (超法定时限)."""
    late = and_(_is_due(_BY_LAW, now), _BY_LAW.is_running, _CLOCK.c.light == RED)
    return _record(session, _BY_LAW, late, {"mark_at": null()}, now, STATUTORY)


def _record(
    session: Session,
    kind: _Kind,
    late: ColumnElement[bool],
    then: Mapping[str, Any],
    now: datetime,
    name: str = "",
) -> int:
    """Turn the late rows and put each on record.

    On PostgreSQL it is one statement: a row that somebody is completing is waited for, and then
    seen as it was left. SQLite has one writer at a time.
    """
    if session.get_bind().dialect.name == "postgresql":
        wanted = [kind.table.c[name] for name in _columns(kind)]
        turned = update(kind.table).where(late).values(**then).returning(*wanted).cte("turned")
        told = _told(turned.c, kind, name or kind.kind, now, func.gen_random_uuid())
        added = postgresql.insert(_BREACH).from_select([*told], select(*told.values()))
        return _counted(session, added.on_conflict_do_update(**_AGAIN))
    new_id = func.lower(func.hex(func.randomblob(16)))
    told = _told(kind.table.c, kind, name or kind.kind, now, new_id)
    asked = sqlite.insert(_BREACH).from_select([*told], select(*told.values()).where(late))
    counted = _counted(session, asked.on_conflict_do_update(**_AGAIN))
    session.execute(update(kind.table).where(late).values(**then))
    return counted


def _columns(kind: _Kind) -> list[str]:
    """What a breach takes from its row."""
    moments = ["due_at", "statutory_due_at"] if kind is _BY_LAW else ["due_at"]
    return ["id", "case_id", *moments, *kind.told.values()]


def _counted(session: Session, statement: Any) -> int:
    """How many rows an INSERT wrote; without being asked SQLAlchemy does not keep the number."""
    done = session.execute(statement, execution_options={"preserve_rowcount": True})
    return int(done.rowcount)  # type: ignore[attr-defined]


def _told(columns: Any, kind: _Kind, name: str, now: datetime, new_id: Any) -> dict[str, Any]:
    """Columns of a breach -> what stands in them."""
    return {
        "id": new_id,
        "case_id": columns.case_id,
        "subject_id": columns.id,
        "kind": literal(name),
        "due_at": columns.statutory_due_at if name == STATUTORY else columns.due_at,
        "marked_at": literal(now, _BREACH.c.marked_at.type),
        "whose": literal("office"),
        "lifted_by": literal(""),
        **{breach: columns[own] for breach, own in kind.told.items()},
    }
