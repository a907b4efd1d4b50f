"""Documents: the papers of a case, kept with their hash."""

from uuid import UUID

from flask import Response, g

from engine.domain.personal_reading import Reading
from engine.domain.views import DocumentView, Page
from engine.services import cases, documents, personal_data
from web.api.calls import Call, Noun
from web.api.files import file_response
from web.api.reading import Body
from web.api.schemas.paper import AttachDocument, Document, DocumentPage
from web.auth import current_actor, place
from web.office import current_office

noun = Noun("documents", "Papers of a case")


@noun.call(Call("GET", "/cases/<number>/documents", answer=DocumentPage, refuses=(404,)))
def index(number: str) -> Page[DocumentView]:
    """The papers of a case that I may see"""
    return Page(cases.get(current_office(), current_actor(), number, now=g.now).documents)


@noun.call(
    Call(
        "POST",
        "/cases/<number>/documents",
        form=AttachDocument,
        answer=Document,
        status=201,
        at="/api/v1/documents/{id}/content",
        keyed=True,
        refuses=(404, 409),
    )
)
def attach(form: Body, number: str) -> DocumentView:
    """Add a paper to a case; the answer carries the number of its proof of receipt"""
    paper = form["file"]
    return documents.attach(
        current_office(),
        current_actor(),
        number,
        form["kind"],
        paper.filename or "",
        paper.read(),
        now=g.now,
    )


@noun.call(
    Call("GET", "/documents/<uuid:document_id>/content", media=("*/*",), refuses=(404,)),
)
def content(document_id: UUID) -> Response:
    """The paper itself"""
    office, actor = current_office(), current_actor()
    found, content = documents.open_document(office, actor, document_id)
    personal_data.opened(office, actor, Reading.PAPER, document_id, place=place(), now=g.now)
    return file_response(content, found.filename, found.media_type, found.sha256)
