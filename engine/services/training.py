"""The clock of a training installation: it can be set, and what falls due on the way happens."""

from dataclasses import dataclass
from datetime import UTC, datetime

from engine.domain.actor import Actor
from engine.domain.errors import Invalid, NotFound
from engine.domain.words import Words
from engine.exchange.mail import Mail, MailFolder
from engine.persistence import models
from engine.services import (
    calendar_application,
    jobs,
    lights,
    messages,
    record_terms,
    registers,
    timers,
)
from engine.services.office import Office

KEY, DEMO = "training_clock", "demo"


@dataclass(frozen=True, slots=True)
class TrainingClock:
    enabled: bool
    now: datetime


def state(office: Office) -> TrainingClock:
    return TrainingClock(office.is_training, office.now())


#: Between these China has kept one offset, as moments here are told; what is later has no calendar.
FIRST, LAST = datetime(1992, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def set_clock(office: Office, actor: Actor | None, to: datetime, *, now: datetime) -> TrainingClock:
    """Move the clock. Forward: due timers fire on the way, each at its own moment, and jobs run.

    Errors: NotFound where this is no training installation; Invalid for a moment without a zone.
    """
    if not office.is_training:
        raise NotFound("这不是演练环境。", "this is not a training installation")
    if to.tzinfo is None:
        raise Invalid("时间须带时区。", "the moment needs a zone", fields={"now": "须带时区"})
    if not FIRST <= to < LAST:
        told = Words("请填 1992 年至 2099 年之间的时刻。", "choose a moment between 1992 and 2099")
        raise Invalid(told.zh, told.en, fields={"now": told})
    calendar_application.work_off(office, now=now)
    while to > now:
        due = timers.due_timers(office, now=to, limit=1)
        over_at = record_terms.next_end(office, until=to)
        if over_at is not None and (not due or over_at < due[0][1]):
            now = max(now, over_at)
            anchor(office, now)
            registers.sweep(office, now=now, at_once=True)
            _settle(office)
            continue
        if not due:
            break
        timer_id, due_at = due[0]
        now = max(now, due_at)
        anchor(office, now)
        timers.fire(office, timer_id, now=now)
        _settle(office)
    anchor(office, to)
    registers.sweep(office, now=to, at_once=True)
    _settle(office)
    timers.sweep(office, now=to)
    lights.mark(office, now=to)
    return state(office)


def _settle(office: Office) -> None:
    if office.is_embedded:
        jobs.run_due(office)
        messages.collect_acknowledgements(office)


def mails(office: Office, limit: int = 50) -> tuple[Mail, ...]:
    """The e-mail that a training installation keeps in place of sending it, the newest first."""
    if not office.is_training or not isinstance(office.mailer, MailFolder):
        raise NotFound("这不是演练环境。", "this is not a training installation")
    return office.mailer.newest(limit)


def anchor(office: Office, shown: datetime) -> None:
    """Let the clock show a moment and go on from there. Any zone comes in, UTC is kept."""
    shown, real = shown.astimezone(UTC), office.real_now()
    stored = {"shown": shown.isoformat(), "real": real.isoformat()}
    with office.uow.begin() as session:
        session.merge(models.Setting(key=KEY, value=stored))
    office.anchor.shown, office.anchor.real, office.anchor.read_at = shown, real, real


def note_demo(office: Office) -> None:
    """The demo has been played to its end."""
    with office.uow.begin() as session:
        session.merge(models.Setting(key=DEMO, value={"played": True}))


def is_demo_whole(office: Office) -> bool:
    with office.uow.read() as session:
        return session.get(models.Setting, DEMO) is not None
