"""What every list takes."""

from marshmallow import Schema, fields
from marshmallow.validate import Range

LARGEST_PAGE = 200


class KeysetQuery(Schema):
    """How much of a list, and after which item."""

    limit = fields.Integer(
        validate=Range(1, LARGEST_PAGE),
        metadata={"description": "How many items at most; 50 if left out."},
    )
    cursor = fields.String(
        metadata={"description": "`next_cursor` of the answer before; leave out for the first."},
    )
