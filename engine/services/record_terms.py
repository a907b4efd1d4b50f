"""公示期满: what has been shown for the longest period is taken down, each record once."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select

from engine.domain.actor import SYSTEM
from engine.domain.record import Cause, Publication, RecordEvent
from engine.persistence import models
from engine.services import record_changes
from engine.services.office import Office
from engine.services.writing import Writing

SWEPT, EVERY = "expiry", timedelta(minutes=1)
#: Records of one transaction.
BATCH = 200
_SHOWN = (Publication.SHOWN.value, Publication.TEMPORARILY_WITHDRAWN.value)


def sweep(office: Office, *, now: datetime) -> int:
    """Take down what is past its last day; how many. Any number may run, and run again."""
    last = office.sweeps.get(SWEPT)
    if last is not None and abs(now - last) < EVERY:
        return 0
    office.sweeps[SWEPT] = now
    done = 0
    while taken := _batch(office, now):
        done += taken
    return done


def next_end(office: Office, *, until: datetime) -> datetime | None:
    """The first moment up to `until` at which a record has been shown for its longest period: the
    midnight after its last day."""
    record, calendar = models.Record, office.calendar()
    first = select(func.min(record.ends_on)).where(
        record.publication.in_(_SHOWN), record.ends_on < calendar.local_date(until)
    )
    with office.uow.glance() as connection:
        last = connection.scalar(first)
    if last is None:
        return None
    return datetime.combine(last + timedelta(days=1), time(), calendar.zone).astimezone(UTC)


def _batch(office: Office, now: datetime) -> int:
    record, today = models.Record, office.calendar().local_date(now)
    over = select(record).where(record.publication.in_(_SHOWN), record.ends_on < today)
    with office.uow.glance() as connection:
        if not connection.scalar(select(over.with_only_columns(record.id).exists())):
            return 0
    with office.uow.begin() as session:
        found = over.order_by(record.ends_on, record.id).limit(BATCH)
        rows = session.scalars(found.with_for_update(skip_locked=True)).all()
        by = Writing(office, session, SYSTEM, now)
        for row in rows:
            record_changes.change(by, row, Cause.of_system(RecordEvent.EXPIRED, "公示期届满"))
    return len(rows)
