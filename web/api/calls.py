"""One call of the API: its address, what it takes, what it answers, how it may refuse."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from enum import Enum
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Response, g
from flask_smorest import Blueprint
from marshmallow import Schema

from engine.domain.scope import Scope, must_cover
from web.api import idempotency, reading, refusals
from web.api.scopes import needed
from web.auth import current_actor
from web.veil import as_json

View = Callable[..., Any]
SchemaClass = type[Schema]

PREFIX = "/api/v1"

#: HTTP status -> name of the response component that documents it
REFUSALS = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    413: "REQUEST_ENTITY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "UNPROCESSABLE_ENTITY",
    429: "TOO_MANY_REQUESTS",
}

JSON, MULTIPART = "application/json", "multipart/form-data"
BY_SESSION: dict[str, list[str]] = {"session": []}
BY_SESSION_WRITING: dict[str, list[str]] = {"session": [], "csrf": []}


class Who(Enum):
    """Who may call."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    EITHER = "either"  # the service decides


_BINARY: Mapping[str, Any] = {"type": "string", "format": "binary"}
#: What a standard of its own describes (OCEL 2.0), as far as this document does.
_BY_MEDIA: Mapping[str, Mapping[str, Any]] = {"application/json": {"type": "object"}}


@dataclass(frozen=True, slots=True)
class Call:
    """What a call of the API promises; the OpenAPI document is written from it."""

    method: str
    rule: str = ""
    _: KW_ONLY
    query: SchemaClass | None = None
    body: SchemaClass | None = None
    form: SchemaClass | None = None
    answer: SchemaClass | None = None
    status: int = 200
    at: str = ""  # address of what was made, from the members of the answer: Location
    media: tuple[str, ...] = ()
    who: Who = Who.SIGNED_IN
    keyed: bool = False  # honours Idempotency-Key
    told_once: frozenset[str] = frozenset()  # secrets in the answer: no key tells them again
    before: View | None = None  # what takes long and changes nothing, before the key is claimed
    refuses: tuple[int, ...] = ()

    def around(self, view: View, scope: Scope | None) -> View:
        """The view as Flask calls it: who, what was sent, the service's answer, its shape."""
        read, shape = self._reader(), self._shaper()

        @wraps(view)
        def answer(**path: Any) -> Response:
            if self.who is Who.SIGNED_IN:
                current_actor()
            if scope is not None and g.actor is not None:
                must_cover(g.actor, scope)
            sent = read() if read else ()
            if self.before is not None:
                self.before(*sent, **path)
            if self.keyed:
                return idempotency.once(
                    lambda: shape(view(*sent, **path)), self._told, self.told_once
                )
            return shape(view(*sent, **path))

        return answer

    def _reader(self) -> Callable[[], tuple[reading.Body, ...]] | None:
        readers = [
            (read, schema())
            for read, schema in (
                (reading.query, self.query),
                (reading.json_body, self.body),
                (reading.form_body, self.form),
            )
            if schema is not None
        ]
        if not readers:
            return None
        return lambda: tuple(read(schema) for read, schema in readers)

    def _shaper(self) -> Callable[[Any], Response]:
        dump = self.answer().dump if self.answer else None

        def shape(result: Any) -> Response:
            if isinstance(result, Response):
                return result
            if dump is None:
                return Response(status=HTTPStatus.NO_CONTENT)
            return self._told(self.status, dump(result))

        return shape

    def _told(self, status: int, body: dict[str, Any]) -> Response:
        if status == HTTPStatus.NO_CONTENT:
            return Response(status=status)
        response = Response(as_json(body), status, mimetype=JSON)
        if self.at:
            response.headers["Location"] = quote(self.at.format_map(body))
        return response

    def documentation(self, operation_id: str, scope: Scope | None) -> dict[str, Any]:
        """The OpenAPI operation object; flask-smorest adds the path and the summary."""
        described: dict[str, Any] = {
            "operationId": operation_id,
            "security": self._security([] if scope is None else [scope.value]),
            "responses": self._responses(),
        }
        parameters: list[Any] = [{"in": "query", "schema": self.query}] if self.query else []
        if self.keyed:
            parameters.append("IDEMPOTENCY_KEY")
        if parameters:
            described["parameters"] = parameters
        if taken := self.body or self.form:
            media = JSON if self.body else MULTIPART
            described["requestBody"] = {"required": True, "content": {media: {"schema": taken}}}
        return described

    def _security(self, scopes: list[str]) -> list[dict[str, list[str]]]:
        if self.who is Who.ANYBODY:
            return []
        by_people = BY_SESSION if self.method == "GET" else BY_SESSION_WRITING
        known = [{"token": scopes}, by_people]
        return [{}, *known] if self.who is Who.EITHER else known

    def _responses(self) -> dict[str, Any]:
        refusals = set(self.refuses)
        if self.who is not Who.ANYBODY:
            refusals |= {401, 403}
        if self.query or self.body or self.form:
            refusals.add(422)
        if self.body or self.form:
            refusals |= {400, 413, 415}
        documented: dict[str, Any] = {str(code): REFUSALS[code] for code in sorted(refusals)}
        return {**self._success(), **documented, "default": "DEFAULT_ERROR"}

    def _success(self) -> dict[str, Any]:
        if self.media:
            content = {media: {"schema": _BY_MEDIA.get(media, _BINARY)} for media in self.media}
            return {"200": {"description": "The file.", "content": content}}
        if self.answer is None:
            return {"204": {"description": "Done; there is nothing to add."}}
        shown = {JSON: {"schema": self.answer}}
        description = "Made." if self.status == 201 else "The answer."
        return {str(self.status): {"description": description, "content": shown}}


class Noun(Blueprint):
    """The calls about one noun, under /api/v1."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(f"api_{name}", __name__, url_prefix=PREFIX, description=description)
        self.noun = name
        refusals.install(self)

    def call(self, call: Call) -> Callable[[View], View]:
        """Register a view; its docstring is the summary and description of the operation.

        The view is given what was sent (query, body or form, in this order), then the parts of the
        path by name.
        """

        def register(view: View) -> View:
            scope = needed(self.noun, view.__name__, call.method)
            documented = self.doc(**call.documentation(f"{self.noun}.{view.__name__}", scope))
            served = documented(call.around(view, scope))
            self.add_url_rule(call.rule, None, served, methods=[call.method], tags=[self.noun])
            return view

        return register
