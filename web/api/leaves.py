"""Leave covers: who is away, who stands in, and what falls due before the return."""

from uuid import UUID

from flask import g

from engine.domain.leave import Cover
from engine.domain.leave_views import LeavePreview, LeaveView
from engine.domain.views import Page
from engine.services import leave
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.leave import (
    EnterLeave,
    Leave,
    LeavePage,
    LeavePreviewQuery,
    LeavePreviewSchema,
    LeaveQuery,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("leaves", "Leave covers: absences and who stands in")


@noun.call(Call("GET", "/leaves", query=LeaveQuery, answer=LeavePage))
def leaves(query: Body) -> Page[LeaveView]:
    """My absences and those in which I stand in; with `scope=all`, for supervisors, everybody's

    `all` lists who is away or will be; `mine` the past ones too, the newest first.
    """
    office, actor = current_office(), current_actor()
    listed = leave.overview if query["scope"] == "all" else leave.mine
    return Page(listed(office, actor, now=g.now))


@noun.call(Call("GET", "/leaves/preview", query=LeavePreviewQuery, answer=LeavePreviewSchema))
def preview(query: Body) -> LeavePreview:
    """What an absence would do: what is in hand, what breaches before the return, who could stand in

    Nothing is stored. `problem` says why it could not be entered as asked.
    """
    actor = current_actor()
    person = query.pop("person", None) or actor.username
    return leave.preview(current_office(), actor, Cover(person, **query), now=g.now)


@noun.call(
    Call("POST", "/leaves", body=EnterLeave, answer=Leave, status=201, keyed=True, refuses=(409,))
)
def enter(body: Body) -> LeaveView:
    """Enter an absence: my own or, as a supervisor, anybody's; new and open work goes to the substitute"""
    actor = current_actor()
    person = body.pop("person", None) or actor.username
    reason = body.pop("reason", "")
    return leave.enter(current_office(), actor, Cover(person, **body), now=g.now, reason=reason)


@noun.call(Call("POST", "/leaves/<uuid:leave_id>/end", answer=Leave, refuses=(404, 409)))
def end(leave_id: UUID) -> LeaveView:
    """End an absence now; without this it ends by itself after its last day"""
    return leave.end(current_office(), current_actor(), leave_id, now=g.now)
