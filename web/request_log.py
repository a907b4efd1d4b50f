"""One line a request in the log: its id, the route it took, its case; never its query or what was sent."""

import re
from time import perf_counter
from types import TracebackType
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

HEADER = "X-Request-Id"
#: What the proxy may call a request.
_KNOWN = re.compile(r"[0-9A-Za-z_-]{8,64}")
#: What machines ask every few seconds, and what says nothing.
_SILENT = frozenset({"static", "probes.alive", "probes.ready", "probes.metrics"})
#: Parts of an address that number a case.
_CASE = ("number", "case_number")
_ExcInfo = (
    tuple[type, BaseException, TracebackType | None] | tuple[None, None, None] | BaseException
)

#: Forbidden, and not there for this reader.
_REFUSED = frozenset({403, 404})

_log = structlog.get_logger()


def install(app: Flask) -> None:
    """Every request has an id, which its answer carries and its error page shows."""
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    app.after_request(_name)


def write(app: Flask) -> None:
    """And, on a server, a line. A failure is one line too, with where it happened and not with what."""
    app.after_request(_tell)
    app.log_exception = _tell_failure  # type: ignore[method-assign]


def route() -> str:
    return request.url_rule.rule if request.url_rule else "none"


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _KNOWN.fullmatch(given) else uuid4().hex
    g.begun = perf_counter()
    clear_contextvars()
    bind_contextvars(request=g.request_id, **_case())


def _case() -> dict[str, str]:
    """The case of the address, when it is one that a page or call of cases was asked for."""
    told = request.view_args or {}
    number = next((told[name] for name in _CASE if name in told), None)
    return {"case": str(number)} if number and "/cases/" in route() else {}


def _name(response: Response) -> Response:
    if "request_id" in g:
        response.headers[HEADER] = g.request_id
    return response


def _tell(response: Response) -> Response:
    if request.endpoint not in _SILENT and "begun" in g:
        _log.info(
            "request",
            method=request.method,
            route=route(),
            status=response.status_code,
            ms=round((perf_counter() - g.begun) * 1000, 1),
            **_refused(response.status_code),
        )
    return response


def _refused(status: int) -> dict[str, str]:
    """Whose account was refused, or found nothing where others find something: who tries what is not
    theirs is seen in the log."""
    actor = g.get("actor")
    return {"account": actor.username} if actor is not None and status in _REFUSED else {}


def _tell_failure(exc_info: _ExcInfo) -> None:
    _log.error("failed", method=request.method, route=route(), exc_info=exc_info)
