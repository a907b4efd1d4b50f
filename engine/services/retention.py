"""Retention: what is due to be erased by which rule, and its erasure, by a job or by a person's order."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import SYSTEM, Actor, Permission
from engine.domain.errors import Invalid, NotFound
from engine.domain.retention import By, Due, Rule, read_rules
from engine.persistence import models
from engine.services import case_erasure, kept_files
from engine.services.office import Office
from engine.services.retention_kinds import KINDS

OPERATION = "erase_by_rule"
CASES = "closed_cases"
#: Files of one transaction: each is locked until it ends.
AT_ONCE = 1000
WEEK = timedelta(days=7)
#: Rules without a kind to erase: what is kept.
FILE = "retention.toml"


def rules(office: Office) -> tuple[Rule, ...]:
    """The table of the installation's workflows; none where it has no such file."""
    file = office.workflows / FILE
    return read_rules(tomllib.loads(file.read_text("utf-8"))) if file.exists() else ()


def preview(office: Office, *, now: datetime) -> tuple[Due, ...]:
    """Every rule, and how much it would erase now. Changes nothing."""
    with office.uow.read() as session:
        return tuple(Due(rule, _count(session, rule, now)) for rule in rules(office))


def _count(session: Session, rule: Rule, now: datetime) -> int:
    if rule.by is By.NEVER:
        return 0
    if rule.key == CASES:
        return _number(session, case_erasure.due(rule.before(now)))
    return KINDS[rule.key].count(session, rule.before(now))


def _number(session: Session, asked: Select[Any]) -> int:
    return int(session.scalar(select(func.count()).select_from(asked.subquery())) or 0)


def erase(office: Office, actor: Actor, key: str, *, now: datetime) -> int:
    """Erase what is due of one kind; how much. Stopped on the way, what is done is done and told.

    Errors: NotPermitted; NotFound for an unknown kind; Invalid for one that is kept.
    """
    actor.must(Permission.ADMINISTER)
    rule = next((each for each in rules(office) if each.key == key), None)
    if rule is None:
        raise NotFound(f"没有保存规则 {key}。", f"there is no rule of retention {key}")
    if rule.by is By.NEVER:
        raise Invalid(f"{rule.title.zh}不清除。", f"{rule.title.en}: this is kept")
    total = 0
    while done := _transaction(office, actor, rule, now):
        total += done
    return total


def _transaction(office: Office, actor: Actor, rule: Rule, now: datetime) -> int:
    with office.uow.begin() as session:
        count = _some(office, session, actor, rule, now)
    with office.uow.begin() as session:
        _drop_files(office, session, _waiting(session))
    return count


def erase_by_job(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """Each day: what goes by itself, and the files of what went before.

    Nothing goes on the day after a gap: a clock that has leapt ahead makes everything look old, and
    what is erased never comes back. The next day tells whether it was the time or the clock.
    """
    waiting = _waiting(
        session
    )  # those that are stored: what this transaction erases may yet not be
    is_usual = _is_usual(session, date.fromisoformat(arguments["day"]))
    for rule in rules(office) if is_usual else ():
        while rule.by is By.JOB and _some(office, session, SYSTEM, rule, now):
            pass
    _drop_files(office, session, waiting)


def _is_usual(session: Session, day: date) -> bool:
    """Whether a root of history says that the week before this day was lived through."""
    root = models.HistoryRoot
    lived = select(root.number).where(root.day < day, root.day >= day - WEEK)
    return session.scalar(lived.limit(1)) is not None


def _some(office: Office, session: Session, actor: Actor, rule: Rule, now: datetime) -> int:
    """Some rows, or one case, with a line in the ledger; how many."""
    due = _due(session, rule, rule.before(now))
    if not due:
        return 0
    line = models.Erasure(
        id=uuid4(),
        kind=rule.key,
        at=now,
        actor=actor.username,
        rule=rule.told(),
        rows=len(due),
        files=[],
        is_dropped=True,
    )
    session.add(line)
    session.flush()  # first the line: without it nobody may delete a reading (migration 0040)
    files = _gone(office, session, actor, rule, due, now)
    line.files, line.is_dropped = sorted(set(files)), not files
    return len(due)


def _due(session: Session, rule: Rule, before: datetime) -> Sequence[Any]:
    if rule.key == CASES:
        return session.scalars(case_erasure.due(before).limit(1)).all()
    return KINDS[rule.key].some(session, before)


def _gone(
    office: Office, session: Session, actor: Actor, rule: Rule, due: Sequence[Any], now: datetime
) -> Sequence[str]:
    if rule.key == CASES:
        return case_erasure.erase(office, session, actor, due[0], rule, now)
    return KINDS[rule.key].erase(session, due)


def _waiting(session: Session) -> Sequence[models.Erasure]:
    """Erasures whose files are still in the store, the oldest first; locked."""
    row = models.Erasure
    found = select(row).where(row.is_dropped.is_(False)).order_by(row.at, row.id)
    return session.scalars(found.with_for_update(skip_locked=True)).all()


def _drop_files(office: Office, session: Session, waiting: Sequence[models.Erasure]) -> None:
    """A crash on the way leaves them to the next time, and so does who is about to name one anew. The
    same content may belong to another case: it goes with the last row that names it."""
    room = AT_ONCE
    for erasure in waiting:
        mine, later = erasure.files[:room], erasure.files[room:]
        room -= len(mine)
        left = kept_files.erase_unnamed(office, session, mine) + later
        erasure.files, erasure.is_dropped = left, not left
