"""Tells the upper platform of records that changed without a case to tell it: period over, put back."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine.domain.actor import SYSTEM
from engine.domain.downstream import Act, Duty, Progress, Way
from engine.domain.record import Cause, Publication, RecordEvent, Reporting
from engine.persistence import models
from engine.services import obligations, record_changes
from engine.services.casework import promise
from engine.services.obligations import Told
from engine.services.office import Office
from engine.services.writing import Writing

SWEPT, EVERY = "site_notices", timedelta(minutes=1)
#: A case tells the platform itself, in the step that changes the record; this waits that long for it.
LEFT_TO_THE_CASE = timedelta(minutes=10)
AT_ONCE = 200
NOTICES: Mapping[str, str] = {
    Duty.REMOVE.value: "takedown",
    Duty.PUT_BACK.value: "put_back",
    Duty.CORRECT.value: "record_corrected",
}


def sweep(office: Office, *, now: datetime) -> int:
    """Push what nobody has pushed; how many obligations."""
    last = office.sweeps.get(SWEPT)
    if last is not None and abs(now - last) < EVERY:
        return 0
    office.sweeps[SWEPT] = now
    through = [key for key, site in office.sites.sites.items() if site.way is Way.PLATFORM]
    row = models.Obligation
    unheard = select(row).where(
        row.state == Progress.OPEN.value,
        row.site.in_(through),
        row.act_count == 1,
        row.opened_at <= now - LEFT_TO_THE_CASE,
    )
    with office.uow.glance() as connection:
        if not connection.scalar(select(unheard.with_only_columns(row.id).exists())):
            return 0
    with office.uow.begin() as session:
        found = unheard.order_by(row.opened_at, row.id).limit(AT_ONCE)
        rows = session.scalars(found.with_for_update(skip_locked=True)).all()
        by = Writing(office, session, SYSTEM, now)
        by_duty: dict[str, list[models.Obligation]] = defaultdict(list)
        for each in rows:
            by_duty[each.duty].append(each)
        for duty, owed in by_duty.items():
            records = _records(session, owed)
            told = _notice(duty, owed, records, now)
            promise(session, "push_to_platform", {"notice": told}, case_id=None, office=office)
            for each in owed:
                obligations.act(by, each, Act.PUSHED, Told(channel="platform"))
            if duty == Duty.PUT_BACK.value:
                _report_again(by, records)
    return len(rows)


def _records(session: Any, owed: list[models.Obligation]) -> dict[Any, models.Record]:
    record = models.Record
    wanted = {each.record_id for each in owed}
    found = select(record).where(record.id.in_(wanted)).order_by(record.id).with_for_update()
    return {each.id: each for each in session.scalars(found)}


def _notice(
    duty: str,
    owed: list[models.Obligation],
    records: Mapping[Any, models.Record],
    now: datetime,
) -> dict[str, Any]:
    return {
        "notice": NOTICES[duty],
        "sent_at": now.isoformat(),
        "records": [
            {
                "line": str(each.id),
                "site": each.site,
                "number": records[each.record_id].number,
                "authority_code": records[each.record_id].authority_code,
                "subject_code": records[each.record_id].subject_code,
                "subject_name": records[each.record_id].subject_name,
                "publication": records[each.record_id].publication,
                "document": each.document,
            }
            for each in owed
        ],
    }


def _report_again(by: Writing, records: Mapping[Any, models.Record]) -> None:
    """What is shown again and was recalled stands reported once more."""
    for record in records.values():
        state = (record.publication, record.reporting)
        if state == (Publication.SHOWN, Reporting.RECALLED):
            record_changes.change(by, record, Cause.of_system(RecordEvent.REPORTED, "恢复公示"))
