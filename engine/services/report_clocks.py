"""双公示: the clock of 7 working days from the decision, that every change of a record's reporting moves."""

from dataclasses import dataclass, replace
from datetime import datetime, time
from uuid import uuid4

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from engine.domain.clock import Budget, EntryKind, Unit
from engine.domain.record import Cause, Flag, Publication, RecordEvent, Reporting
from engine.domain.record import RecordState as State
from engine.domain.record_kind import RecordKind
from engine.persistence import models
from engine.services import record_clocks
from engine.services.clock_entries import Entry
from engine.services.writing import Writing

LIMIT = Budget(7, Unit.WORKING_DAYS)
BASIS = "国发〔2016〕33号、发改办财金〔2018〕424号：自作出处罚决定之日起 7 个工作日内上报公示"
#: What is no penalty has no rule of its own; what a deferral held back goes up at once.
OTHERS_BASIS = "本地参数：参照行政处罚双公示，自列入之日起 7 个工作日内上报公示"
RELEASED = Budget(1, Unit.WORKING_DAYS)
RELEASED_BASIS = "本地参数：暂缓终止后 1 个工作日内上报公示"
#: Grounds on which the clock rests -> what it rests on.
PAUSED_BY = {
    "deferral": "昆信用办〔2020〕2号第六条（暂缓上报）",
    "objection": "本地参数：异议处理期间不再推送",
    "withdrawn_for_now": "本地参数：临时撤下期间不上报",
}
_ENDING = frozenset(
    {
        Publication.WITHDRAWN_REPAIRED,
        Publication.WITHDRAWN_EXPIRED,
        Publication.WITHDRAWN_CORRECTED,
        Publication.EXEMPT,
    }
)


def follow(by: Writing, record: models.Record, moved: tuple[State, State], cause: Cause) -> None:
    """After a change of the record: its reporting clock and the state of its report."""
    before, reached = moved
    if cause.event is RecordEvent.COLLECTED:
        _begin(by, record, cause)
        return
    found = of_record(by.session, record)
    if found is None:
        if cause.event is RecordEvent.DEFERRAL_ENDED:
            _begin(by, record, cause)
        return
    report, clock = found
    told = _Teller(by, clock, cause)
    if (before.reporting, reached.reporting) == (Reporting.REPORTED, Reporting.PENDING):
        told.takes_back()
        report.state, report.batch_id = "refused", None
    elif reached.reporting is Reporting.REPORTED and before.reporting is not Reporting.REPORTED:
        told.stops("上报上级平台")
        report.state, report.sent_at = "sent", by.now
    elif reached.reporting is Reporting.EXEMPT and report.state != "ended":
        told.stops("豁免，不上报")
        report.state = "ended"
    elif reached.publication in _ENDING and reached.reporting is Reporting.PENDING:
        told.stops("已撤下，不再上报")
        report.state = "ended"
    else:
        _rest(told, before, reached)


def _rest(told: "_Teller", before: State, reached: State) -> None:
    """While a deferral, an objection or a temporary removal lasts, the clock of what is still to be
    reported rests."""
    if Reporting.REPORTED in (before.reporting, reached.reporting):
        return
    grounds: tuple[tuple[str, bool, bool], ...] = (
        (
            "deferral",
            before.reporting is Reporting.DEFERRED,
            reached.reporting is Reporting.DEFERRED,
        ),
        ("objection", Flag.OBJECTION in before.flags, Flag.OBJECTION in reached.flags),
        ("withdrawn_for_now", before.publication is _FOR_NOW, reached.publication is _FOR_NOW),
    )
    for ground, was, now_is in grounds:
        if now_is and not was:
            told.pauses(ground)
        elif was and not now_is:
            told.resumes(ground)


_OF_RECORD = (
    select(models.Report, models.RecordClock)
    .join(models.RecordClock, models.RecordClock.id == models.Report.clock_id)
    .where(models.Report.record_id == bindparam("record_id", type_=Uuid()))
)
_FOR_NOW = Publication.TEMPORARILY_WITHDRAWN


@dataclass(frozen=True, slots=True)
class _Teller:
    """Writes what a change means into one clock."""

    by: Writing
    clock: models.RecordClock
    cause: Cause

    def stops(self, reason: str) -> None:
        record_clocks.stop(self.by, self.clock, self._entry(EntryKind.STOP, reason))

    def takes_back(self) -> None:
        record_clocks.take_back_stop(self.by, self.clock, self._entry(EntryKind.VOID))

    def pauses(self, ground: str) -> None:
        basis = PAUSED_BY.get(ground, "")
        entry = replace(self._entry(EntryKind.PAUSE), ground=ground, basis=basis)
        record_clocks.pause(self.by, self.clock, entry)

    def resumes(self, ground: str) -> None:
        entry = replace(self._entry(EntryKind.RESUME), ground=ground)
        record_clocks.resume(self.by, self.clock, entry)

    def _entry(self, kind: EntryKind, reason: str = "") -> Entry:
        """As the cause has it, unless another reason is given."""
        document = self.cause.document or self.cause.case_number
        return Entry(kind, reason or self.cause.event.words.zh, document=document)


def of_record(
    session: Session, record: models.Record
) -> tuple[models.Report, models.RecordClock] | None:
    """The record's report with its clock; also when they were begun in this transaction."""
    row = models.Report
    fresh = next((e for e in session.new if isinstance(e, row) and e.record_id == record.id), None)
    if fresh is not None:
        return fresh, session.get_one(models.RecordClock, fresh.clock_id)
    found = session.execute(_OF_RECORD, {"record_id": record.id}).first()
    return None if found is None else (found[0], found[1])


def _begin(by: Writing, record: models.Record, cause: Cause) -> None:
    """A penalty's clock counts from the day of the decision, however late the record came."""
    limit, reason, basis, since = LIMIT, "列入公示", OTHERS_BASIS, by.now
    if cause.event is RecordEvent.DEFERRAL_ENDED:
        limit, reason, basis = RELEASED, "暂缓终止", RELEASED_BASIS
    elif record.kind == RecordKind.PENALTY:
        reason, basis = "作出处罚决定", BASIS
        zone = by.office.calendar().zone
        since = min(datetime.combine(record.decided_on, time(9), zone), by.now)
    entry = Entry(
        EntryKind.START,
        reason,
        effective_at=since,
        basis=basis,
        document=record.number,
        names_day=since is not by.now,
    )
    clock = record_clocks.begin(by, record.id, "reporting", limit, entry)
    by.session.add(
        models.Report(
            id=uuid4(),
            record_id=record.id,
            clock_id=clock.id,
            state="waiting",
            unit=record.authority_key or record.authority_code,
            unit_name=record.authority,
            collected_at=by.now,
            cause="",
            tries=0,
        )
    )
    by.session.flush()
