"""Celery: delivery only. Messages carry ids; the tables are the truth."""

import logging
from functools import cache
from uuid import UUID

from celery import Celery, shared_task
from celery.signals import setup_logging, task_postrun, task_prerun
from prometheus_client import CollectorRegistry
from structlog.contextvars import bind_contextvars, clear_contextvars

from engine import logs
from engine.bootstrap import open_from_environment
from engine.services import (
    calendar_application,
    closed_figures,
    daily_jobs,
    door_sweep,
    job_keeping,
    jobs,
    light_notices,
    lights,
    messages,
    notice_delivery,
    notice_sweeps,
    registers,
    timers,
)
from engine.services.office import Office
from engine.worker import figures

#: Seconds between two sweeps; a lost message only delays by so much.
SWEEP_EVERY = 5.0
#: Seconds after which a message that a worker took and never answered is given to another.
VISIBLE_AGAIN_AFTER = 300


def make_celery(broker_url: str) -> Celery:
    """The Celery application of an installation with a broker."""
    app = Celery("kunxin", broker=broker_url)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=2,
        broker_transport_options={"visibility_timeout": VISIBLE_AGAIN_AFTER},
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


@task_prerun.connect
def _begin(task_id: str, **_: object) -> None:
    """What is logged within names the message that it was done for."""
    clear_contextvars()
    bind_contextvars(message=task_id)


@task_postrun.connect
def _end(**_: object) -> None:
    clear_contextvars()


@cache
def current_office() -> Office:
    """The office of this worker process, which counts what it does."""
    office = open_from_environment(announce)
    office.tracing = figures.measured(office.tracing, CollectorRegistry())
    return office


def announce(job_id: UUID) -> None:
    """A hint to the workers that a job waits."""
    run_job.delay(str(job_id))


@shared_task(name="kunxin.run_job")
def run_job(job_id: str) -> None:
    """Keep one promise; delivered twice it is kept once."""
    jobs.run(current_office(), UUID(job_id))


@shared_task(name="kunxin.sweep")
def sweep() -> None:
    """Write a changed calendar into cases, fire due timers, announce due jobs again, take in acknowledgements,
    sum up what was closed, forget what was done long ago."""
    office = current_office()
    with office.tracing.span("sweep"):
        _sweep(office)


def _sweep(office: Office) -> None:
    calendar_application.work_off(office, now=office.now())
    timers.sweep(office, now=office.now())
    lights.mark(office, now=office.now())
    registers.sweep(office, now=office.now())
    daily_jobs.promise(office)
    for job_id in jobs.due_jobs(office):
        jobs.run(office, job_id)
    light_notices.tell(office, now=office.now())
    notice_sweeps.digest(office, now=office.now())
    notice_delivery.deliver(office)
    messages.collect_acknowledgements(office)
    closed_figures.sum_up(office)
    door_sweep.tidy(office)
    job_keeping.forget(office)
