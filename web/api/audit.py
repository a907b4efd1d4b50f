"""Auditing: who did what to cases, records, accounts and the system itself."""

from flask import g

from engine.domain.audit import Asked, AuditLine
from engine.domain.retention import RetentionView
from engine.domain.views import Page
from engine.services import office_history, retention_view
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.audit import AuditPage, AuditQuery, RetentionSchema
from web.auth import current_actor
from web.office import current_office

noun = Noun("audit", "Who did what, in every book of the office")


@noun.call(Call("GET", "/audit", query=AuditQuery, answer=AuditPage))
def index(query: Body) -> Page[AuditLine]:
    """Lines of one book of the office's history, the newest first

    Of the last 7 days unless days or a matter are asked for; at most 92 days at once. Mobile and
    identity numbers in them are masked. Administrators and auditors may.
    """
    paging = {"cursor": query.pop("cursor", None), "limit": query.pop("limit", None)}
    return office_history.listed(
        current_office(), current_actor(), Asked(**query), now=g.now, **paging
    )


@noun.call(Call("GET", "/retention", answer=RetentionSchema))
def retention() -> RetentionView:
    """What is kept for how long, by which law, how much is due; and the newest 200 erasures

    Administrators and auditors may.
    """
    return retention_view.look(current_office(), current_actor(), now=g.now)
