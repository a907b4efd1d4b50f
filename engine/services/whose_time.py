"""Whose time cases took, read for one or for many at once: every moment belongs to one party."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.clock import EntryKind, Whose
from engine.domain.clock_ledger import ClockEntry, paused_spans
from engine.domain.whose_time import Stay, WhoseTime, whose_time
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import ledger
from engine.services.office import Office
from engine.services.stepping import BESIDE

#: Bodies that have no inbox here, as holders.
OUTSIDE = {
    "applicant": Words("申请人", "the applicant"),
    "superior": Words("信用江苏、信用中国", "Credit Jiangsu and Credit China"),
    "court": Words("人民法院", "the court"),
    "expert": Words("专家或核查人员", "an expert"),
    "department": Words("其他部门", "another department"),
    "office": Words("本办", "the office"),
}
#: Of several clocks, the one whose pauses tell whose time it is.
LEADING = ("handling", "acceptance")


def of_cases(
    office: Office,
    session: Session,
    case_ids: Collection[UUID],
    *,
    now: datetime,
    from_receipt: bool = False,
) -> dict[UUID, WhoseTime]:
    """Whose time each case took from its filing (or from when it counts as received) to its end, or
    to now; four queries for any number.

    The shares of each sum to its whole, in moments.
    """
    ids = list(case_ids)
    cases = session.scalars(select(models.Case).where(models.Case.id.in_(ids))).all()
    stays = _stays(office, session, cases)
    entries: dict[UUID, list[models.ClockEntry]] = defaultdict(list)
    keys: dict[UUID, str] = {}
    clock, entry = models.Clock, models.ClockEntry
    found = select(entry, clock.key).join(clock, clock.id == entry.clock_id)
    for row, key in session.execute(found.where(entry.case_id.in_(ids)).order_by(entry.sequence)):
        entries[row.case_id].append(row)
        keys[row.clock_id] = key
    return {
        case.id: of_case(
            office,
            session,
            case,
            stays.get(case.id, []),
            [row for row in entries[case.id] if keys[row.clock_id] in LEADING],
            now=now,
            since=case.received_at if from_receipt else None,
        )
        for case in cases
    }


def of_case(
    office: Office,
    session: Session,
    case: models.Case,
    stays: Sequence[Stay],
    entries: Sequence[models.ClockEntry],
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> WhoseTime:
    """The same from rows that were read already: who had it when, and the leading clocks' entries.

    until: where the reader wants more than the time up to the closing.
    """
    grounds = office.procedure(session, case.definition_id).grounds
    ends = until or case.closed_at or now
    by_clock: dict[UUID, list[ClockEntry]] = defaultdict(list)
    for row in entries:
        by_clock[row.clock_id].append(ledger.as_entry(row))
    pauses = [
        Stay(paused, ended, Whose(grounds[begun.ground].whose), begun.reason)
        for each in by_clock.values()
        for begun, paused, ended in paused_spans(each)
        if begun.kind is EntryKind.PAUSE and begun.ground in grounds
    ]
    return whose_time(stays, pauses, since or case.filed_at, ends, office.calendar())


def _stays(
    office: Office, session: Session, cases: Sequence[models.Case]
) -> Mapping[UUID, list[Stay]]:
    task, wait = models.Task, models.Wait
    drawn = {case.id: office.procedure(session, case.definition_id) for case in cases}
    ids = list(drawn)
    found: dict[UUID, list[Stay]] = defaultdict(list)
    tasks = select(task).where(task.case_id.in_(ids), task.process_id.not_in(BESIDE))
    waits = select(wait).where(wait.case_id.in_(ids), wait.process_id.not_in(BESIDE))
    rows: list[Any] = [*session.scalars(tasks), *session.scalars(waits)]
    for row in rows:
        found[row.case_id].append(stay_of(office, drawn[row.case_id], row))
    return found


def stay_of(office: Office, procedure: Procedure, place: models.Task | models.Wait) -> Stay:
    """Who had the matter while it rested at a place."""
    return Stay(place.since, place.until, Whose(place.whose), _name(office, procedure, place))


def outside(procedure: Procedure, whose: str) -> Words | None:
    """A body that has no inbox here, as the procedure calls it."""
    above = procedure.letterhead.superior
    return above if above and whose == Whose.SUPERIOR else OUTSIDE.get(whose)


def _name(office: Office, procedure: Procedure, place: models.Task | models.Wait) -> str:
    if isinstance(place, models.Wait):
        return (outside(procedure, place.whose) or Words("")).zh
    if place.candidate_group == "applicant":
        return OUTSIDE["applicant"].zh
    if place.whose == Whose.OFFICE:
        return OUTSIDE["office"].zh
    directory = office.directory()
    unit = directory.department(place.department) or directory.group(place.candidate_group)
    return unit.zh
