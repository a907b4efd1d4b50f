"""Emergency responses: which are in force, and the acts that begin, change and end them."""

from uuid import UUID

from flask import g

from engine.domain.emergency_views import EmergencyView
from engine.domain.views import Page
from engine.services import emergencies, emergency_acts
from engine.services.emergency_acts import Proposal
from web.api.calls import Call, Noun, Who
from web.api.reading import Body
from web.api.schemas.emergency import DecideAct, EmergencyPage, ProposeAct, Proposed
from web.auth import current_actor
from web.office import current_office

noun = Noun("emergencies", "Emergency responses, on which part of what is offered rests")


@noun.call(Call("GET", "/emergencies", answer=EmergencyPage, who=Who.ANYBODY))
def index() -> Page[EmergencyView]:
    """Every confirmed response with its first day, level, basis and last day

    What rests on a response (`closed` of `GET /procedures` says why not) may be filed only while
    it is in force.
    """
    return Page(emergencies.published(current_office(), now=g.now))


@noun.call(Call("GET", "/emergencies/acts", answer=EmergencyPage))
def acts() -> Page[EmergencyView]:
    """The same with every act: who proposed it, who confirmed or rejected it, what still waits"""
    return Page(emergencies.listed(current_office(), current_actor(), now=g.now))


@noun.call(
    Call("POST", "/emergencies/acts", body=ProposeAct, answer=Proposed, refuses=(404, 409, 422))
)
def propose(body: Body) -> dict[str, UUID]:
    """Propose to declare a response, to change its level or to end it"""
    office, actor = current_office(), current_actor()
    return {"id": emergency_acts.propose(office, actor, Proposal(**body), now=g.now)}


@noun.call(
    Call("POST", "/emergencies/acts/<uuid:act_id>/decision", body=DecideAct, refuses=(404, 409))
)
def decide(body: Body, act_id: UUID) -> None:
    """Confirm or reject what somebody else proposed

    With the end of a response every open deferral gets an end within three months of it.
    """
    emergency_acts.decide(current_office(), current_actor(), act_id, now=g.now, **body)
