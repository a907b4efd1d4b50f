"""Obligations of other sites as rows and pages: read with their clock, their record, their contests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.choice import Choice
from engine.domain.downstream import Act, Duty, Progress
from engine.domain.light import days_left, light_at
from engine.domain.record import RecordEvent
from engine.domain.views import ActView, ContestView, ObligationRow
from engine.domain.words import Words
from engine.persistence import models
from engine.services import record_clocks
from engine.services.office import Office

TITLES = {
    Duty.REMOVE.value: Words("撤下时限", "time to take it down"),
    Duty.PUT_BACK.value: Words("恢复时限", "time to show it again"),
    Duty.CORRECT.value: Words("更正时限", "time to correct it"),
}
ANSWER_LIMIT = Words("答复时限", "time to answer")


class Channel(Choice):
    """How a site was told, or looked at."""

    PLATFORM = "platform", "平台交换", "platform"
    PHONE = "phone", "电话", "telephone"
    LETTER = "letter", "函件", "letter"
    WEB = "web", "打开网页", "web page"
    ON_SITE = "on_site", "上门", "in person"


class Finding(Choice):
    """What came of an enterprise's word."""

    DONE_NOW = "done_now", "确在公示，已督促撤下", "it was shown; it is gone now"
    NOT_THERE = "not_there", "核查时未见公示", "it was not shown when we looked"
    OTHER_RECORD = "other_record", "所示是另一条记录", "what is shown is another record"


def joined(*more: Any) -> Select[Any]:
    """Obligation, its clock, its record, and how many contests are open."""
    row, said = models.Obligation, models.StillShown
    contests = (
        select(func.count(said.id))
        .where(said.obligation_id == row.id, said.state == "open")
        .correlate(row)
        .scalar_subquery()
    )
    return (
        select(row, models.RecordClock, models.Record, contests)
        .join(models.RecordClock, models.RecordClock.id == row.clock_id)
        .join(models.Record, models.Record.id == row.record_id)
        .where(*more)
    )


def row_view(office: Office, found: Any, *, now: datetime, is_staff: bool) -> ObligationRow:
    """`found`: a row of `joined`. An enterprise is not told who has claimed it."""
    row, clock, record, contests = found
    site = office.sites.site(row.site)
    stopped = clock.state == record_clocks.STOPPED
    late = clock.late_at is not None
    return ObligationRow(
        id=row.id,
        record_id=row.record_id,
        number=record.number,
        subject_name=record.subject_name,
        site=row.site,
        site_title=site.title,
        way=site.way.value,
        way_title=site.way.words,
        duty=row.duty,
        duty_title=Duty(row.duty).words,
        event=row.event,
        event_title=RecordEvent(row.event).words,
        state=row.state,
        state_title=Progress(row.state).words,
        case_number=row.case_number,
        opened_at=row.opened_at,
        due_at=clock.due_at,
        stopped=stopped,
        light=("red" if late else "green")
        if stopped
        else light_at(now, clock.due_at, clock.warn_at).value,
        days_left=None if stopped else days_left(now, clock.due_at, office.calendar()),
        claimed_by=row.claimed_by if is_staff else None,
        claimed_name=row.claimed_name if is_staff else None,
        seen_at=row.seen_at,
        recheck_at=row.recheck_at,
        contests=contests,
    )


def acts_of(
    session: Session, obligation: models.Obligation, *, is_staff: bool
) -> tuple[ActView, ...]:
    """Every act, the oldest first; an enterprise is told no names and not who claimed it."""
    row = models.ObligationAct
    found = select(row).where(row.obligation_id == obligation.id).order_by(row.sequence)
    inside = (Act.CLAIMED.value, Act.RELEASED.value)
    return tuple(
        ActView(
            sequence=each.sequence,
            at=each.at,
            act=each.act,
            title=Act(each.act).words,
            after=Progress(each.after).words,
            actor_name=each.actor_name if is_staff else "",
            channel=each.channel,
            channel_title=Channel(each.channel).words if each.channel else Words(""),
            note=each.note,
            link=each.link,
            proof_name=each.proof_name,
        )
        for each in session.scalars(found)
        if is_staff or each.act not in inside
    )


def contests_of(
    office: Office, session: Session, obligation: models.Obligation, actor: Actor, *, now: datetime
) -> tuple[ContestView, ...]:
    """What the enterprise said, the newest first, each with the clock of its answer."""
    row = models.StillShown
    found = select(row).where(row.obligation_id == obligation.id).order_by(row.said_at.desc())
    return tuple(_contest(office, session, each, actor, now) for each in session.scalars(found))


def _contest(
    office: Office, session: Session, row: models.StillShown, actor: Actor, now: datetime
) -> ContestView:
    clock = session.get_one(models.RecordClock, row.clock_id)
    return ContestView(
        id=row.id,
        said_at=row.said_at,
        said_by=row.said_by_name,
        link=row.link,
        note=row.note,
        proof_name=row.proof_name,
        state=row.state,
        due_at=clock.due_at,
        clock=record_clocks.view(
            office, session, clock, ANSWER_LIMIT, now=now, is_public=not actor.is_staff
        ),
        finding=row.finding,
        finding_title=Finding(row.finding).words if row.finding else Words(""),
        answer=row.answer,
        answered_by=(row.answered_by or "") if actor.is_staff else "",
        answered_at=row.answered_at,
    )


def rows_of_records(
    office: Office, session: Session, record_ids: Sequence[Any], *, now: datetime, is_staff: bool
) -> tuple[ObligationRow, ...]:
    """All obligations of these records that were not dropped, the newest event first."""
    row = models.Obligation
    found = joined(row.record_id.in_(record_ids), row.state != Progress.DROPPED.value)
    ordered = session.execute(found.order_by(row.opened_at.desc(), row.site, row.id)).all()
    return tuple(row_view(office, each, now=now, is_staff=is_staff) for each in ordered)
