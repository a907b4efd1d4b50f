"""Work of every day: one job for each, whoever sweeps, and however many do."""

from datetime import date
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy.orm import Session

from engine.domain.calendar import SHANGHAI
from engine.persistence import models
from engine.persistence.bulk import insert_new
from engine.persistence.declarative import table_of
from engine.services import history_roots, retention
from engine.services.casework import RETRIES
from engine.services.office import Office

OPERATIONS = (history_roots.OPERATION, retention.OPERATION)
#: Key of the day for which this process has promised them: a hint only.
PROMISED = "daily_jobs"


def promise(office: Office) -> None:
    """Today's jobs, once: the id of each is made of its name and the day. Real time."""
    real = office.real_now()
    day = real.astimezone(SHANGHAI).date()
    if office.sweeps.get(PROMISED) == day:
        return
    with office.uow.begin() as session:
        rows = [
            {
                "id": _id(session, operation, day),
                "operation": operation,
                "arguments": {"day": day.isoformat()},
                "case_id": None,
                "state": "waiting",
                "due_at": real,
                "retries_left": RETRIES,
                "last_error": "",
                "created_at": real,
            }
            for operation in OPERATIONS
        ]
        insert_new(session, table_of(models.Job), rows, key="id")
    office.sweeps[PROMISED] = day


def _id(session: Session, operation: str, day: date) -> UUID:
    """The same whoever asks. A clock that ran ahead may have done a day's work before the day: what a
    root of it says ends there, and roots of the days between came after it. The day gets one of its own."""
    usual = uuid5(NAMESPACE_OID, f"{operation} {day.isoformat()}")
    newest = history_roots.newest(session) if operation == history_roots.OPERATION else None
    if newest is None or newest.day == day:
        return usual
    done = session.get(models.Job, usual)
    if done is None or done.state != "done":
        return usual
    return uuid5(NAMESPACE_OID, f"{operation} {day.isoformat()} after {newest.number}")
