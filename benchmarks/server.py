"""The serving process under measurement: the application behind waitress, as `kunxin serve` runs it.

No jobs or timers run beside it, so what is measured is the requests. Prints its port, then answers
each line on standard input with what it has used so far; ends with its standard input.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from time import process_time

from waitress.server import create_server

from benchmarks.installation import Place, open_office
from web.app import create_app


def main(database_url: str, folder: str) -> None:
    place = Place(database_url, Path(folder))
    office = open_office(place)
    app = create_app(office, place.settings())
    server = create_server(app, host="127.0.0.1", port=0, threads=8, ident=None)
    threading.Thread(target=server.run, daemon=True).start()
    _tell({"port": server.effective_port})
    for _ in sys.stdin:
        _tell({"cpu": process_time(), "rss": _resident(), "live": len(office.instances)})


def _tell(answer: dict[str, float]) -> None:
    print(json.dumps(answer), flush=True)


def _resident() -> int:
    """Bytes of memory this process holds now."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(*sys.argv[1:])
