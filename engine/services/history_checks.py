"""Checks of the history that somebody asked for: promised as a job, told while they run, kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.audit import ChainState, CheckView, RootView
from engine.domain.errors import NotFound
from engine.domain.flaw import Flaw
from engine.domain.history_root import digests
from engine.domain.states import HistoryCheckState
from engine.persistence import models
from engine.services import history_roots
from engine.services.casework import promise
from engine.services.history_check import verify_history
from engine.services.office import Office

OPERATION = "verify_history"
#: How often a running check tells how far it is, and how much longer nobody else shall take it.
TELLS_EVERY, LEASE = timedelta(seconds=20), timedelta(minutes=5)
MOST_FOUND, MOST_LISTED = 200, 10


def ask(office: Office, actor: Actor) -> UUID:
    """Promise a check of every chain; the one that is not over yet, when there is one."""
    actor.must(Permission.AUDIT)
    row, real = models.HistoryCheck, office.real_now()
    with office.uow.begin() as session:
        newest = session.scalars(select(row).order_by(row.asked_at.desc()).limit(1)).first()
        if newest is not None and _state(session, newest) in ("waiting", "running"):
            return newest.id
        made = _row(actor.username, actor.name, real)
        session.add(made)
        session.flush()
        arguments = {"check": str(made.id)}
        made.job_id = promise(session, OPERATION, arguments, case_id=None, office=office)
        return made.id


def _row(username: str, name: str, real: datetime) -> models.HistoryCheck:
    return models.HistoryCheck(
        id=uuid4(),
        asked_by=username,
        asked_by_name=name,
        asked_at=real,
        state="waiting",
        seen_at=real,
        cases=0,
        lines=0,
        roots=0,
        flaws=0,
        found=[],
    )


@dataclass(slots=True)
class _Tally:
    """How far a check is."""

    cases: int = 0
    lines: int = 0
    flaws: int = 0
    found: list[dict[str, str]] = field(default_factory=list)
    told_at: datetime | None = None

    def take(self, flaw: Flaw) -> None:
        self.flaws += 1
        if len(self.found) < MOST_FOUND:
            self.found.append({"where": flaw.where, "zh": flaw.zh, "en": flaw.en})


def keep(office: Office, arguments: Mapping[str, Any]) -> None:
    """Check everything. Taken up again after a death it begins anew: nothing is changed by it."""
    for _flaw in _checked(office, UUID(arguments["check"])):
        pass


def found_here(office: Office) -> Iterator[Flaw]:
    """Check everything here and now, for the command line; kept as any other check is."""
    made = _row("kunxin audit verify", "", office.real_now())
    check_id = made.id
    with office.uow.begin() as session:
        session.add(made)
    yield from _checked(office, check_id)


def _checked(office: Office, check_id: UUID) -> Iterator[Flaw]:
    """Every flaw; what is told of the check on the way and at the end is stored."""
    tally = _Tally()

    def seen(lines: int) -> None:
        tally.cases += 1
        tally.lines += lines
        real = office.real_now()
        if tally.told_at is None or real - tally.told_at >= TELLS_EVERY:
            tally.told_at = real
            _tell(office, check_id, tally, "running")

    for flaw in verify_history(office, seen):
        tally.take(flaw)
        yield flaw
    _tell(office, check_id, tally, "done")


def _tell(office: Office, check_id: UUID, tally: _Tally, state: HistoryCheckState) -> None:
    """How far it is; a job that tells is alive, and is left to who holds it."""
    real = office.real_now()
    with office.uow.begin() as session:
        row = session.get_one(models.HistoryCheck, check_id, with_for_update=True)
        row.state, row.seen_at = state, real
        row.cases, row.lines, row.flaws = tally.cases, tally.lines, tally.flaws
        row.roots, row.found = office.roots.newest(), list(tally.found)
        job = row.job_id and session.get(models.Job, row.job_id)
        if job and job.state == "waiting":
            job.due_at = real + LEASE


def get(office: Office, actor: Actor, check_id: UUID) -> CheckView:
    """One check, with the first of what it found."""
    actor.must(Permission.AUDIT)
    with office.uow.read() as session:
        row = session.get(models.HistoryCheck, check_id)
        if row is None:
            raise NotFound("没有这次核对。", "there is no such check")
        return _view(session, row)


def state(office: Office, actor: Actor) -> ChainState:
    """The newest root, the key that signs, and the newest checks."""
    actor.must(Permission.AUDIT)
    check = models.HistoryCheck
    with office.uow.read() as session:
        newest = history_roots.newest(session)
        rows = session.scalars(select(check).order_by(check.asked_at.desc()).limit(MOST_LISTED))
        checks = tuple(_view(session, row) for row in rows)
    if newest is None:
        return ChainState(None, "", checks)
    return ChainState(_root_view(office, newest), office.roots.public_key(), checks)


def _root_view(office: Office, row: models.HistoryRoot) -> RootView:
    kept = office.roots.one(row.number)
    is_signed = kept and kept.is_signed and digests(kept.content)[0] == row.sha256
    return RootView(
        number=row.number,
        day=row.day,
        made_at=row.made_at,
        cases=row.cases,
        lines=row.lines,
        sha256=row.sha256,
        sm3=row.sm3,
        is_signed=None if kept is None else bool(is_signed),
    )


def _state(session: Session, row: models.HistoryCheck) -> str:
    """Of a job that was tried too often: failed; its incident says why."""
    job = session.get(models.Job, row.job_id) if row.job_id and row.state != "done" else None
    return "failed" if job is not None and job.state == "failed" else row.state


def _view(session: Session, row: models.HistoryCheck) -> CheckView:
    return CheckView(
        id=row.id,
        asked_by=row.asked_by,
        asked_by_name=row.asked_by_name,
        asked_at=row.asked_at,
        state=_state(session, row),
        seen_at=row.seen_at,
        cases=row.cases,
        lines=row.lines,
        roots=row.roots,
        flaws=row.flaws,
        found=tuple(row.found),
    )
