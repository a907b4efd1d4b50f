"""Work of every day: one job for each, whoever sweeps, and however many do."""

from uuid import NAMESPACE_OID, uuid5

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
    day = real.astimezone(SHANGHAI).date().isoformat()
    if office.sweeps.get(PROMISED) == day:
        return
    rows = [
        {
            "id": uuid5(NAMESPACE_OID, f"{operation} {day}"),
            "operation": operation,
            "arguments": {"day": day},
            "case_id": None,
            "state": "waiting",
            "due_at": real,
            "retries_left": RETRIES,
            "last_error": "",
            "created_at": real,
        }
        for operation in OPERATIONS
    ]
    with office.uow.begin() as session:
        insert_new(session, table_of(models.Job), rows, key="id")
    office.sweeps[PROMISED] = day
