"""What other sites owe when a record changes: opened, dropped, acted upon, each act kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.clock import Budget, EntryKind, step_due
from engine.domain.clock_ledger import Unit
from engine.domain.downstream import (
    RUNNING,
    Act,
    Duty,
    Progress,
    Site,
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
from engine.services.clock_entries import Entry
from engine.services.office import Office
from engine.services.writing import Writing

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


def follow(by: Writing, record: models.Record, moved: tuple[State, State], cause: Cause) -> None:
    """After a change of the record: what other sites owe from now on."""
    before, reached = moved
    duty = duty_of(before.publication, reached.publication)
    if duty is not None:
        was_reported = before.reporting in (Reporting.REPORTED, Reporting.RECALLED)
        arise(by, record, duty, cause, was_reported=was_reported)


def arise(
    by: Writing, record: models.Record, duty: Duty, cause: Cause, *, was_reported: bool
) -> None:
    """One obligation for each site that shows the record, or has taken it down."""
    held = list(of_records(by.session, [record.id]))
    sites = {site.key: site for site in _owing(by.office, record, was_reported=was_reported)}
    if duty is Duty.PUT_BACK:
        sites.update((each.site, by.office.sites.site(each.site)) for each in held)
    for site in sites.values():
        if _takes_back(by, held, site, duty):
            continue
        if any(_is_live(each, site.key, duty) for each in held):
            continue
        open_one(by, record, site, duty, cause)


def _owing(office: Office, record: models.Record, *, was_reported: bool) -> Iterable[Site]:
    is_firm = uscc_problem(record.subject_code) is None
    kind = record.kind
    for site in office.sites.owing(kind, record.authority_key, is_firm=is_firm):
        if site.way is not Way.PLATFORM or was_reported:
            yield site


def _is_live(row: models.Obligation, site: str, duty: Duty) -> bool:
    return row.site == site and row.duty == duty.value and row.state in LIVE


def _takes_back(by: Writing, held: Sequence[models.Obligation], site: Site, duty: Duty) -> bool:
    """The opposite is no longer owed. True when the site never heard of it: then nothing is owed."""
    unheard = False
    for row in held:
        if duty in OPPOSITE and _is_live(row, site.key, OPPOSITE[duty]):
            unheard = row.state == Progress.OPEN.value and row.act_count == 1
            act(by, row, Act.DROPPED, Told(note="记录状态又有变化"))
    return unheard


def open_one(
    by: Writing, record: models.Record, site: Site, duty: Duty, cause: Cause
) -> models.Obligation:
    """An obligation with its clock, under the limit in force on this day."""
    limit = by.office.sites.limit(site.key, cause.event, record.kind, by.today)
    entry = Entry(
        EntryKind.START,
        cause.event.words.zh,
        basis=limit.basis,
        document=cause.document or cause.case_number,
    )
    budget = by.office.parameters().budget(SITE + limit.key, limit.budget)
    clock = record_clocks.begin(by, record.id, duty.value, budget, entry)
    row = models.Obligation(
        id=uuid4(),
        record_id=record.id,
        clock_id=clock.id,
        site=site.key,
        duty=duty.value,
        event=cause.event.value,
        case_number=cause.case_number or None,
        document=cause.document,
        opened_at=by.now,
        state=Progress.OPEN.value,
        act_count=0,
        version=1,
    )
    by.session.add(row)
    by.session.flush()
    _keep(by, row, Act.OPENED, NOTHING, before="")
    by.session.flush()
    return row


def of_records(session: Session, record_ids: Iterable[UUID]) -> Sequence[models.Obligation]:
    """All obligations of these records, locked, the oldest first."""
    row = models.Obligation
    found = select(row).where(row.record_id.in_(list(record_ids)))
    return session.scalars(found.order_by(row.opened_at, row.id).with_for_update()).all()


def act(
    by: Writing,
    row: models.Obligation,
    what: Act,
    told: Told = NOTHING,
    *,
    seen_at: datetime | None = None,
) -> None:
    """One act: it leaves its line, the clock follows. Conflict when it is not possible now."""
    site = by.office.sites.site(row.site)
    before = Progress(row.state)
    reached = after(before, what, needs_second=site.needs_second)
    row.state, row.version = reached.value, row.version + 1
    if what is Act.SEEN_DONE:
        row.seen_by, row.seen_at = by.actor.username, seen_at or by.now
    _follow_clock(by, row, what, before, reached)
    _set_recheck(by, row, site, before, reached)
    if what in (Act.CLAIMED, Act.RELEASED):
        mine = what is Act.CLAIMED
        row.claimed_by = by.actor.username if mine else None
        row.claimed_name = by.actor.name if mine else None
    _keep(by, row, what, told, before=before.value)


def _follow_clock(
    by: Writing, row: models.Obligation, what: Act, before: Progress, reached: Progress
) -> None:
    """The clock runs while something is owed. It stops when somebody saw it done, not when a second
    person had the time to look."""
    if (before in RUNNING) == (reached in RUNNING):
        return
    clock = by.session.get_one(models.RecordClock, row.clock_id)
    if reached in RUNNING:
        row.seen_by = row.seen_at = None
        entry = Entry(EntryKind.RESTART, what.words.zh, basis=clock.basis)
        record_clocks.enter(by, clock, entry)
        return
    seen_at = None if what is Act.DROPPED else row.seen_at
    entry = Entry(EntryKind.STOP, what.words.zh, effective_at=seen_at or by.now)
    record_clocks.stop(by, clock, entry)


def _set_recheck(
    by: Writing, row: models.Obligation, site: Site, before: Progress, reached: Progress
) -> None:
    """What is done is looked at once more after some working days."""
    if reached is not Progress.DONE:
        row.recheck_at = None
    elif before is not Progress.DONE:
        rest = Budget(site.recheck, Unit.WORKING_DAYS)
        row.recheck_at = step_due(by.now, rest, by.office.calendar())


def _keep(by: Writing, row: models.Obligation, what: Act, told: Told, *, before: str) -> None:
    row.act_count += 1
    by.session.add(
        models.ObligationAct(
            obligation_id=row.id,
            sequence=row.act_count,
            at=by.now,
            act=what.value,
            before=before,
            after=row.state,
            actor=by.actor.username,
            actor_name=by.actor.name,
            channel=told.channel,
            note=told.note,
            link=told.link,
            proof_sha256=told.proof_sha256,
            proof_name=told.proof_name,
            proof_type=told.proof_type,
        )
    )


# ── through the platform ────────────────────────────────────────────────────────────────────────


def note_pushed(by: Writing, record_ids: Iterable[UUID]) -> None:
    """A notice on these records went to the upper platform, which passes it to its sites."""
    for row in of_records(by.session, record_ids):
        if by.office.sites.site(row.site).way is Way.PLATFORM and row.state in _PUSHABLE:
            act(by, row, Act.PUSHED, Told(channel="platform"))


_PUSHABLE = (Progress.OPEN.value, Progress.ASKED.value, Progress.ACKNOWLEDGED.value)


def note_acknowledged(by: Writing, record_ids: Iterable[UUID], said: str) -> None:
    """The platform says that a site (named by key or title; all, when none is named) has followed."""
    site_of = by.office.sites.site
    rows = [r for r in of_records(by.session, record_ids) if r.state in _PUSHABLE]
    through = [r for r in rows if site_of(r.site).way is Way.PLATFORM]
    named = [r for r in through if said in (r.site, site_of(r.site).title.zh)]
    for row in named or through:
        told = Told(channel="platform", note=said)
        act(by, row, Act.ACKNOWLEDGED, told)


def correct(by: Writing, record: models.Record, cause: Cause) -> None:
    """What the record says was put right: every site that shows it owes the same."""
    was_reported = record.reporting == Reporting.REPORTED.value
    held = of_records(by.session, [record.id])
    for site in _owing(by.office, record, was_reported=was_reported):
        if not any(_is_live(each, site.key, Duty.CORRECT) for each in held):
            open_one(by, record, site, Duty.CORRECT, cause)
