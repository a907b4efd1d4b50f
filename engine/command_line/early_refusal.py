"""What is refused before the application is asked, said as it would: the one process that serves an office
has no proxy before it that says so."""

from http import HTTPStatus

import orjson
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from engine.settings import ROOT

#: A page of the proxy's: it asks nothing of the application.
PAGE = ROOT / "web/static/said_by_proxy/too-large.html"
API = "/api/"
TOO_LARGE = {
    "type": "/problems/request-entity-too-large",
    "title": HTTPStatus.REQUEST_ENTITY_TOO_LARGE.phrase,
    "status": HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value,
    "detail": "一次最多传 24 MB。 A request has 24 MB at most.",
}


class Refused(ErrorTask):  # type: ignore[misc]  # waitress says no types
    """A body that is too large: a page for people, problem+json for programs. Else waitress's own words."""

    def execute(self) -> None:
        if self.request.error.code != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            super().execute()
            return
        media, body = self._told()
        self.status = f"{TOO_LARGE['status']} {TOO_LARGE['title']}"
        self.response_headers += [
            ("Content-Type", media),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)

    def _told(self) -> tuple[str, bytes]:
        if str(self.request.path).startswith(API):
            return "application/problem+json", orjson.dumps(TOO_LARGE)
        return "text/html; charset=utf-8", PAGE.read_bytes()


class Channel(HTTPChannel):  # type: ignore[misc]
    error_task_class = Refused
