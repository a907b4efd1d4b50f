"""What has to happen by itself: due timers, due jobs, acknowledgements. One round of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from engine.domain.errors import Unavailable
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

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Round:
    timers: int
    jobs: int
    acknowledgements: int


@dataclass(slots=True)
class _Acts:
    """Acts of a round: what goes wrong with one of them keeps none of the others from being done."""

    failures: list[Exception] = field(default_factory=list)

    def __call__(self, act: Callable[[], object]) -> int:
        try:
            done = act()
            return done if isinstance(done, int) else 0
        except Unavailable:
            raise  # what all of them stand on is away
        except Exception as problem:  # noqa: BLE001 - the round ends with the first of them
            _log.exception("an act of the round failed; the others go on")
            self.failures.append(problem)
            return 0


def round_of(office: Office, keep: Callable[[Office], int] = jobs.run_due) -> Round:
    """Fire what is due, have due jobs kept, take in what came; safe beside other rounds.

    Errors: Unavailable at once; whatever else went wrong first, when all was tried.
    """
    do = _Acts()
    do(lambda: calendar_application.work_off(office, now=office.now()))
    fired = do(lambda: timers.sweep(office, now=office.now()))
    do(lambda: lights.mark(office, now=office.now()))
    do(lambda: registers.sweep(office, now=office.now()))
    do(lambda: daily_jobs.promise(office))
    ran = do(lambda: keep(office))
    do(lambda: light_notices.tell(office, now=office.now()))
    do(lambda: notice_sweeps.digest(office, now=office.now()))
    do(lambda: notice_delivery.deliver(office))
    taken = do(lambda: messages.collect_acknowledgements(office))
    do(lambda: closed_figures.sum_up(office))
    do(lambda: door_sweep.tidy(office))
    do(lambda: job_keeping.forget(office))
    if do.failures:
        raise do.failures[0]
    return Round(fired, ran, taken)


def keep_training_clock(office: Office) -> None:
    """Let a restart go on from here, not from where the real time has got to meanwhile."""
    if office.is_training and office.anchor.shown is not None:
        training.anchor(office, office.now())
