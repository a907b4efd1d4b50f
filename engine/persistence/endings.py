"""How tasks and waits end that nobody completed: set-wise, and with all else that a step writes.

A step says which ended; they are written with its other rows, or before the next statement that the
session is asked for, whichever comes first. So nobody sees them open who asks within the transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Table, Update, bindparam, case, null, update
from sqlalchemy.orm import ORMExecuteState, Session

from engine.persistence.declarative import table_of
from engine.persistence.models import Task, Wait

#: Key in `session.info` under which a transaction keeps what has ended: (ending, moment) -> ids.
ENDED = "ended"
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_MOMENT: BindParameter[Any] = bindparam("moment")


@dataclass(frozen=True, slots=True, eq=False)
class Ending:
    """`statement`: with parameters `ids` and `moment`; `text`: the same, with {moment}."""

    table: Table
    statement: Update
    text: str


_TASK, _WAIT = table_of(Task), table_of(Wait)
CANCELLED = Ending(
    _TASK,
    update(_TASK)
    .where(_TASK.c.id.in_(_IDS))
    .values(state="cancelled", completed_at=_MOMENT, mark_at=null()),
    "state = 'cancelled', completed_at = {moment}, mark_at = NULL",
)
#: One that ended late keeps its mark to come: the sweep puts the breach on record.
OVER = Ending(
    _WAIT,
    update(_WAIT)
    .where(_WAIT.c.id.in_(_IDS))
    .values(ended_at=_MOMENT, mark_at=case((_WAIT.c.due_at < _MOMENT, _WAIT.c.mark_at))),
    "ended_at = {moment}, mark_at = CASE WHEN due_at < {moment} THEN mark_at END",
)


def end(session: Session, ending: Ending, ids: Iterable[UUID], moment: datetime) -> None:
    found = list(ids)
    if found:
        pending = session.info.setdefault(ENDED, {})
        pending.setdefault((ending, moment), []).extend(found)


def write_endings(session: Session) -> None:
    """Write what has ended by statements of its own."""
    for (ending, moment), ids in session.info.pop(ENDED, {}).items():
        session.connection().execute(ending.statement, {"ids": ids, "moment": moment})


def before_asking(state: ORMExecuteState) -> None:
    if ENDED in state.session.info:
        write_endings(state.session)
