"""How the API says no: problem+json in the reader's language."""

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from engine.domain.errors import EngineError
from web.locale import language
from web.problems import problem, refusal, slug_of_http

#: What people read for a refusal that HTTP itself makes: Chinese, English.
SENTENCES = {
    400: ("请求无法读懂：不是有效的 JSON，或缺少页面的防伪标记。", "This could not be read."),
    404: ("没有这个地址，或没有这一项。", "There is nothing at this address."),
    405: ("这个地址不接受这种请求方法。", "This address does not take that method."),
    413: ("文件太大，每件不超过 20 MB。", "The file is too large: 20 MB at most."),
    415: (
        "请求体的格式（Content-Type）不对。",
        "The body has another Content-Type than this takes.",
    ),
    429: ("请求过于频繁，请稍后再试。", "Too many requests: try again in a while."),
    500: ("系统出了问题，已经记录，请稍后再试。", "Something went wrong here; it has been logged."),
}


def install(blueprint: Blueprint) -> None:
    blueprint.register_error_handler(EngineError, refused)
    blueprint.register_error_handler(HTTPException, refused_by_http)


def refused(error: EngineError) -> Response:
    return refusal(error)


def refused_by_http(error: HTTPException) -> Response:
    """Also what answers an error nobody foresaw, which Flask has logged as InternalServerError."""
    code = error.code or 500
    said = SENTENCES.get(code)
    detail = said[language() != "zh"] if said else error.description or ""
    response = problem(code, slug_of_http(code), detail)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response
