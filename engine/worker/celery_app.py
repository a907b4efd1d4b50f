"""Celery: delivery only. Messages carry ids; the tables are the truth."""

import logging
import os
import sys
from dataclasses import dataclass
from functools import cache
from time import monotonic
from uuid import UUID

from celery import Celery, Task, shared_task
from celery.apps import worker as worker_program
from celery.signals import setup_logging, task_postrun, task_prerun
from prometheus_client import CollectorRegistry
from structlog.contextvars import bind_contextvars, clear_contextvars

from engine import logs
from engine.bootstrap import open_from_environment
from engine.services import duty, jobs
from engine.services.office import Office
from engine.worker import figures, redis_transport
from engine.worker.patience import ProcessPatience

#: Seconds between two sweeps; a lost message only delays by so much.
SWEEP_EVERY = 5.0
#: Seconds after which a message that a worker took and never answered is given to another.
VISIBLE_AGAIN_AFTER = 300
#: kB of memory above which a worker's process is replaced, after the job it has begun.
MOST_MEMORY = 1_000_000
#: Seconds of one sweep: it may have a hundred thousand timers before it. What it has not done is due still.
SWEEP_WITHIN = 3600.0


def make_celery(broker_url: str) -> Celery:
    """The Celery application of an installation with a broker."""
    redis_transport.use()
    _broker.away_until = 0.0
    app = Celery("kunxin", broker=broker_url)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_max_memory_per_child=MOST_MEMORY,
        worker_consumer="engine.worker.consumer:PatientConsumer",
        broker_connection_retry_on_startup=True,
        broker_channel_error_retry=True,  # a broker that has no memory left, or may not write
        broker_connection_timeout=2,
        broker_transport_options={
            "visibility_timeout": VISIBLE_AGAIN_AFTER,
            **redis_transport.LINE,
        },
        # an announcement is a hint that nobody waits for: the sweep finds the row
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0.1},
        beat_schedule={
            "sweep": {"task": "kunxin.sweep", "schedule": SWEEP_EVERY},
        },
    )
    app.set_default()
    return app


@setup_logging.connect
def _write_as_the_web_does(**_: object) -> None:
    logs.configure(libraries=logging.INFO)
    worker_program.safe_say = _say


def _say(words: str, _output: object = None) -> None:
    """Said from within a handler of a signal, where no lock may be taken."""
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, logs.line(words))


@task_prerun.connect
def _begin(task_id: str, **_: object) -> None:
    """What is logged within names the message that it was done for."""
    clear_contextvars()
    bind_contextvars(message=task_id)


@task_postrun.connect
def _end(**_: object) -> None:
    clear_contextvars()


@dataclass(slots=True)
class Broker:
    """What this process knows of it."""

    away_until: float = 0.0  # by the clock of `monotonic`

    def is_away(self) -> bool:
        return monotonic() < self.away_until

    def note_away(self) -> None:
        self.away_until = monotonic() + SWEEP_EVERY


_broker = Broker()


@cache
def current_office() -> Office:
    """The office of this worker process, which counts what it does."""
    office = open_from_environment(announce)
    office.tracing = figures.measured(office.tracing, CollectorRegistry())
    office.patience = ProcessPatience()
    return office


def announce(job_id: UUID) -> None:
    """A hint to the workers that a job waits. While the broker is away nobody waits for it once more
    than once in a while: the next sweep finds the row."""
    if _broker.is_away():
        return
    try:
        run_job.delay(str(job_id))
    except Exception:
        _broker.note_away()
        raise


@shared_task(name="kunxin.run_job", bind=True)
def run_job(self: Task, job_id: str) -> None:
    """Keep one promise; delivered twice it is kept once. What killed the process that had it is not
    tried again at once: it might kill each in turn."""
    office, which = current_office(), UUID(job_id)
    if (self.request.delivery_info or {}).get("redelivered"):
        jobs.note_death(office, which)
    jobs.run(office, which)


@shared_task(name="kunxin.sweep")
def sweep() -> None:
    """One round of what has to happen by itself; due jobs are announced again, each to be kept by whoever
    has a hand free."""
    office = current_office()
    with office.tracing.span("sweep"), office.patience.within(SWEEP_WITHIN):
        duty.round_of(office, _announce_due)


def _announce_due(office: Office) -> int:
    due = jobs.due_jobs(office)
    for job_id in due:
        announce(job_id)
    return len(due)
