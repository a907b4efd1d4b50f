"""Process definitions: every deployed version of every procedure."""

from uuid import UUID

from flask import g

from engine.domain.views import DiagramView, Page, ProcedureView
from engine.services import procedures
from web.api.calls import Call, Noun
from web.api.schemas.case import DiagramPage
from web.api.schemas.office import ProcedurePage
from web.auth import current_actor
from web.office import current_office

noun = Noun("process-definitions", "Deployed versions of the procedures")


@noun.call(Call("GET", "/process-definitions", answer=ProcedurePage))
def index() -> Page[ProcedureView]:
    """All versions of all procedures, with the cases that live in each"""
    return Page(procedures.definitions(current_office(), current_actor(), now=g.now))


@noun.call(
    Call(
        "GET",
        "/process-definitions/<uuid:definition_id>/diagrams",
        answer=DiagramPage,
        refuses=(404,),
    )
)
def diagrams(definition_id: UUID) -> Page[DiagramView]:
    """The BPMN diagrams of one version"""
    found = procedures.definition_diagrams(current_office(), current_actor(), definition_id)
    return Page(found)
