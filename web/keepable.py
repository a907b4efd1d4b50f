"""What no table keeps is refused at the door: a NUL in an address, a form or the name of a file."""

from collections.abc import Iterable
from itertools import chain
from typing import IO, Any

import flask
from flask import Flask, request
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from engine.domain.errors import Invalid
from engine.domain.form import can_be_kept


class Parser(FormDataParser):
    """Reads a form when it is first asked for; the one place through which every form comes."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]:
        rest, form, files = super().parse(stream, mimetype, content_length, options)
        try:
            _check(form.items(multi=True))
            _check((name, file.filename or "") for name, file in files.items(multi=True))
        except Invalid:
            for file in chain.from_iterable(files.listvalues()):
                file.close()
            raise
        return rest, form, files


class Request(flask.Request):
    form_data_parser_class = Parser


def install(app: Flask) -> None:
    app.request_class = Request
    app.before_request(_check_address)


def must_keep(told: Any) -> None:
    """Invalid, naming the members, for JSON in which a text holds a NUL."""
    _check(told.items() if isinstance(told, dict) else [("", told)])


def _check_address() -> None:
    # what is behind it is only read when something is there
    if "\0" in request.path:
        raise _refusal(["path"])
    if b"%00" in request.query_string or b"\0" in request.query_string:
        _check(request.args.items(multi=True))


def _check(pairs: Iterable[tuple[str, Any]]) -> None:
    if wrong := [name for name, value in pairs if not can_be_kept(name) or not can_be_kept(value)]:
        raise _refusal(wrong)


def _refusal(names: Iterable[str]) -> Invalid:
    why = "里面有无法保存的字符（空字符）。"
    shown = {name.replace("\0", "�")[:100]: why for name in names}
    return Invalid(why, "a character in it cannot be kept (NUL)", fields=shown)
