"""Hand-overs 转办: a program of the national platform files what was applied for there."""

import binascii
from base64 import b64decode

from flask import g

from engine.domain.errors import Invalid
from engine.domain.views import Filed
from engine.services import hand_overs
from engine.services.hand_overs import Brought, HandOver
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.case import FiledCase
from web.api.schemas.hand_over import HandOverCase
from web.auth import current_actor
from web.office import current_office

noun = Noun("hand_overs", "Applications that the national platform hands over")


@noun.call(
    Call(
        "POST",
        "/hand-overs",
        body=HandOverCase,
        answer=FiledCase,
        status=201,
        at="/api/v1/cases/{number}",
        keyed=True,
        refuses=(404, 409),
    )
)
def take(body: Body) -> Filed:
    """File what was applied for at Credit China, once under its number there

    The same number again is answered with the case it became. The platform is told of what
    becomes of it by the notices `case_supplement_asked` (with what is `missing`), `case_accepted`,
    `case_decided` (with its `outcome`), `case_closed`, and later `case_repair_revoked`. Only in editions of a
    procedure that take hand-overs (信用修复管理办法), else 409.
    """
    told = HandOver(
        body["procedure"],
        body["national_number"].strip(),
        body["subject"],
        tuple(body["decisions"]),
        body["answers"],
        tuple(
            Brought(each["kind"], each["filename"], _content(each["content"], nth))
            for nth, each in enumerate(body["papers"])
        ),
    )
    return hand_overs.take(current_office(), current_actor(), told, now=g.now)


def _content(text: str, nth: int) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        sentence = "材料内容不是 Base64。"
        raise Invalid(
            sentence, "a paper is not Base64", fields={f"papers.{nth}.content": sentence}
        ) from problem
