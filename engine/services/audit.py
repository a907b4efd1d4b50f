"""Checks the tables against themselves: rows that must not exist."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine.domain.flaw import Flaw
from engine.persistence import copies, models
from engine.services import kept_files, oracles, row_oracles, version_audit
from engine.services.history_check import verify_history
from engine.services.obligations import LIVE
from engine.services.office import Office
from engine.services.silence import silent_cases

__all__ = ["examine", "verify_history"]


def examine(office: Office) -> Iterator[Flaw]:
    """Oracle queries of a sound installation: each must find nothing."""
    with office.uow.scan() as session:
        for case in silent_cases(session):
            yield Flaw(case.number, "在办而没有下一步和日期", "open without a next event")
        for found in oracles.flaws(session):
            yield Flaw(*found)
        for found in row_oracles.flaws(session, now=_latest(office)):
            yield Flaw(*found)
        for key in kept_files.lost(office, session):
            if _is_named_still(office, key):
                yield Flaw(key, "文件缺失或被改动", "a file is missing or changed")
        yield from _registers(session)
        for table, rows in copies.differences(session.connection()).items():
            yield Flaw(table, f"{rows} 行与重新点数不符", f"{rows} rows differ from a recount")
        for flaw in version_audit.flaws(office, session):
            yield Flaw(*flaw)


def _is_named_still(office: Office, key: str) -> bool:
    """What was erased by its rule since this examination began is gone rightly."""
    with office.uow.read() as session:
        return bool(kept_files.still_named(session, [key]))


def _latest(office: Office) -> datetime:
    """The latest moment that anything may be of; a training clock may have been set back since."""
    return (
        datetime.max.replace(tzinfo=UTC) - row_oracles.AHEAD if office.is_training else office.now()
    )


def _registers(session: Session) -> Iterator[Flaw]:
    """Clocks run while something is owed and only then; what has a reporting state has a report."""
    row, clock, report = models.Obligation, models.RecordClock, models.Report
    joined = select(row.id).join(clock, clock.id == row.clock_id)
    is_live = row.state.in_(LIVE)
    wrong = or_(and_(is_live, clock.state == "stopped"), and_(~is_live, clock.state != "stopped"))
    for found in session.scalars(joined.where(wrong)):
        yield Flaw(str(found), "站点事项与它的时钟不一致", "an obligation and its clock disagree")
    record = models.Record
    unreported = select(record.number).where(
        record.publication == "shown",
        record.reporting == "pending",
        ~select(report.id).where(report.record_id == record.id).exists(),
    )
    for number in session.scalars(unreported):
        yield Flaw(number, "公示中而没有上报台账", "shown and on nobody's list of reports")
