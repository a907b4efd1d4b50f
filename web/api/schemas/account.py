"""Shapes of accounts and tokens."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from engine.domain.account import TokenView
from engine.domain.scope import Scope
from web.api.schemas.mirror import mirror, page_of
from web.api.schemas.values import Moment

Token = mirror(
    TokenView,
    "Token",
    notes={
        "prefix": "How it begins; the whole was shown once.",
        "title": "Empty for one that a password was exchanged for.",
        "scopes": "null: whatever its holder may do.",
        "last_used_at": "Within five minutes.",
    },
)
TokenPage = page_of(Token, "TokenPage")


class Credentials(Schema):
    """Who asks for a token."""

    username = fields.String(required=True, validate=Length(1, 200))
    password = fields.String(
        required=True, validate=Length(1, 1000), metadata={"format": "password"}
    )
    code = fields.String(
        validate=Length(1, 40),
        metadata={
            "description": "Of the authenticator, or a recovery code, where the account has one."
        },
    )
    scopes = fields.List(
        fields.String(validate=OneOf([scope.value for scope in Scope])),
        metadata={"description": "What the token may do; without it, whatever I may."},
    )


class IssuedToken(Schema):
    """A bearer token; it is shown this once."""

    token = fields.String(required=True)
    expires_at = Moment(required=True)


class Me(Schema):
    """Who I am to the office."""

    username = fields.String(required=True)
    name = fields.String(required=True)
    department = fields.String(required=True, allow_none=True)
    groups = fields.List(fields.String(), required=True)
    subject = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "统一社会信用代码 of the enterprise I act for."},
    )
    permissions = fields.List(fields.String(), required=True)
    scopes = fields.List(
        fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "Of the token I came with; null: whatever I may."},
    )
    is_service = fields.Boolean(required=True)
