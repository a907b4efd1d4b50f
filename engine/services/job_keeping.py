"""How long kept promises are remembered: a month, so that the table of jobs holds what is of use."""

from datetime import timedelta

from sqlalchemy import delete, select

from engine.persistence import models
from engine.services.office import Office

#: Real time that a job stays after it was done, for whoever asks what happened.
REMEMBERED = timedelta(days=30)
#: Real time between two looks of one process.
EVERY = timedelta(hours=1)
#: Rows of one look: a backlog of years goes in steps, and nobody waits for it.
AT_ONCE = 5000
#: Key in `office.sweeps`.
SWEPT = "jobs forgotten"


def forget(office: Office) -> int:
    """Remove jobs that were done a month ago; how many. Failed ones stay, and what an incident names."""
    real = office.real_now()
    last = office.sweeps.get(SWEPT)
    if last is not None and last <= real < last + EVERY:
        return 0
    office.sweeps[SWEPT] = real
    job, named = models.Job, select(models.Incident.job_id)
    done = (
        select(job.id)
        .where(
            job.state == "done",
            job.done_at < real - REMEMBERED,
            job.id.not_in(named.where(models.Incident.job_id.is_not(None))),
        )
        .limit(AT_ONCE)
    )
    with office.uow.begin() as session:
        found = list(session.scalars(done))
        if found:
            session.execute(delete(job).where(job.id.in_(found)))
    return len(found)
