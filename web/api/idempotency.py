"""A creating call that is sent twice with one Idempotency-Key happens once."""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, g, request

from engine.domain.actor import SYSTEM
from engine.domain.errors import Invalid
from engine.services import idempotency
from web.office import current_office

HEADER = "Idempotency-Key"
LONGEST = 200


def key_sent() -> str | None:
    """The Idempotency-Key of this request. Raises Invalid when it is too long to keep."""
    key = request.headers.get(HEADER, "").strip()
    if len(key) > LONGEST:
        sentence = f"{HEADER} 不能超过 {LONGEST} 个字符。"
        raise Invalid(
            sentence, f"{HEADER} may have {LONGEST} characters", fields={HEADER: sentence}
        )
    return key or None


def once(
    make: Callable[[], Response],
    tell: Callable[[int, dict[str, Any]], Response],
    told_once: frozenset[str] = frozenset(),
) -> Response:
    """`make()`, its answer kept with what it did; or what the first call with this key answered,
    told again, without the members that are told once.

    Errors: Conflict when the key came with another request before.
    """
    key = key_sent()
    if key is None:
        return make()
    route = f"{request.method} {request.path}"
    asked = idempotency.Asked(g.actor or SYSTEM, key, route, _digest(), told_once)

    def act() -> tuple[int, dict[str, Any]]:
        made = make()
        return made.status_code, orjson.loads(made.get_data() or b"{}")

    found = idempotency.once(current_office(), asked, act, now=g.now)
    answer = tell(found.status, found.body)
    if found.is_replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _digest() -> str:
    """SHA-256 over what was sent, whatever the order of members or the boundary of the form."""
    found = hashlib.sha256()
    if request.is_json:
        found.update(orjson.dumps(orjson.loads(request.get_data()), option=orjson.OPT_SORT_KEYS))
    for name, value in sorted(request.form.items()):
        found.update(orjson.dumps([name, value]))
    files = request.files.items(multi=True)
    for name, file in sorted(files, key=lambda each: (each[0], each[1].filename or "")):
        content = hashlib.sha256(file.stream.read()).hexdigest()
        file.stream.seek(0)
        found.update(orjson.dumps([name, file.filename, content]))
    return found.hexdigest()
