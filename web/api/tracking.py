"""Tracking: following a case by number and query code, without an account."""

from flask import g

from engine.domain.views import TrackView
from engine.services import cases, ratings
from web.api.calls import Call, Noun, Who
from web.api.reading import Body
from web.api.schemas.case import RateByCode, Track, TrackQuery
from web.auth import limiter
from web.office import current_office

noun = Noun("tracking", "Following a case without an account")
#: For one address: nobody needs more, and nobody finds a pair by trying.
GUESSES = "60 per minute"


@noun.call(
    Call(
        "GET",
        "/track/<number>",
        query=TrackQuery,
        answer=Track,
        who=Who.ANYBODY,
        refuses=(404, 429),
    )
)
@limiter.limit(GUESSES)
def show(query: Body, number: str) -> TrackView:
    """Where a case stands, by its number and query code: no names, no papers

    A wrong pair is answered like a case that does not exist.
    """
    return cases.track(current_office(), number, query["code"], now=g.now)


@noun.call(
    Call(
        "POST",
        "/track/<number>/rating",
        body=RateByCode,
        who=Who.ANYBODY,
        status=204,
        refuses=(404, 409, 429),
    )
)
@limiter.limit(GUESSES)
def rate(body: Body, number: str) -> None:
    """Rate a closed case by its number and query code (好差评)

    A bad rating opens a call-back: contact within 1 working day, put right within 15.
    """
    answers = {name: body[name] for name in ("rating", "comment") if body.get(name)}
    ratings.rate(current_office(), number, body["code"], answers, now=g.now)
