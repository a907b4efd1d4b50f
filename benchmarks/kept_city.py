"""A city that stays on the disk: its million cases are made once, then its pages measured as often as
one likes, when the machine is quiet."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import delete

from benchmarks import installation, pages
from benchmarks.figures import Figure
from benchmarks.installation import Place
from benchmarks.sizes import Sizes
from benchmarks.watch import Watch
from engine import bootstrap
from engine.persistence import models, schema
from engine.persistence.unit_of_work import connect
from tests import servers

DATABASE = "city"


def measure(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """What `pages` measures, on the city in `folder`; made there when there is none, else brought to
    this checkout's schema."""
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "made.json"
    with _server(folder) as cluster:
        files = folder / "files"
        place = Place(cluster.url.replace("@/postgres?", f"@/{DATABASE}?"), files)
        if told.exists():
            _bring_up(place)
            office = installation.open_office(place)
            made = pages.Made.from_json(json.loads(told.read_text("utf-8")))
            with office.uow.begin() as session:
                # every run begins at the same moment: the sign-ins of the last would count as haste
                session.execute(delete(models.SignInCount))
        else:
            watch = Watch(cluster.url)
            watch.run(f"DROP DATABASE IF EXISTS {DATABASE}")
            watch.create_database(DATABASE)
            watch.close()
            office = installation.prepare(place)
            made = pages.make(office, sizes.paged)
            told.write_text(json.dumps(made.as_json(), indent=1), "utf-8")
        yield from pages.measure(place, office, made, sizes.rounds)
        office.uow.engine.dispose()


def _bring_up(place: Place) -> None:
    """To this checkout's schema; tables that were written anew are looked through as a night would."""
    if schema.is_current(place.database_url):
        return
    bootstrap.prepare(place.settings())
    plain = connect(place.database_url, isolation_level="AUTOCOMMIT")
    with plain.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    plain.dispose()


@contextmanager
def _server(folder: Path) -> Iterator[servers.Cluster]:
    """PostgreSQL over that folder, ended with who asked; its data stays."""
    cluster = servers.Cluster.at(folder)
    if not (folder / "data").exists():
        cluster = servers.Cluster.make(folder)
    server = cluster.run(durable=True)
    try:
        servers.await_line(server, servers.READY["postgresql"])
        yield cluster
    finally:
        _end(server)


def _end(server: subprocess.Popen[str]) -> None:
    server.send_signal(signal.SIGINT)  # a fast shutdown
    server.wait()
