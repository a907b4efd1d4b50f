"""Numbers of people, which every other answer hides: read whole by who may, and each time on record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import g

from engine.domain.personal_reading import HeldText
from engine.services import personal_data
from engine.services.personal_data import Asked
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.personal_data import PersonalTexts, ReadWhole
from web.auth import current_actor, place
from web.office import current_office
from web.veil import whole

noun = Noun("personal_data", "Numbers of people read whole, on record")


@noun.call(
    Call(
        "POST",
        "/cases/<number>/personal-data",
        body=ReadWhole,
        answer=PersonalTexts,
        refuses=(404,),
    )
)
def of_case(body: Body, number: str) -> Mapping[str, Any]:
    """Read the texts of a case that hold identity, telephone or card numbers, with these whole

    For the enterprise and for who handles the case. Who read what, when, why and from where is written
    down and cannot be changed. An official must give a `reason`.
    """
    read = personal_data.read_case(
        current_office(), current_actor(), number, _asked(body), now=g.now
    )
    return _told(read)


@noun.call(
    Call(
        "POST",
        "/records/<uuid:record_id>/personal-data",
        body=ReadWhole,
        answer=PersonalTexts,
        refuses=(404,),
    )
)
def of_record(body: Body, record_id: UUID) -> Mapping[str, Any]:
    """The same of a record: for its enterprise, its department, and who handles a case about it"""
    read = personal_data.read_record(
        current_office(), current_actor(), record_id, _asked(body), now=g.now
    )
    return _told(read)


def _asked(body: Body) -> Asked:
    keys = body["fields"]
    return Asked(None if keys is None else frozenset(keys), body["reason"], place())


def _told(read: tuple[HeldText, ...]) -> Mapping[str, Any]:
    whole()
    return {"items": read}
