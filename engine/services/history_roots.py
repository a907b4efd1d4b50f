"""Writes each day's root of history out of the tables, and reads all of them back to be checked."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.domain.history import Head
from engine.domain.history_root import Roll, Root, digests, read_root
from engine.domain.words import Words
from engine.exchange.root_folder import Kept
from engine.persistence import models
from engine.persistence.bulk import AT_ONCE
from engine.persistence.declarative import table_of
from engine.services.office import Office

OPERATION = "write_history_root"
#: Heads of one root; a first root of many cases is several files.
MOST_HEADS = 100_000
ONE_DAY = timedelta(days=1)

_log = structlog.get_logger()


def write_root(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """The day's root: all heads that grew since the last. Tried again it only makes one root more.

    Nobody who works on a case waits for it: heads are read as they were committed.
    """
    day = date.fromisoformat(arguments["day"])
    while write_some(office, session, day) == MOST_HEADS:
        pass


def write_some(office: Office, session: Session, day: date) -> int:
    """One root in the folder, its row and what it named in the tables; how many heads."""
    heads = _grown(session)
    _remember(session, heads)
    number = office.roots.newest() + 1
    counted = session.execute(
        select(func.count(), func.coalesce(func.sum(models.RootedHead.sequence), 0))
    ).one()
    previous = digests(office.roots.read(number - 1))[0] if number > 1 else ""
    root = Root(number, day, office.real_now(), previous, counted[0], int(counted[1]), heads)
    written = root.written()
    sha256, sm3 = digests(written)
    session.add(
        models.HistoryRoot(
            number=number,
            day=day,
            made_at=root.made_at,
            sha256=sha256,
            sm3=sm3,
            cases=root.cases,
            lines=root.lines,
        )
    )
    office.roots.add(number, written)
    _log.info("history root", number=number, heads=len(heads), sha256=sha256, sm3=sm3)
    return len(heads)


def newest(session: Session) -> models.HistoryRoot | None:
    """The root that was made last, whatever day it was thought to be."""
    row = models.HistoryRoot
    return session.scalars(select(row).order_by(row.number.desc()).limit(1)).first()


def unrooted(office: Office) -> Iterator[tuple[date, date, int]]:
    """Days without a root between two that have one: the first, the last, and the number of the root that
    covers what was written then. Nobody can sign later what was there on a day that is over."""
    row, later = models.HistoryRoot, date.max
    asked = select(row.number, row.day).order_by(row.number.desc())
    made: list[tuple[date, int]] = []
    with office.uow.read() as session:
        for number, day in session.execute(asked):
            if day <= later:  # else a clock ran ahead when it was made
                made.append((day, number))
                later = day
    for (after, number), (before, _) in reversed(list(pairwise(made))):
        if after - before > ONE_DAY:
            yield before + ONE_DAY, after - ONE_DAY, number


def _grown(session: Session) -> list[tuple[str, Head]]:
    case, rooted = models.Case, models.RootedHead
    found = (
        select(case.number, case.event_count, case.event_hash, case.event_sm3)
        .outerjoin(rooted, rooted.case_number == case.number)
        .where(func.coalesce(rooted.sequence, 0) != case.event_count)
        .order_by(case.number)
        .limit(MOST_HEADS)
    )
    return [(row[0], Head(row[1], row[2], row[3])) for row in session.execute(found)]


def _remember(session: Session, heads: list[tuple[str, Head]]) -> None:
    connection, table = session.connection(), table_of(models.RootedHead)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [{"case_number": case, "sequence": head.count} for case, head in heads]
    for start in range(0, len(rows), AT_ONCE):
        asked = dialect.insert(table).values(rows[start : start + AT_ONCE])
        connection.execute(
            asked.on_conflict_do_update(
                index_elements=["case_number"], set_={"sequence": asked.excluded.sequence}
            )
        )


def read_roll(office: Office, session: Session, roll: Roll) -> Iterator[tuple[str, Words]]:
    """Read every root of the folder into `roll`; (root, what is wrong with it) on the way."""
    known = {row.number: row.sha256 for row in session.scalars(select(models.HistoryRoot))}
    kept = {each.number: each for each in office.roots.kept()}
    previous: str | None = ""
    for number in range(1, max([0, *known, *kept]) + 1):
        place = f"root {number:06d}"
        if (held := kept.get(number)) is None:
            yield place, Words("文件缺失", "its file is missing")
            previous = None
            continue
        sha256 = digests(held.content)[0]
        if not held.is_signed:
            yield place, Words("签名不符", "its signature is missing or wrong")
        if known.get(number, sha256) != sha256:
            yield place, Words("与库中登记的哈希不符", "the tables know another hash of it")
        for words in _entered(roll, held, previous):
            yield place, words
        previous = sha256


def _entered(roll: Roll, held: Kept, previous: str | None) -> Iterator[Words]:
    """Take a root into the roll; what is wrong with it. `previous`: None when that one is missing."""
    try:
        root = read_root(json.loads(held.content))
    except (KeyError, TypeError, ValueError):
        yield Words("读不出来", "it cannot be read")
        return
    if root.number != held.number or previous not in (None, root.previous):
        yield Words("与前一个根不相接", "it does not follow the root before it")
    yield from roll.take(root)
