"""Papers and letters as files: shown in the browser where that is safe, else handed out."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, g, request

from engine.domain.personal_reading import Reading
from engine.services import documents, letters, personal_data, site_work
from web import auth
from web.office import current_office
from web.security import PAPER_POLICY

blueprint = Blueprint("papers", __name__)

#: Kinds that a browser shows without running anything of theirs.
SHOWABLE = {"application/pdf", "image/jpeg", "image/png"}


@blueprint.get("/documents/<uuid:document_id>")
def document(document_id: UUID) -> Response:
    kept, content = documents.open_document(current_office(), auth.current_actor(), document_id)
    _on_record(Reading.PAPER, document_id)
    return as_file(content, kept.filename, kept.media_type, kept.sha256)


@blueprint.get("/letters/<uuid:letter_id>")
def letter(letter_id: UUID) -> Response:
    kept, content = letters.open_letter(current_office(), auth.current_actor(), letter_id)
    _on_record(Reading.LETTER, letter_id)
    return as_file(content, f"{kept.title.zh} {kept.number}.pdf", "application/pdf", kept.sha256)


@blueprint.get("/proofs/<uuid:obligation_id>/<int:sequence>")
def proof(obligation_id: UUID, sequence: int) -> Response:
    """What somebody saw on another site, as it was attached."""
    kept = site_work.proof(current_office(), auth.current_actor(), obligation_id, sequence)
    return as_file(kept.content, kept.filename, kept.media_type, kept.sha256)


def _on_record(kind: Reading, file_id: UUID) -> None:
    """An official opened it: it may hold anything of somebody."""
    personal_data.opened(
        current_office(), auth.current_actor(), kind, file_id, place=auth.place(), now=g.now
    )


def as_file(content: bytes, name: str, media_type: str, sha256: str | None) -> Response:
    """The bytes as a browser may have them: shown where that is safe, and nothing of theirs runs."""
    is_shown = media_type in SHOWABLE and "download" not in request.args
    response = Response(content, mimetype=media_type if media_type in SHOWABLE else None)
    if media_type not in SHOWABLE:
        response.mimetype = "application/octet-stream"
    headers = response.headers
    way = "inline" if is_shown else "attachment"
    headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(name, safe='')}"
    # the browser's own reader of PDF does not open within a sandbox; a picture needs no more
    is_pdf = media_type == "application/pdf"
    headers["Content-Security-Policy"] = PAPER_POLICY if is_pdf else f"{PAPER_POLICY}; sandbox"
    headers["X-Frame-Options"] = "SAMEORIGIN"
    headers["Cache-Control"] = "no-store"
    if sha256:
        response.set_etag(sha256)
    response.make_conditional(request)
    return response
