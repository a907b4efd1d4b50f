"""Changes of the calendar: proposed by one person, decided by another, and taken back."""

from collections.abc import Iterable
from datetime import datetime, time
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import SYSTEM, Actor, Permission
from engine.domain.calendar import Calendar, CalendarYear
from engine.domain.calendar_change import with_years
from engine.domain.calendar_notice import read_notice
from engine.domain.calendar_views import CalendarChangeView, ChangePreview
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.words import Words
from engine.persistence import models
from engine.services import calendar_application, calendar_editions, closed_figures, second_person
from engine.services.calendar_drafts import Draft, Request, draft, effect_of
from engine.services.calendar_editions import days_of, stored_years, write_years, years_of
from engine.services.calendar_preview import LISTED
from engine.services.office import Office


def propose(office: Office, actor: Actor, request: Request, *, now: datetime) -> UUID:
    """Put a change before a second person. Errors: Invalid names what is missing."""
    actor.must(Permission.ADMINISTER)
    calendar = office.calendar()
    made = draft(calendar, request)
    _must_be_complete(request, made, calendar)
    touched = [year.year for year in made.years]
    row = models.CalendarChange(
        id=uuid4(),
        state="proposed",
        source=request.source,
        title=made.title[:200],
        document=made.document[:200],
        issued_on=made.issued_on,
        reason=request.reason.strip(),
        text=request.text,
        years_before=stored_years(calendar, touched),
        years_after=stored_years(with_years(calendar, made.years), touched),
        tells_by_letter=request.tells_by_letter,
        proposed_by=actor.username,
        proposed_at=now,
    )
    return _once(office, row)


def _once(office: Office, row: models.CalendarChange) -> UUID:
    """Store a proposal; one that its proposer has already put, pressed again, stays one."""
    change = models.CalendarChange
    with office.uow.begin() as session:
        open_ones = select(change).where(
            change.state == "proposed", change.proposed_by == row.proposed_by
        )
        for held in session.scalars(open_ones):
            if _says_the_same(held, row):
                return held.id
        session.add(row)
    return row.id


def _says_the_same(held: models.CalendarChange, row: models.CalendarChange) -> bool:
    names = ("years_before", "years_after", "document", "reason", "tells_by_letter", "revokes_id")
    return all(getattr(held, name) == getattr(row, name) for name in names)


def propose_shipped(office: Office, years: Iterable[CalendarYear], *, now: datetime) -> int:
    """Propose the years that a release brings and the calendar has not; each once, whatever came of
    it. How many were proposed."""
    calendar, change = office.calendar(), models.CalendarChange
    fresh = [year for year in years if year.year not in calendar.years]
    if not fresh:
        return 0
    with office.uow.begin() as session:
        known = [row.years_after for row in session.scalars(select(change))]
        asked = [(year, stored_years(with_years(calendar, [year]), [year.year])) for year in fresh]
        rows = [_shipped(year, after, now) for year, after in asked if after not in known]
        session.add_all(rows)
    return len(rows)


def _shipped(year: CalendarYear, after: dict[str, str], now: datetime) -> models.CalendarChange:
    return models.CalendarChange(
        id=uuid4(),
        state="proposed",
        source="file",
        title=f"新版本带来的 {year.year} 年日历",
        document=year.notice[:200],
        reason=f"公布 {year.year} 年放假安排：{year.notice}",
        text=after[str(year.year)],
        years_before={},
        years_after=after,
        proposed_by=SYSTEM.username,
        proposed_at=now,
    )


def _must_be_complete(request: Request, made: Draft, calendar: Calendar) -> None:
    wrong: dict[str, Words] = {}
    if not request.reason.strip():
        wrong["reason"] = Words("请写明理由", "give the reason")
    if not made.document.strip():
        wrong["document"] = Words("请填写文号", "give the number of the document")
    if made.notice and made.notice.not_understood and not request.acknowledged:
        clauses = "；".join(clause for clause, _ in made.notice.not_understood)
        wrong["acknowledged"] = Words(
            f"有没读懂的句子，请逐句核对：{clauses}", f"not understood, please check: {clauses}"
        )
    if not made.years or with_years(calendar, made.years).years == calendar.years:
        wrong["text"] = Words("日历没有变化", "the calendar would not change")
    if wrong:
        raise Invalid("这项变更还不完整。", "this change is not complete", fields=wrong)


def approve(
    office: Office, actor: Actor, change_id: UUID, *, now: datetime, note: str = ""
) -> CalendarChangeView:
    """A second person puts the change in force; cases are brought to it at once or by the worker.

    Errors: NotPermitted for who proposed it; Conflict when it is decided, the calendar has changed
    since, or another change is still being written into the cases.
    """
    with office.uow.begin() as session:
        row = _open_change(session, actor, change_id)
        second_person.must_be_another(office, session, actor, row.proposed_by)
        _must_fit(office, session, row)
        row.edition = calendar_editions.current(session) + 1
        row.state = "applying"
        row.decided_by, row.decided_at, row.decision_note = actor.username, now, note
        write_years(session, _touched(row), years_of(row.years_after))
        _count_closed_afresh(office, session, row)
        if row.revokes_id is not None:
            session.get_one(models.CalendarChange, row.revokes_id).state = "revoked"
        row.instances = calendar_editions.behind(session, row.edition)
    office.forget()
    if row.instances <= calendar_application.BATCH:
        calendar_application.work_off(office, now=now)
    return change(office, actor, change_id)


def _count_closed_afresh(office: Office, session: Session, row: models.CalendarChange) -> None:
    changed = [day.on for day in days_of(row)]
    if changed:
        midnight = datetime.combine(min(changed), time(), office.calendar().zone)
        closed_figures.take_back(session, midnight)


def reject(
    office: Office, actor: Actor, change_id: UUID, *, now: datetime, note: str = ""
) -> CalendarChangeView:
    """The change is not to be; who proposed it may also take it back so."""
    with office.uow.begin() as session:
        row = _open_change(session, actor, change_id, by_proposer=True)
        row.state, row.decided_by, row.decided_at = "rejected", actor.username, now
        row.decision_note = note
    return change(office, actor, change_id)


def _open_change(
    session: Session, actor: Actor, change_id: UUID, *, by_proposer: bool = False
) -> models.CalendarChange:
    actor.must(Permission.ADMINISTER)
    row = session.get(models.CalendarChange, change_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这项变更。", "there is no such change")
    if row.state != "proposed":
        raise Conflict("这项变更已经有了决定。", "this change is decided already")
    if row.proposed_by == actor.username and not by_proposer:
        raise NotPermitted(
            "日历变更须由另一人核对，提出人不能自己批准。",
            "a second person has to approve what you proposed",
        )
    return row


def _must_fit(office: Office, session: Session, row: models.CalendarChange) -> None:
    applying = select(models.CalendarChange.id).where(models.CalendarChange.state == "applying")
    if session.scalar(applying) is not None:
        raise Conflict("上一项变更还在写入，请稍后再批准。", "another change is being applied")
    office.forget()
    if stored_years(office.calendar(), _touched(row)) != row.years_before:
        raise Conflict(
            "提出之后日历又变了，请重新预览、重新提出。",
            "the calendar has changed since; preview and propose it again",
        )


def _touched(row: models.CalendarChange) -> list[int]:
    return sorted({int(year) for year in (*row.years_before, *row.years_after)})


def revoke(office: Office, actor: Actor, change_id: UUID, *, now: datetime, reason: str) -> UUID:
    """Propose to take an applied change back: again a change, decided by another person."""
    actor.must(Permission.ADMINISTER)
    if not reason.strip():
        told = Words("请写明理由", "give the reason")
        raise Invalid("请写明撤销的理由。", "say why it is revoked", fields={"reason": told})
    with office.uow.read() as session:
        row = _known(session, change_id)
        if row.state != "applied" or _later(session, row):
            raise Conflict(
                "只能撤销最近一次已应用的变更。", "only the latest applied change can be revoked"
            )
        back = models.CalendarChange(
            id=uuid4(),
            state="proposed",
            source="revocation",
            title=f"撤销：{row.title or row.document}"[:200],
            document=row.document,
            issued_on=row.issued_on,
            reason=reason.strip(),
            text="",
            years_before=row.years_after,
            years_after=row.years_before,
            tells_by_letter=row.tells_by_letter,
            revokes_id=row.id,
            proposed_by=actor.username,
            proposed_at=now,
        )
    return _once(office, back)


def _later(session: Session, row: models.CalendarChange) -> bool:
    """Whether a newer edition touches the same years."""
    held = models.CalendarChange
    newer = session.scalars(select(held).where(held.edition > (row.edition or 0)))
    return any(set(_touched(one)) & set(_touched(row)) for one in newer)


def changes(office: Office, actor: Actor) -> tuple[CalendarChangeView, ...]:
    """Every change, the newest proposal first."""
    actor.must(Permission.ADMINISTER)
    held = models.CalendarChange
    with office.uow.read() as session:
        rows = session.scalars(select(held).order_by(held.proposed_at.desc(), held.id)).all()
        return tuple(_view(session, actor, row) for row in rows)


def change(office: Office, actor: Actor, change_id: UUID) -> CalendarChangeView:
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        return _view(session, actor, _known(session, change_id))


def _known(session: Session, change_id: UUID) -> models.CalendarChange:
    row = session.get(models.CalendarChange, change_id)
    if row is None:
        raise NotFound("没有这项变更。", "there is no such change")
    return row


def change_preview(
    office: Office, actor: Actor, change_id: UUID, *, now: datetime, most: int | None = LISTED
) -> ChangePreview:
    """What a proposed change would do now; `most` limits listed, all when None."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        row = _known(session, change_id)
    calendar, years = office.calendar(), years_of(row.years_after)
    notice = None
    if row.source == "notice":
        base = with_years(calendar, years_of(row.years_before), gone=_touched(row))
        notice = read_notice(row.text, base, year=min(_touched(row)))
    made = Draft(years, row.title, row.document, row.issued_on, notice)
    return effect_of(office, made, _touched(row), now=now, most=most)


def _view(session: Session, actor: Actor, row: models.CalendarChange) -> CalendarChangeView:
    names = _names(session, (row.proposed_by, row.decided_by or ""))
    why_not = None
    if row.state == "proposed" and row.proposed_by == actor.username:
        why_not = Words("须由另一人核对", "a second person has to decide")
    return CalendarChangeView(
        id=row.id,
        edition=row.edition,
        state=row.state,
        source=row.source,
        years=tuple(_touched(row)),
        title=row.title,
        document=row.document,
        issued_on=row.issued_on,
        reason=row.reason,
        text=row.text,
        days=days_of(row),
        tells_by_letter=row.tells_by_letter,
        proposed_by=names[row.proposed_by],
        proposed_at=row.proposed_at,
        decided_by=names.get(row.decided_by or ""),
        decided_at=row.decided_at,
        decision_note=row.decision_note,
        instances=row.instances,
        remaining=_remaining(session, row),
        moved=row.moved,
        applied_at=row.applied_at,
        revokes=row.revokes_id,
        may_decide=row.state == "proposed" and why_not is None,
        why_not=why_not,
        may_revoke=row.state == "applied" and not _later(session, row),
    )


def _remaining(session: Session, row: models.CalendarChange) -> int:
    if row.state != "applying" or row.edition is None:
        return 0
    return calendar_editions.behind(session, row.edition)


def _names(session: Session, usernames: Iterable[str]) -> dict[str, str]:
    wanted = {name for name in usernames if name}
    person = models.Person
    rows = session.execute(select(person.username, person.name).where(person.username.in_(wanted)))
    return {**{name: name for name in wanted}, **{row[0]: row[1] for row in rows}}
