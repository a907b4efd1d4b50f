"""Every row of the application, every column of the matrix: what is answered, and what was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engine.domain.errors import EngineError, NotAuthenticated
from engine.domain.permission_matrix import Cell
from engine.services import people
from tests.permissions.asked import Ask
from tests.permissions.prepared import COMES, Prepared
from web import auth
from web.auth import limiter
from web.office import current_office

CONVERTER = re.compile(r"<(?:[^<>:]+:)?(\w+)>")
#: Where the application finds who asks.
ASKING = "TEST_ASKING"
#: Tells the test that a guard of the pages would have refused.
STOPPED = "X-Test-Stopped"
OF_HTTP = {"HEAD", "OPTIONS"}


def written(rule: Rule) -> str:
    """The address without the converters of its names."""
    return CONVERTER.sub(r"<\1>", rule.rule)


def rows_of(app: Flask) -> dict[str, Rule]:
    """Every address of the application with its method, as the matrix writes it."""
    return {
        f"{method} {written(rule)}": rule
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - OF_HTTP
    }


@dataclass(frozen=True, slots=True)
class Answered:
    """What one request met. `stopped`: a guard of the pages would have refused it before."""

    status: int
    location: str
    wrote: bool
    stopped: bool

    @property
    def cell(self) -> Cell:
        """As the matrix says it."""
        if self.status == 401 or (self.status == 302 and self.location.startswith("/login")):
            return Cell.SIGN_IN
        if self.stopped:
            return Cell.NO
        return {403: Cell.NO, 404: Cell.HIDDEN}.get(self.status, Cell.YES)


def without_guards(app: Flask) -> None:
    """Pages are guarded before they are asked; here the guard only notes what it would have refused,
    so that what is asked behind it must refuse by itself. Who is not signed in is still refused."""
    for name, guards in app.before_request_funcs.items():
        if name:  # those of one blueprint, not of the whole application
            app.before_request_funcs[name] = [_noting(guard) for guard in guards]
    app.after_request(_tell)
    before = app.before_request_funcs[None]
    before[before.index(auth._identify)] = identified


def identified() -> None:
    """In the place of signing in: who asks is as the tables have them."""
    name, office = current_app.config[ASKING], current_office()
    g.now, g.actor = office.now(), None
    if name is not None:
        actor = people.actor_of_username(office, name)
        is_program_at_a_page = actor.is_service and not request.path.startswith("/api/")
        g.actor = None if is_program_at_a_page else actor


def _noting(guard: Callable[[], Any]) -> Callable[[], Any]:
    def noted() -> Any:
        try:
            return guard()
        except NotAuthenticated:
            raise
        except EngineError:
            g.stopped = True
        return None

    return noted


def _tell(response: Response) -> Response:
    if g.get("stopped"):
        response.headers[STOPPED] = "1"
    return response


def ask(prepared: Prepared, row: str, asked: Ask, column: str) -> Answered:
    """One request of one person, which leaves nothing behind."""
    method, _, rule = row.partition(" ")
    given = {**prepared.ids, **asked.at}
    path = CONVERTER.sub(lambda name: quote(given[name[1]], safe="/"), rule)
    client = prepared.app.test_client()
    prepared.app.config[ASKING] = COMES[column]
    with prepared.for_nothing() as written, unhurried():
        response: TestResponse = client.open(path, method=method, **asked.sent())
        response.close()
        return Answered(
            response.status_code,
            response.headers.get("Location", ""),
            bool(written),
            response.headers.get(STOPPED) == "1",
        )


@contextmanager
def unhurried() -> Iterator[None]:
    """No limit of how many a minute: here one person asks for everything."""
    limiter.enabled = False
    try:
        yield
    finally:
        limiter.enabled = True
