"""No page, answer or address shows a number of a person, whatever a service or template lets through.

Services hide such numbers already (engine/services/veils.py); this is the net under them, at the three
places through which everything leaves: expressions of templates, JSON, addresses. What somebody types
stands in its blank as typed: `value="{{ … }}"` and `<textarea>{{ … }}` are not veiled.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from flask import Flask, current_app, flash, g, redirect, request
from flask.json.provider import DefaultJSONProvider
from flask_babel import gettext as _
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape
from werkzeug.sansio.response import Response as SansioResponse
from werkzeug.wrappers import Response

from engine.domain.errors import Invalid
from engine.domain.personal_numbers import (
    SHORTEST,
    holds_hidden,
    holds_numbers,
    veiled,
    without_personal_numbers,
)

API_PREFIX = "/api/"
#: As many digits as a telephone number has; or a digit in full width.
_DIGITS = re.compile(rb"\d(?:[ -]?\d){10}|\xef\xbc[\x90-\x99]")


def install(app: Flask) -> None:
    app.json = _Veiling(app)
    app.jinja_env.add_extension(BlanksAsTyped)
    app.jinja_env.filters["typed"] = typed
    app.jinja_env.policies["json.dumps_function"] = _dumps
    app.jinja_env.tests["hidden"] = holds_hidden
    app.before_request(_no_numbers_in_addresses)


def shown(value: Any) -> Any:
    """What an expression of a template prints; `finalize` of the environment."""
    if type(value) is str and len(value) >= SHORTEST:
        return without_personal_numbers(value)
    return value


def typed(value: Any) -> Markup:
    """For what a reader has typed, or asked to read whole."""
    return escape("" if value is None else value)


def as_json(body: Any) -> bytes:
    """A body as it is sent. It is walked only where as many digits follow one another in it."""
    written = orjson.dumps(body)
    if "whole_numbers" in g or not _DIGITS.search(written):
        return written
    return orjson.dumps(veiled(body))


def whole() -> None:
    """The answer to this request shows numbers whole: somebody asked for that, and it is on record; or
    they are the reader's own."""
    g.whole_numbers = True


def _dumps(value: Any, **options: Any) -> str:
    """For `tojson` in templates."""
    return current_app.json.dumps(veiled(value), **options)


class _Veiling(DefaultJSONProvider):
    """Flask's JSON for scripts and refusals. Chinese is written as it is, to be read in a terminal or log."""

    ensure_ascii = False

    def response(self, *args: Any, **kwargs: Any) -> SansioResponse:
        return super().response(*veiled(args), **veiled(kwargs))


class BlanksAsTyped(Extension):
    """Wraps `value="{{ … }}"` and what a textarea holds in the filter `typed`, when a template is read."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        before, is_blank = "", False
        for token in stream:
            if token.type == "data":
                before = (before + token.value)[-2000:]
            if token.type == "variable_begin":
                is_blank = _stands_in_blank(before)
                yield token
                if is_blank:
                    yield Token(token.lineno, "lparen", "(")
                continue
            if token.type == "variable_end":
                if is_blank:
                    yield Token(token.lineno, "rparen", ")")
                    yield Token(token.lineno, "pipe", "|")
                    yield Token(token.lineno, "name", "typed")
                before, is_blank = before + "…", False
            yield token


def _stands_in_blank(before: str) -> bool:
    if before.endswith(' value="'):
        return True
    area = before.rfind("<textarea")
    return area >= 0 and before.endswith(">") and "</textarea" not in before[area:]


def _no_numbers_in_addresses() -> Response | None:
    """Addresses are kept by browsers, proxies and their logs: nobody is looked for by such a number there.
    It leaves the address at once, and is not searched for."""
    if len(request.query_string) < SHORTEST or not any(map(holds_numbers, request.args.values())):
        return None
    if request.path.startswith(API_PREFIX):
        raise Invalid(
            "网址里不能带手机号、身份证号或银行卡号。",
            "an address may not hold a telephone, identity or card number",
        )
    if request.method != "GET":
        return None
    kept = [(name, text) for name, text in _query() if not holds_numbers(text)]
    flash(_("不按手机号、身份证号、银行卡号查找。请用名称、文号或案号。"), "err")
    # a path as it came may begin like the address of another site, for a browser that drops a tab in it
    path = "/" + quote(request.path.lstrip("/"))
    return redirect(f"{path}?{urlencode(kept)}" if kept else path, 303)


def _query() -> list[tuple[str, str]]:
    return parse_qsl(request.query_string.decode("utf-8", "replace"))
