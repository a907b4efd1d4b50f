"""Incidents and jobs: what is stuck, and what is still to be done."""

from uuid import UUID

from flask import g

from engine.domain.views import IncidentView, JobView, Page
from engine.services import incidents, jobs
from web.api.calls import Call, Noun
from web.api.schemas.office import IncidentPage, JobPage
from web.auth import current_actor
from web.office import current_office

noun = Noun("incidents", "What is stuck and needs a person; jobs promised")


@noun.call(Call("GET", "/incidents", answer=IncidentPage))
def index() -> Page[IncidentView]:
    """What is stuck"""
    return Page(incidents.incidents(current_office(), current_actor()))


@noun.call(Call("POST", "/incidents/<uuid:incident_id>/retry", refuses=(404, 409)))
def retry(incident_id: UUID) -> None:
    """Try again what got stuck"""
    incidents.retry(current_office(), current_actor(), incident_id, now=g.now)


@noun.call(Call("GET", "/jobs", answer=JobPage))
def list_jobs() -> Page[JobView]:
    """Work promised by transactions and not yet done: letters, pushes, acknowledgements awaited"""
    return Page(jobs.jobs(current_office(), current_actor()))
