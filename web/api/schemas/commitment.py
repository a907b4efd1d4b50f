"""Shapes of commitments and of what was found about them."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from engine.domain.commitment import CommitmentKind, Openness, Performance
from engine.domain.views import CommitmentEventView, CommitmentView
from web.api.schemas.listing import KeysetQuery
from web.api.schemas.mirror import members_of, mirror, page_of, schema_for

KINDS = tuple(each.value for each in CommitmentKind)
PERFORMANCES = tuple(each.value for each in Performance)
NOTES = {
    "code": "承诺编码: region, day and serial, 20 digits.",
    "is_over": "Its validity has passed and nobody has found yet how it was performed.",
    "unfulfilled": "What was not performed.",
    "consequence": "What followed from that.",
}
CHOICES = {
    "kind": KINDS,
    "performance": PERFORMANCES,
    "openness": tuple(each.value for each in Openness),
}
Commitment = mirror(CommitmentView, "Commitment", notes=NOTES, choices=CHOICES)
CommitmentPage = page_of(Commitment, "CommitmentPage")


class CommitmentHistory(Schema):
    """What the page of a commitment adds."""

    history = fields.List(fields.Nested(schema_for(CommitmentEventView)), required=True)


CommitmentDetail = CommitmentHistory.from_dict(
    members_of(CommitmentView, within="commitment", notes=NOTES, choices=CHOICES),
    name="CommitmentDetail",
)


class PublishedCommitmentQuery(KeysetQuery):
    """Whose commitments."""

    q = fields.String(load_default="", metadata={"description": "Name or code of the enterprise."})


class CommitmentQuery(PublishedCommitmentQuery):
    """Which commitments."""

    kind = fields.String(validate=OneOf(KINDS))
    performance = fields.String(validate=OneOf(PERFORMANCES))


class Finding(Schema):
    """How it was performed, and on what that rests."""

    performance = fields.String(required=True, validate=OneOf(("kept", "partly_kept", "broken")))
    basis = fields.String(required=True, validate=Length(1, 2000))
    unfulfilled = fields.String(load_default="", validate=Length(0, 2000))
    consequence = fields.String(load_default="", validate=Length(0, 2000))
