"""Every refusal said once: as problem+json to programs, as a page to people."""

from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import (
    Conflict,
    EngineError,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooManyAttempts,
    Unavailable,
)
from web import auth, error_pages
from web.locale import language

STATUS: dict[type[EngineError], int] = {
    NotFound: 404,
    NotAuthenticated: 401,
    NotPermitted: 403,
    Conflict: 409,
    Invalid: 422,
    TooManyAttempts: 429,
    Unavailable: 503,
}


#: Seconds after which it is worth to come back.
RETRY_AFTER = 5


def install(app: Flask) -> None:
    app.register_error_handler(EngineError, _answer_refusal)
    app.register_error_handler(HTTPException, _answer_http)


def slug_of_http(code: int) -> str:
    """How a refusal of HTTP's own is called."""
    return HTTPStatus(code).phrase.lower().replace(" ", "-")


def status_of(error: EngineError | type[EngineError]) -> int:
    kinds = error.__mro__ if isinstance(error, type) else type(error).__mro__
    return next((STATUS[kind] for kind in kinds if kind in STATUS), 500)


def sentence(error: EngineError) -> str:
    """The refusal in the reader's language."""
    return begun(error.english) if language() == "en" else str(error)


def begun(english: str) -> str:
    """As a sentence of its own: with a capital letter."""
    return english[:1].upper() + english[1:]


def fields_of(error: EngineError) -> dict[str, str]:
    """What was wrong, field by field, in the reader's language, as sentences of their own."""
    found = error.fields_within(language())
    return {name: begun(text) for name, text in found.items()} if language() == "en" else found


def refusal(error: EngineError) -> Response:
    """The refusal as problem+json (RFC 9457)."""
    extra = dict(error.extra)
    if error.fields:
        extra["fields"] = error.fields_within(language())
    response = problem(status_of(error), error.slug, sentence(error), **extra)
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def problem(status: int, slug: str, detail: str, **extra: object) -> Response:
    response = jsonify(
        type=f"/problems/{slug}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        **extra,
    )
    response.status_code, response.mimetype = status, "application/problem+json"
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _answer_refusal(error: EngineError) -> AnyResponse | error_pages.Page:
    if request.path.startswith(auth.API_PREFIX):
        return refusal(error)
    if isinstance(error, NotAuthenticated):
        return auth.to_login()
    if isinstance(error, Unavailable):
        return _come_back(error)
    later = error.retry_after if isinstance(error, TooManyAttempts) else 0
    told = fields_of(error)
    return error_pages.page(status_of(error), sentence(error), fields=told, retry_after=later)


def _answer_http(error: HTTPException) -> AnyResponse | error_pages.Page:
    code = error.code or 500
    if code < HTTPStatus.BAD_REQUEST:  # a redirect that werkzeug raises
        return error.get_response()
    if request.path.startswith(auth.API_PREFIX):
        return problem(
            code, slug_of_http(code), _told_of(code) or error.description or HTTPStatus(code).phrase
        )
    return error_pages.of_http(error)


def _told_of(code: int) -> str:
    """What Flask itself refuses, in the reader's language; "" where its own words are all there is."""
    told = {
        404: _("没有这个地址。地址和方法见 /api/docs。"),
        405: _("这个地址不接受这种方法。地址和方法见 /api/docs。"),
    }
    return str(told.get(code, ""))


def _come_back(error: Unavailable) -> error_pages.Page:
    """A page that tries again by itself when nothing was sent with the request."""
    shown = render_template(
        "errors/unavailable.html",
        detail=error_pages.as_sentence(sentence(error)),
        comes_back=request.method == "GET",
        retry_after=RETRY_AFTER,
    )
    return shown, int(HTTPStatus.SERVICE_UNAVAILABLE), {"Retry-After": str(RETRY_AFTER)}
