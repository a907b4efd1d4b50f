"""Eligibility: whether and when each record of a subject may be repaired, before anything is filed."""

from flask import g

from engine.domain.views import Page, PublicEligibility, RecordView
from engine.services import public_eligibility, records
from web.api.calls import Call, Noun, Who
from web.api.reading import Body
from web.api.schemas.record import (
    EligibilityQuery,
    PublicAnswer,
    PublicEligibilityQuery,
    RecordPage,
)
from web.auth import current_actor, limiter
from web.office import current_office

noun = Noun("eligibility", "Whether and when a record may be repaired")
#: For one address: more would be trying.
GUESSES = "20 per minute"


@noun.call(Call("GET", "/eligibility", query=EligibilityQuery, answer=RecordPage, refuses=(404,)))
def index(query: Body) -> Page[RecordView]:
    """Records of a subject with grade, earliest date, missing papers and other ways

    Each record carries `eligibility`: the sentence, the rule row and its article. An enterprise may
    ask for itself only.
    """
    found = records.eligibility(
        current_office(), current_actor(), query["subject"], procedure=query["procedure"], now=g.now
    )
    return Page(found)


@noun.call(
    Call(
        "GET",
        "/eligibility/<subject>",
        query=PublicEligibilityQuery,
        answer=PublicAnswer,
        who=Who.ANYBODY,
        refuses=(404, 429),
    )
)
@limiter.limit(GUESSES)
def show(query: Body, subject: str) -> PublicEligibility:
    """Whether and when one published penalty may be repaired, by code and decision number

    Without an account. A wrong pair is answered like a record that is not published.
    """
    return public_eligibility.ask(current_office(), subject, query["number"], now=g.now)
