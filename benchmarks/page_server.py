"""A serving process that says with each answer what it took: from the request's arrival in the
application to the last byte of its answer as `X-Taken`, and for how long of it its thread had a
processor as `X-Used`, in milliseconds. Prints its port."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from waitress.server import create_server

from benchmarks import city
from benchmarks.installation import Place, open_office
from web.app import create_app


class Timed:
    """An application between two looks at the clock."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        begun, used = perf_counter(), thread_time()
        told: list[Any] = []
        body = b"".join(self._inner(environ, lambda *given: told.append(given)))
        status, headers, *rest = told[0]
        cpu = f"{(thread_time() - used) * 1e3:.3f}"
        taken = f"{(perf_counter() - begun) * 1e3:.3f}"
        start_response(status, [*headers, ("X-Taken", taken), ("X-Used", cpu)], *rest)
        return [body]


def main(database_url: str, folder: str) -> None:
    place = Place(database_url, Path(folder))
    office = open_office(place)
    begun = datetime.now(UTC)
    # it goes on from there: what is kept in memory for some seconds is asked again as in life
    office.real_now = lambda: city.NOW + (datetime.now(UTC) - begun)
    app = create_app(office, place.settings())
    app.wsgi_app = Timed(app.wsgi_app)  # type: ignore[method-assign]
    server = create_server(app, host="127.0.0.1", port=0, threads=8, ident=None)
    print(json.dumps({"port": server.effective_port}), flush=True)
    server.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
