"""Tokens: how a program signs in, and who it then is."""

from flask import g

from engine.domain.actor import Permission
from engine.services import people
from web.api.calls import Call, Noun, Who
from web.api.reading import Body
from web.api.schemas.office import Credentials, IssuedToken, Me
from web.auth import current_actor, limit_sign_in
from web.office import current_office

noun = Noun("tokens", "Signing in, and who I am")


@noun.call(
    Call(
        "POST", "/tokens", body=Credentials, answer=IssuedToken, who=Who.ANYBODY, refuses=(401, 429)
    )
)
@limit_sign_in
def issue(body: Body) -> dict[str, object]:
    """Exchange a username and password for a bearer token

    Attempts are limited for each name and address.
    """
    token, expires_at = people.issue_token(current_office(), **body, now=g.now)
    return {"token": token, "expires_at": expires_at}


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
    }
