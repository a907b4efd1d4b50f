"""What other sites owe when a record changes: opened, dropped, acted upon, each act kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Budget, EntryKind, step_due
from engine.domain.clock_ledger import Unit
from engine.domain.downstream import (
    RUNNING,
    Act,
    Duty,
    Progress,
    Site,
    SiteLimit,
    Way,
    after,
    duty_of,
)
from engine.domain.identifiers import uscc_problem
from engine.domain.parameters import SITE
from engine.domain.record import Cause, Reporting
from engine.domain.record import RecordState as State
from engine.persistence import models
from engine.services import record_clocks
from engine.services.office import Office
from engine.services.record_clocks import Entry

OPPOSITE = {Duty.REMOVE: Duty.PUT_BACK, Duty.PUT_BACK: Duty.REMOVE}
LIVE = tuple(each.value for each in RUNNING)


@dataclass(frozen=True, slots=True)
class Told:
    """What goes with an act: by which channel, in which words, with which proof."""

    channel: str = ""
    note: str = ""
    link: str = ""
    proof_sha256: str | None = None
    proof_name: str = ""
    proof_type: str = ""


NOTHING = Told()


def follow(
    office: Office,
    session: Session,
    record: models.Record,
    moved: tuple[State, State],
    cause: Cause,
    actor: Actor,
    *,
    now: datetime,
) -> None:
    """After a change of the record: what other sites owe from now on."""
    before, reached = moved
    duty = duty_of(before.publication, reached.publication)
    if duty is not None:
        was_reported = before.reporting in (Reporting.REPORTED, Reporting.RECALLED)
        arise(office, session, record, duty, cause, actor, was_reported=was_reported, now=now)


def arise(
    office: Office,
    session: Session,
    record: models.Record,
    duty: Duty,
    cause: Cause,
    actor: Actor,
    *,
    was_reported: bool,
    now: datetime,
) -> None:
    """One obligation for each site that shows the record, or has taken it down."""
    held = list(of_records(session, [record.id]))
    sites = {site.key: site for site in _owing(office, record, was_reported=was_reported)}
    if duty is Duty.PUT_BACK:
        sites.update((each.site, office.sites.site(each.site)) for each in held)
    for site in sites.values():
        if _takes_back(office, session, held, site, duty, actor, now):
            continue
        if any(_is_live(each, site.key, duty) for each in held):
            continue
        open_one(office, session, record, site, duty, cause, actor, now=now)


def _owing(office: Office, record: models.Record, *, was_reported: bool) -> Iterable[Site]:
    is_firm = uscc_problem(record.subject_code) is None
    kind = record.kind
    for site in office.sites.owing(kind, record.authority_key, is_firm=is_firm):
        if site.way is not Way.PLATFORM or was_reported:
            yield site


def _is_live(row: models.Obligation, site: str, duty: Duty) -> bool:
    return row.site == site and row.duty == duty.value and row.state in LIVE


def _takes_back(
    office: Office,
    session: Session,
    held: Sequence[models.Obligation],
    site: Site,
    duty: Duty,
    actor: Actor,
    now: datetime,
) -> bool:
    """The opposite is no longer owed. True when the site never heard of it: then nothing is owed."""
    unheard = False
    for row in held:
        if duty in OPPOSITE and _is_live(row, site.key, OPPOSITE[duty]):
            unheard = row.state == Progress.OPEN.value and row.act_count == 1
            act(office, session, row, Act.DROPPED, actor, Told(note="记录状态又有变化"), now=now)
    return unheard


def open_one(
    office: Office,
    session: Session,
    record: models.Record,
    site: Site,
    duty: Duty,
    cause: Cause,
    actor: Actor,
    *,
    now: datetime,
) -> models.Obligation:
    """An obligation with its clock, under the limit in force on this day."""
    kind = record.kind
    today = office.calendar().local_date(now)
    limit: SiteLimit = office.sites.limit(site.key, cause.event, kind, today)
    entry = Entry(
        EntryKind.START,
        cause.event.words.zh,
        basis=limit.basis,
        document=cause.document or cause.case_number,
        actor=actor.name,
    )
    budget = office.parameters().budget(SITE + limit.key, limit.budget)
    clock = record_clocks.begin(office, session, record.id, duty.value, budget, entry, now=now)
    row = models.Obligation(
        id=uuid4(),
        record_id=record.id,
        clock_id=clock.id,
        site=site.key,
        duty=duty.value,
        event=cause.event.value,
        case_number=cause.case_number or None,
        document=cause.document,
        opened_at=now,
        state=Progress.OPEN.value,
        act_count=0,
        version=1,
    )
    session.add(row)
    session.flush()
    _keep(session, row, Act.OPENED, actor, NOTHING, now, before="")
    session.flush()
    return row


def of_records(session: Session, record_ids: Iterable[UUID]) -> Sequence[models.Obligation]:
    """All obligations of these records, locked, the oldest first."""
    row = models.Obligation
    found = select(row).where(row.record_id.in_(list(record_ids)))
    return session.scalars(found.order_by(row.opened_at, row.id).with_for_update()).all()


def act(
    office: Office,
    session: Session,
    row: models.Obligation,
    what: Act,
    actor: Actor,
    told: Told = NOTHING,
    *,
    now: datetime,
    seen_at: datetime | None = None,
) -> None:
    """One act: it leaves its line, the clock follows. Conflict when it is not possible now."""
    site = office.sites.site(row.site)
    before = Progress(row.state)
    reached = after(before, what, needs_second=site.needs_second)
    clock = session.get_one(models.RecordClock, row.clock_id)
    row.state, row.version = reached.value, row.version + 1
    if what is Act.SEEN_DONE:
        row.seen_by, row.seen_at = actor.username, seen_at or now
    if reached in RUNNING and before not in RUNNING:
        _restart(office, session, row, clock, what, actor, now)
    elif before in RUNNING and reached not in RUNNING:
        _stop(office, session, row, clock, what, actor, now)
    if reached is Progress.DONE and before is not Progress.DONE:
        row.recheck_at = step_due(now, Budget(site.recheck, Unit.WORKING_DAYS), office.calendar())
    elif reached is not Progress.DONE:
        row.recheck_at = None
    if what in (Act.CLAIMED, Act.RELEASED):
        mine = what is Act.CLAIMED
        row.claimed_by = actor.username if mine else None
        row.claimed_name = actor.name if mine else None
    _keep(session, row, what, actor, told, now, before=before.value)


def _stop(
    office: Office,
    session: Session,
    row: models.Obligation,
    clock: models.RecordClock,
    what: Act,
    actor: Actor,
    now: datetime,
) -> None:
    """The site has done it when somebody saw it done, not when a second person had the time."""
    done = what is not Act.DROPPED
    entry = Entry(
        EntryKind.STOP,
        what.words.zh,
        effective_at=row.seen_at if done and row.seen_at else now,
        actor=actor.name,
    )
    record_clocks.stop(office, session, clock, entry, now=now)


def _restart(
    office: Office,
    session: Session,
    row: models.Obligation,
    clock: models.RecordClock,
    what: Act,
    actor: Actor,
    now: datetime,
) -> None:
    row.seen_by = row.seen_at = None
    entry = Entry(EntryKind.RESTART, what.words.zh, basis=clock.basis, actor=actor.name)
    record_clocks.enter(office, session, clock, entry, now=now)


def _keep(
    session: Session,
    row: models.Obligation,
    what: Act,
    actor: Actor,
    told: Told,
    now: datetime,
    *,
    before: str,
) -> None:
    row.act_count += 1
    session.add(
        models.ObligationAct(
            id=uuid4(),
            obligation_id=row.id,
            sequence=row.act_count,
            at=now,
            act=what.value,
            before=before,
            after=row.state,
            actor=actor.username,
            actor_name=actor.name,
            channel=told.channel,
            note=told.note,
            link=told.link,
            proof_sha256=told.proof_sha256,
            proof_name=told.proof_name,
            proof_type=told.proof_type,
        )
    )


# ── through the platform ────────────────────────────────────────────────────────────────────────


def note_pushed(
    office: Office, session: Session, record_ids: Iterable[UUID], actor: Actor, *, now: datetime
) -> None:
    """A notice on these records went to the upper platform, which passes it to its sites."""
    for row in of_records(session, record_ids):
        if office.sites.site(row.site).way is Way.PLATFORM and row.state in _PUSHABLE:
            act(office, session, row, Act.PUSHED, actor, Told(channel="platform"), now=now)


_PUSHABLE = (Progress.OPEN.value, Progress.ASKED.value, Progress.ACKNOWLEDGED.value)


def note_acknowledged(
    office: Office,
    session: Session,
    record_ids: Iterable[UUID],
    said: str,
    actor: Actor,
    *,
    now: datetime,
) -> None:
    """The platform says that a site (named by key or title; all, when none is named) has followed."""
    rows = [r for r in of_records(session, record_ids) if r.state in _PUSHABLE]
    through = [r for r in rows if office.sites.site(r.site).way is Way.PLATFORM]
    named = [r for r in through if said in (r.site, office.sites.site(r.site).title.zh)]
    for row in named or through:
        told = Told(channel="platform", note=said)
        act(office, session, row, Act.ACKNOWLEDGED, actor, told, now=now)


def correct(
    office: Office,
    session: Session,
    record: models.Record,
    cause: Cause,
    actor: Actor,
    *,
    now: datetime,
) -> None:
    """What the record says was put right: every site that shows it owes the same."""
    was_reported = record.reporting == Reporting.REPORTED.value
    held = of_records(session, [record.id])
    for site in _owing(office, record, was_reported=was_reported):
        if not any(_is_live(each, site.key, Duty.CORRECT) for each in held):
            open_one(office, session, record, site, Duty.CORRECT, cause, actor, now=now)
