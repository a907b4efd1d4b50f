"""Incidents: what got stuck and needs a person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, NotFound
from engine.domain.views import IncidentView
from engine.persistence import models
from engine.persistence.unit_of_work import JOBS
from engine.services.casework import RETRIES
from engine.services.office import Office


def incidents(office: Office, actor: Actor) -> tuple[IncidentView, ...]:
    """Open incidents first, then the newest."""
    actor.must(Permission.SUPERVISE)
    incident, case = models.Incident, models.Case
    found = (
        select(incident, case.number)
        .outerjoin(case, case.id == incident.case_id)
        .order_by(incident.resolved_at.is_not(None), incident.raised_at.desc())
        .limit(200)
    )
    with office.uow.read() as session:
        rows = session.execute(found).all()
    return tuple(
        IncidentView(
            id=row.id,
            case_number=number,
            element_id=row.element_id,
            cause=row.cause,
            raised_at=row.raised_at,
            resolved_at=row.resolved_at,
            job_id=row.job_id,
        )
        for row, number in rows
    )


def retry(office: Office, actor: Actor, incident_id: UUID, *, now: datetime) -> None:
    """Give the job its attempts back, or let the timer fire again. Conflict when resolved."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        incident = session.get(models.Incident, incident_id, with_for_update=True)
        if incident is None:
            raise NotFound("没有这个故障。", "there is no such incident")
        if incident.resolved_at is not None:
            raise Conflict("这个故障已处理。", "this incident is resolved already")
        incident.resolved_at = now
        if incident.job_id is not None:
            job = session.get_one(models.Job, incident.job_id, with_for_update=True)
            job.state, job.retries_left, job.due_at = "waiting", RETRIES, office.real_now()
            session.info.setdefault(JOBS, []).append(job.id)
