"""Letters: what the office writes in a case, as PDF."""

from uuid import UUID

from flask import Response, g

from engine.domain.personal_reading import Reading
from engine.domain.views import LetterView, Page
from engine.services import cases, letters, personal_data
from web.api.calls import Call, Noun
from web.api.files import file_response
from web.api.schemas.paper import LetterPage
from web.auth import current_actor, place
from web.office import current_office

noun = Noun("letters", "Letters of a case")
PDF = "application/pdf"


@noun.call(Call("GET", "/cases/<number>/letters", answer=LetterPage, refuses=(404,)))
def index(number: str) -> Page[LetterView]:
    """The letters of a case that I may see"""
    return Page(cases.get(current_office(), current_actor(), number, now=g.now).letters)


@noun.call(Call("GET", "/letters/<uuid:letter_id>/content", media=(PDF,), refuses=(404, 409)))
def content(letter_id: UUID) -> Response:
    """The letter as PDF"""
    office, actor = current_office(), current_actor()
    letter, content = letters.open_letter(office, actor, letter_id)
    personal_data.opened(office, actor, Reading.LETTER, letter_id, place=place(), now=g.now)
    return file_response(content, f"{letter.number or letter.key}.pdf", PDF, letter.sha256 or "")
