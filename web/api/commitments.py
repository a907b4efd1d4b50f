"""Commitments: what enterprises promised, and how it was performed."""

from typing import Any

from flask import g

from engine.domain.views import CommitmentView, Page
from engine.services import commitments
from web.api.calls import Call, Noun, Who
from web.api.reading import Body
from web.api.schemas.commitment import (
    CommitmentDetail,
    CommitmentPage,
    CommitmentQuery,
    Finding,
    PublishedCommitmentQuery,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("commitments", "The register of commitments 信用承诺")


@noun.call(Call("GET", "/commitments", query=CommitmentQuery, answer=CommitmentPage))
def index(query: Body) -> Page[CommitmentView]:
    """Commitments I may see; an enterprise sees its own"""
    return commitments.find(current_office(), current_actor(), now=g.now, **query)


@noun.call(
    Call(
        "GET",
        "/commitments/published",
        query=PublishedCommitmentQuery,
        answer=CommitmentPage,
        who=Who.ANYBODY,
    )
)
def published(query: Body) -> Page[CommitmentView]:
    """Commitments that are shown to the public now, each with its state"""
    return commitments.published(current_office(), now=g.now, **query)


@noun.call(Call("GET", "/commitments/<code>", answer=CommitmentDetail, refuses=(404,)))
def show(code: str) -> dict[str, Any]:
    """One commitment by its 20-digit code, with its history"""
    return _detail(code)


@noun.call(
    Call(
        "POST",
        "/commitments/<code>/findings",
        body=Finding,
        answer=CommitmentDetail,
        keyed=True,
        refuses=(404, 409),
    )
)
def judge(body: Body, code: str) -> dict[str, Any]:
    """Record how a commitment was performed, with the basis

    A finding that not all was performed says what was not, and what follows.
    """
    commitments.judge(current_office(), current_actor(), code, now=g.now, **body)
    return _detail(code)


def _detail(code: str) -> dict[str, Any]:
    row, history = commitments.get(current_office(), current_actor(), code, now=g.now)
    return {"commitment": row, "history": history}
