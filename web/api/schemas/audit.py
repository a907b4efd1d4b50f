"""Shapes of what an auditor asks and reads."""

from marshmallow import fields
from marshmallow.validate import Length

from engine.domain.account import Happening
from engine.domain.audit import AuditLine, Matter, Source
from engine.domain.personal_reading import Reading
from engine.domain.retention import Due, ErasureView, RetentionView, Rule
from web.api.schemas.listing import KeysetQuery
from web.api.schemas.mirror import mirror, page_of
from web.api.schemas.values import Day

AuditPage = page_of(
    mirror(
        AuditLine,
        "AuditLine",
        notes={
            "detail_en": "The detail in English, where the office has it; texts that people wrote stay as they are.",
            "about": "A case's or record's number, an account, or what of the system it was.",
            "actor": "The account; empty where the system acted by itself.",
            "address": "Of accounts: the network address it came from.",
            "place": "What `about` and `place_id` name; empty where nothing is to be looked at.",
        },
        choices={"place": ("", "case", "record", "account", "deployment", "calendar_change")},
    ),
    "AuditPage",
)

mirror(
    Rule,
    "RetentionRule",
    notes={
        "months": "Calendar months after the moment of `after`; 0: it is kept.",
        "by": "By itself every day, by an administrator's order, or never.",
        "after": "From which moment it counts; empty for what is kept.",
    },
)
mirror(Due, "RetentionDue", notes={"count": "How many of its kind are due now."})
mirror(ErasureView, "Erasure", notes={"actor": "`system`: it went by itself."})
RetentionSchema = mirror(RetentionView, "Retention")

KINDS = (
    f"Of cases: {', '.join(Matter)}. Of accounts: {', '.join(Happening)}. "
    f"Of personal data read: {', '.join(Reading)}. Others have none."
)


def _text(told: str) -> fields.String:
    return fields.String(validate=Length(max=100), metadata={"description": told})


class AuditQuery(KeysetQuery):
    """Which book, and which of its lines."""

    source = fields.Enum(
        Source,
        by_value=True,
        metadata={"description": "The book; `cases` if left out."},
    )
    who = _text("An account, or the name of a person.")
    kind = _text(KINDS)
    about = _text("The number of a case or record, or an account. Alone: all of it, of any day.")
    address = _text("Of accounts: the network address.")
    since = Day(metadata={"description": "The first day, of the office."})
    until = Day(metadata={"description": "The last day."})
