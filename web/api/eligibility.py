"""Eligibility: whether and when each record of a subject may be repaired, before anything is filed."""

from flask import g

from engine.domain.views import Page, RecordView
from engine.services import records
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.record import EligibilityQuery, RecordPage
from web.auth import current_actor
from web.office import current_office

noun = Noun("eligibility", "Whether and when a record may be repaired")


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
