"""How gunicorn serves Kunxin: `gunicorn --config deploy/gunicorn.conf.py`."""

import gc
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

from engine import logs

wsgi_app = "engine.wsgi:application()"
bind = os.environ.get("KUNXIN_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("KUNXIN_WEB_PROCESSES", "2"))
threads = int(os.environ.get("KUNXIN_WEB_THREADS", "4"))
timeout = 60  # a process that answers nothing for so long is replaced
graceful_timeout = 30  # on stop, what runs may end
max_requests, max_requests_jitter = 50_000, 5_000
accesslog = None  # the proxy writes one; addresses and codes stay out of ours
logconfig_dict = logs.of_gunicorn()  # its own lines as ours
control_socket_disable = True  # systemd is the one control; the unit may not write into a home
preload_app = False  # every process has connections of its own; what is read only is loaded before: on_starting


class WithoutQueries(logging.Filter):
    """A request that fails is logged with its address: what somebody searched for is no part of it."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(_path(each) for each in record.args)
        return True


def _path(said):
    return said.partition("?")[0] if isinstance(said, str) and said.startswith("/") else said


def on_starting(server):
    """Figures of /metrics are of all processes together; those of the last run are gone."""
    folder = Path(
        os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="kunxin-metrics-")
    )
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    server.log.error_log.addFilter(WithoutQueries())
    load(server)


def load(server):
    """The code, once: the processes are forked from here, so one that died is back as fast as it can ask
    the database, and they share its memory. A new release needs a restart, as its database does.

    What must not start says why in one line, instead of each process with all of its stack.
    """
    import engine.wsgi
    from engine.domain.errors import Unavailable
    from engine.settings import SettingMissing

    try:
        if server.app.app_uri == wsgi_app:
            engine.wsgi.checked()
    except (SettingMissing, Unavailable) as refused:
        server.log.error("it does not start: %s", getattr(refused, "english", refused))
        sys.exit(1)
    gc.collect()
    gc.freeze()


def child_exit(server, worker):
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def on_exit(server):
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
