"""What a worker tells Prometheus: how long its jobs and sweeps take, all its processes together.

Web and workers share no process and perhaps no machine: each worker answers for itself, at
KUNXIN_WORKER_METRICS, with no more than names of operations and counts.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, time

from prometheus_client import CollectorRegistry, Gauge, Histogram, start_http_server, values
from prometheus_client.multiprocess import MultiProcessCollector

from engine.exchange.telemetry import Tracing

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


@dataclass(frozen=True, slots=True)
class Measured:
    """Tracing that also keeps the time of each span: a job, what it does, a sweep."""

    inner: Tracing
    seconds: Histogram
    last_done: Gauge

    @contextmanager
    def span(self, name: str, **told: str) -> Iterator[None]:
        begun, done = perf_counter(), "no"
        try:
            with self.inner.span(name, **told):
                yield
            done = "yes"
            self.last_done.labels(name).set(time())
        finally:
            self.seconds.labels(name, done).observe(perf_counter() - begun)

    def begin(self, name: str, **told: str) -> Callable[..., None]:
        return self.inner.begin(name, **told)


def measured(inner: Tracing, registry: CollectorRegistry) -> Measured:
    return Measured(
        inner,
        Histogram(
            "kunxin_work_seconds",
            "Seconds of a job, of its operation, of a sweep.",
            ["what", "done"],
            buckets=_BUCKETS,
            registry=registry,
        ),
        Gauge(
            "kunxin_work_last_done_timestamp_seconds",
            "When such work was last done, in seconds since 1970.",
            ["what"],
            multiprocess_mode="mostrecent",
            registry=registry,
        ),
    )


def publish(address: str) -> None:
    """Answer Prometheus at host:port for this process and those that it will fork.

    OSError when the address is taken. The library shares figures in a folder, which it wants named
    in the environment before the first figure is made; those of an earlier run are not in it.
    """
    folder = Path(tempfile.mkdtemp(prefix="kunxin-worker-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # noqa: TID251 - told, not asked
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    everything = CollectorRegistry()
    MultiProcessCollector(everything, str(folder))  # type: ignore[no-untyped-call]
    host, _, port = address.rpartition(":")
    start_http_server(int(port), host or "127.0.0.1", everything)
