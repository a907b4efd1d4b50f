"""Shapes of papers, letters and what the public verifies."""

from flask_smorest.fields import Upload
from marshmallow import Schema, fields

from engine.domain.views import CertificateView, DocumentView, LetterView
from web.api.schemas.mirror import mirror, page_of

Document = mirror(
    DocumentView,
    "Document",
    choices={"source": ("applicant", "authority", "register", "office")},
    notes={
        "kind": 'Key of the paper in the procedure, or "other".',
        "size": "In bytes.",
        "receipt": "Number of the proof of receipt (收讫凭证).",
    },
)
DocumentPage = page_of(Document, "DocumentPage")
Letter = mirror(
    LetterView,
    "Letter",
    notes={
        "is_ready": "The PDF is made and can be fetched.",
        "ended": "Void or revoked, where a certificate is good no more.",
        "is_erased": "Its text went with its case's time in the archive; number and hash stay.",
    },
)
LetterPage = page_of(Letter, "LetterPage")
Certificate = mirror(
    CertificateView,
    "Certificate",
    notes={
        "addressee": "Partly masked.",
        "sha256": "Of the PDF that was issued.",
        "ended_at": "Since when it is superseded, void or revoked.",
        "replaced_by": "Number of what takes its place.",
    },
)


class AttachDocument(Schema):
    """A paper for a case."""

    kind = fields.String(
        load_default="other", metadata={"description": 'Key of the paper asked for, or "other".'}
    )
    file = Upload(required=True, metadata={"description": "PDF or image."})
