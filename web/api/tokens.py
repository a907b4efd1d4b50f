"""Tokens: how a program signs in, who it then is, and which tokens there are."""

from uuid import UUID

from engine.domain.account import TokenView
from engine.domain.actor import Permission
from engine.domain.views import Page
from engine.services import tokens
from web import auth
from web.api.calls import Call, Noun, Who
from web.api.reading import Body
from web.api.schemas.account import Credentials, IssuedToken, Me, TokenPage
from web.auth import current_actor
from web.office import current_office

noun = Noun("tokens", "Signing in, and who I am")


@noun.call(
    Call(
        "POST",
        "/tokens",
        body=Credentials,
        answer=IssuedToken,
        who=Who.ANYBODY,
        refuses=(401, 403, 429),
    )
)
def issue(body: Body) -> dict[str, object]:
    """Exchange a username and password for a bearer token of 12 hours

    It may do what I may, or only what `scopes` name. Wrong passwords are slowed down: 429 with
    Retry-After. Service accounts have no password; their tokens are made by an administrator.
    """
    token, expires_at = tokens.issue(current_office(), **body, place=auth.place())
    return {"token": token, "expires_at": expires_at}


@noun.call(Call("GET", "/tokens", answer=TokenPage))
def index() -> Page[TokenView]:
    """My tokens that still open something: how they begin, what they may do, when they were used"""
    return Page(tokens.mine(current_office(), current_actor()))


@noun.call(Call("DELETE", "/tokens/<uuid:token_id>", refuses=(404,)))
def revoke(token_id: UUID) -> None:
    """End a token at once: one of mine, or, as an administrator, anybody's"""
    tokens.revoke(current_office(), current_actor(), token_id, place=auth.place())


@noun.call(Call("GET", "/me", answer=Me))
def me() -> dict[str, object]:
    """Who I am: department, groups, and what they allow"""
    actor = current_actor()
    return {
        "username": actor.username,
        "name": actor.name,
        "department": actor.department,
        "groups": sorted(actor.groups),
        "subject": actor.subject,
        "permissions": [permission for permission in Permission if actor.may(permission)],
        "scopes": None if actor.scopes is None else sorted(actor.scopes),
        "is_service": actor.is_service,
    }
