"""What has to happen by itself: due timers, due jobs, acknowledgements. One round of it."""

from dataclasses import dataclass

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
    training,
)
from engine.services.office import Office


@dataclass(frozen=True, slots=True)
class Round:
    timers: int
    jobs: int
    acknowledgements: int


def round_of(office: Office) -> Round:
    """Fire what is due, keep what was promised, take in what came; safe beside other rounds."""
    calendar_application.work_off(office, now=office.now())
    fired = timers.sweep(office, now=office.now())
    lights.mark(office, now=office.now())
    registers.sweep(office, now=office.now())
    daily_jobs.promise(office)
    ran = jobs.run_due(office)
    light_notices.tell(office, now=office.now())
    notice_sweeps.digest(office, now=office.now())
    notice_delivery.deliver(office)
    taken = messages.collect_acknowledgements(office)
    closed_figures.sum_up(office)
    door_sweep.tidy(office)
    job_keeping.forget(office)
    return Round(fired, ran, taken)


def keep_training_clock(office: Office) -> None:
    """Let a restart go on from here, not from where the real time has got to meanwhile."""
    if office.is_training and office.anchor.shown is not None:
        training.anchor(office, office.now())
