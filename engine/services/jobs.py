"""Jobs: promises of a transaction, kept later, any number of deliveries safe."""

from datetime import datetime, timedelta
from time import perf_counter
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session
from structlog.contextvars import bind_contextvars, bound_contextvars

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Overtaxed, Unavailable
from engine.domain.views import JobView
from engine.domain.words import Words
from engine.persistence import models
from engine.services import job_operations
from engine.services.incident_story import Trouble, write_down
from engine.services.office import Office

#: Wait before the next attempt: doubled each time.
FIRST_WAIT = timedelta(seconds=10)

#: How long nobody else takes a job that is outside; whoever took it may have been killed.
LEASE = timedelta(minutes=2)

#: No promise is due later than this. One that is was written while the machine's clock ran ahead.
FARTHEST = timedelta(days=1)
#: So far the clock of another machine may be ahead: nothing is written later than that.
AHEAD = timedelta(minutes=5)

_log = structlog.get_logger()


def run(office: Office, job_id: UUID) -> bool:
    """Keep one promise; False when there is nothing (any more) to do. The row decides.

    What the operation writes here happens exactly once. What it does outside may happen again
    after a crash, so it carries the job's id as its idempotency key. One that takes too long is
    stopped, which was a try: it may hang at each.
    """
    named = bound_contextvars(job=str(job_id), operation=None, case=None)
    patience = office.patience.within(job_operations.USUAL)
    with office.tracing.span("job", kunxin_job=str(job_id)), named, patience:
        begun = perf_counter()
        outcome = _run(office, job_id)
        if outcome is not None:
            _log.info("job", outcome=outcome, ms=round((perf_counter() - begun) * 1000, 1))
    return outcome is not None


def _run(office: Office, job_id: UUID) -> Literal["done", "failed"] | None:
    real = office.real_now()
    try:
        with office.uow.begin() as session:
            job = _take(session, job_id, real)
            if job is None:
                return None
            bind_contextvars(operation=job.operation, case=_number(session, job.case_id))
            office.patience.allow(job_operations.WITHIN.get(job.operation, job_operations.USUAL))
            what = office.tracing.span(job.operation, kunxin_case_id=str(job.case_id or ""))
            outside = job_operations.OUTSIDE.get(job.operation)
            if outside is None:
                act = job_operations.OPERATIONS[job.operation]
                with what:
                    act(office, session, job.id, job.arguments, office.now())
                job.state, job.done_at = "done", real
            else:
                job.due_at, arguments = real + LEASE, dict(job.arguments)
        if outside is not None:
            with what:
                outside(office, arguments)
            _settle(office, job_id)
    except Exception as problem:  # noqa: BLE001 - whatever failed, the row says so and is retried
        cause = f"{type(problem).__name__}: {problem}"
        # the row keeps the words; whoever raised it may have put a person's into them
        _log.warning("job failed", problem=type(problem).__name__)
        is_passing = isinstance(problem, Unavailable) and not isinstance(problem, Overtaxed)
        _record_failure(office, job_id, cause, is_passing=is_passing)
        return "failed"
    return "done"


def _number(session: Session, case_id: UUID | None) -> str | None:
    found = select(models.Case.number).where(models.Case.id == case_id)
    return session.scalar(found) if case_id else None


def _take(session: Session, job_id: UUID, real: datetime) -> models.Job | None:
    """The job, locked; None when it is done, not yet due, or in another worker's hands."""
    job = models.Job
    waiting = select(job).where(job.id == job_id, *_is_due(real))
    return session.scalar(waiting.with_for_update(skip_locked=True))


def _is_due(real: datetime) -> tuple[ColumnElement[bool], ...]:
    """Its moment is here; or no right clock can have written it: nobody waits until it is there again."""
    job = models.Job
    of_later = and_(job.created_at > real + AHEAD, job.due_at >= job.created_at)
    astray = or_(job.due_at > real + FARTHEST, of_later)
    return job.state == "waiting", or_(job.due_at <= real, astray)


def _settle(office: Office, job_id: UUID) -> None:
    with office.uow.begin() as session:
        job = session.get_one(models.Job, job_id, with_for_update=True)
        job.state, job.done_at = "done", office.real_now()


def _record_failure(office: Office, job_id: UUID, cause: str, *, is_passing: bool) -> None:
    """What the office stands on may be away for hours: that is no try of the job's own."""
    real = office.real_now()
    with office.uow.begin() as session:
        case = _lock_case(session, job_id)  # the case first, as everywhere
        job = session.get(models.Job, job_id, with_for_update=True)
        if job is None or job.state != "waiting":
            return
        job.last_error = cause[:2000]
        if is_passing:
            job.due_at = real + FIRST_WAIT
            return
        if job.retries_left > 0:
            job.retries_left -= 1
            tried = job_operations.MOST_RETRIES - job.retries_left
            job.due_at = real + FIRST_WAIT * 2 ** max(tried - 1, 0)
            return
        job.state = "failed"
        _raise_incident(session, job, case, cause, now=office.now())


def note_death(office: Office, job_id: UUID) -> None:
    """A process died while it had this job: that was a try, unless the job is done, leased, or somebody
    has it in hand. After the last try somebody has to look at it."""
    with office.uow.begin() as session:
        is_free = _take(session, job_id, office.real_now()) is not None
    if is_free:
        _record_failure(office, job_id, "the process that did it died", is_passing=False)


def _lock_case(session: Session, job_id: UUID) -> models.Case | None:
    case, job = models.Case, models.Job
    found = select(case).join(job, job.case_id == case.id).where(job.id == job_id)
    return session.scalar(found.with_for_update(of=case))


def _raise_incident(
    session: Session, job: models.Job, case: models.Case | None, cause: str, *, now: datetime
) -> None:
    if case is not None:
        case.open_incidents += 1
    told = Words(
        f"后台任务试了 {job_operations.MOST_RETRIES + 1} 次都没有办成：{cause}",
        f"the job failed {job_operations.MOST_RETRIES + 1} times: {cause}",
    )
    act = {"kind": "job", "operation": job.operation, "arguments": job.arguments}
    trouble = Trouble(
        "job",
        told,
        job_operations.title_of(job.operation),
        None,
        job.case_id,
        job_id=job.id,
        act=act,
    )
    write_down(session, trouble, now=now)


def due_jobs(office: Office, *, limit: int = 100) -> list[UUID]:
    """Jobs that wait and are due, the oldest first. Real time."""
    job = models.Job
    waiting = select(job.id).where(*_is_due(office.real_now()))
    with office.uow.read() as session:
        return list(session.scalars(waiting.order_by(job.due_at).limit(limit)))


def run_due(office: Office) -> int:
    """Run every due job here and now; how many were taken."""
    ran = 0
    while True:
        found = due_jobs(office)
        taken = sum(run(office, job_id) for job_id in found)
        ran += taken
        if not taken:
            return ran


def jobs(office: Office, actor: Actor, *, limit: int = 200) -> tuple[JobView, ...]:
    """The newest jobs, for administrators."""
    actor.must(Permission.ADMINISTER)
    job, case = models.Job, models.Case
    found = (
        select(job, case.number)
        .outerjoin(case, case.id == job.case_id)
        .order_by(job.created_at.desc())
        .limit(limit)
    )
    with office.uow.read() as session:
        rows = session.execute(found).all()
    return tuple(
        JobView(
            id=row.id,
            operation=row.operation,
            case_number=number,
            state=row.state,
            due_at=row.due_at,
            retries_left=row.retries_left,
            last_error=row.last_error,
        )
        for row, number in rows
    )
