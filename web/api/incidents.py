"""Incidents and jobs: what is stuck, what can be done about it, and what is still to be done."""

from uuid import UUID

from flask import g

from engine.domain.views import IncidentDetail, IncidentView, JobView, Page, RepairPlan
from engine.services import incidents, jobs
from engine.services.incidents import Correction, Move
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.office import JobPage
from web.api.schemas.repair import (
    Answer,
    Incident,
    IncidentPage,
    MoveToken,
    Plan,
    PreviewQuery,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("incidents", "What is stuck and needs a person; jobs promised")


@noun.call(Call("GET", "/incidents", answer=IncidentPage))
def index() -> Page[IncidentView]:
    """What is stuck: open incidents first, then the newest"""
    return Page(incidents.incidents(current_office(), current_actor()))


@noun.call(Call("GET", "/incidents/<uuid:incident_id>", answer=Incident, refuses=(404,)))
def show(incident_id: UUID) -> IncidentDetail:
    """One incident: cause, what was tried, data at hand, where its token could be put"""
    return incidents.get(current_office(), current_actor(), incident_id, now=g.now)


@noun.call(Call("POST", "/incidents/<uuid:incident_id>/retry", refuses=(404, 409)))
def retry(incident_id: UUID) -> None:
    """Try again what got stuck, as it was

    500 with the incident's number when it fails again.
    """
    incidents.retry(current_office(), current_actor(), incident_id, now=g.now)


@noun.call(
    Call(
        "POST",
        "/incidents/<uuid:incident_id>/answer",
        query=PreviewQuery,
        body=Answer,
        answer=Plan,
        refuses=(404, 409),
    )
)
def answer(query: Body, body: Body, incident_id: UUID) -> RepairPlan:
    """Try again with corrected answers or process variables

    With `preview=true` nothing is changed: the answer says what would be.
    """
    correction = Correction(
        answers=body.get("answers"),
        variables=body["variables"],
        case_number=body["case_number"],
        reason=body["reason"],
    )
    return incidents.answer(
        current_office(),
        current_actor(),
        incident_id,
        correction,
        now=g.now,
        is_preview=query["preview"],
    )


@noun.call(
    Call(
        "POST",
        "/incidents/<uuid:incident_id>/move",
        query=PreviewQuery,
        body=MoveToken,
        answer=Plan,
        refuses=(404, 409),
    )
)
def move(query: Body, body: Body, incident_id: UUID) -> RepairPlan:
    """Put the token on another element

    With `preview=true` nothing is changed. Where a second administrator has to agree,
    `awaits_second` is true and the move waits for `/move/confirm`.
    """
    return incidents.move(
        current_office(),
        current_actor(),
        incident_id,
        Move(**body),
        now=g.now,
        is_preview=query["preview"],
    )


@noun.call(
    Call("POST", "/incidents/<uuid:incident_id>/move/confirm", answer=Plan, refuses=(404, 409))
)
def confirm(incident_id: UUID) -> RepairPlan:
    """Agree, as another administrator, to a move that was proposed"""
    return incidents.confirm(current_office(), current_actor(), incident_id, now=g.now)


@noun.call(Call("GET", "/jobs", answer=JobPage))
def list_jobs() -> Page[JobView]:
    """Work promised by transactions and not yet done: letters, pushes, acknowledgements awaited"""
    return Page(jobs.jobs(current_office(), current_actor()))
