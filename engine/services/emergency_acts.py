"""Acts on an emergency response: proposed by one person with its basis, confirmed by another."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.emergency import Act, EmergencyKind, Level
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.words import Words
from engine.persistence import models
from engine.services import emergencies, second_person
from engine.services.emergency_end import tell_cases
from engine.services.office import Office

LEAST = 2


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act: a new response, or a level or an end of one that is known (`emergency_id`).

    on: the first day of the response or level, the last day of a response that ends.
    """

    act: Act
    on: date
    document: str
    reason: str
    level: Level | None = None
    emergency_id: UUID | None = None
    kind: EmergencyKind = EmergencyKind.PUBLIC_HEALTH
    title: str = ""


def propose(office: Office, actor: Actor, proposal: Proposal, *, now: datetime) -> UUID:
    """Put an act before a second person. Errors: Invalid with fields, NotFound, Conflict."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        return _propose(session, actor, proposal, now).id


def declare_at_once(
    office: Office, proposal: Proposal, *, by: Actor, confirmed_by: Actor, now: datetime
) -> UUID:
    """Both persons' acts in one, for an installation that is being filled."""
    entry_id = propose(office, by, proposal, now=now)
    decide(office, confirmed_by, entry_id, confirmed=True, note="", now=now)
    return entry_id


def _propose(
    session: Session, actor: Actor, proposal: Proposal, now: datetime
) -> models.EmergencyEntry:
    _must_be_complete(proposal)
    entry_id = uuid4()
    declared = None if proposal.act is Act.DECLARE else _declared(session, proposal.emergency_id)
    if declared is not None and proposal.on < declared.effective_on:
        told = Words("不能早于响应启动的那一天", "not before the day on which it was declared")
        raise Invalid("日期不对。", "the date is wrong", fields={"on": told})
    entry = models.EmergencyEntry
    belongs_to = declared.id if declared else entry_id
    last = session.scalar(select(func.max(entry.sequence)).where(entry.emergency_id == belongs_to))
    row = models.EmergencyEntry(
        id=entry_id,
        emergency_id=belongs_to,
        sequence=(last or 0) + 1,
        act=proposal.act.value,
        kind=declared.kind if declared else proposal.kind.value,
        title=declared.title if declared else proposal.title.strip()[:200],
        effective_on=proposal.on,
        level=proposal.level.value if proposal.level else None,
        document=proposal.document.strip()[:200],
        reason=proposal.reason.strip(),
        state="proposed",
        proposed_by=actor.username,
        proposed_at=now,
    )
    session.add(row)
    return row


def _must_be_complete(proposal: Proposal) -> None:
    wrong: dict[str, Words] = {}
    if len(proposal.document.strip()) < LEAST:
        wrong["document"] = Words("请写明依据的文件", "name the document it rests on")
    if len(proposal.reason.strip()) < LEAST:
        wrong["reason"] = Words("请写明理由", "give the reason")
    if proposal.act is Act.DECLARE and len(proposal.title.strip()) < LEAST:
        wrong["title"] = Words("请写明是什么事件", "say what the emergency is")
    if proposal.act is not Act.END and proposal.level is None:
        wrong["level"] = Words("请选择响应级别", "choose the level of response")
    if wrong:
        raise Invalid("这项登记还不完整。", "this act is not complete", fields=wrong)


def _declared(session: Session, emergency_id: UUID | None) -> models.EmergencyEntry:
    row = session.get(models.EmergencyEntry, emergency_id) if emergency_id else None
    if row is None or row.act != Act.DECLARE:
        raise NotFound("没有这次应急响应。", "there is no such response")
    if row.state != "confirmed":
        raise Conflict("这次响应尚未确认启动。", "this response has not been confirmed")
    return row


def decide(
    office: Office, actor: Actor, entry_id: UUID, *, confirmed: bool, note: str, now: datetime
) -> None:
    """A second person confirms or rejects. With the end of a response, cases that run under it are
    told. Errors: NotFound, NotPermitted for who proposed it, Conflict when it is decided or would
    overlap another response of its kind.
    """
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        row = _locked(session, entry_id)
        if row.state != "proposed":
            raise Conflict("这项登记已经有了决定。", "this act is decided already")
        if confirmed and row.proposed_by == actor.username:
            raise NotPermitted(
                "须由另一人核对，提出人不能自己确认。", "a second person has to confirm it"
            )
        if confirmed:
            second_person.must_be_another(office, session, actor, row.proposed_by)
        if confirmed and row.act == Act.DECLARE:
            _must_not_overlap(office, row)
        row.state = "confirmed" if confirmed else "rejected"
        row.decided_by, row.decided_at, row.decision_note = actor.username, now, note.strip()
        if confirmed and row.act == Act.END:
            tell_cases(office, session, row)


def _locked(session: Session, entry_id: UUID) -> models.EmergencyEntry:
    """The act, with every other of its kind: two that would overlap are decided one after the other."""
    entry = models.EmergencyEntry
    kind = select(entry.kind).where(entry.id == entry_id).scalar_subquery()
    every = select(entry).where(entry.kind == kind).order_by(entry.id).with_for_update()
    found = {each.id: each for each in session.scalars(every)}
    if entry_id not in found:
        raise NotFound("没有这项登记。", "there is no such act")
    return found[entry_id]


def _must_not_overlap(office: Office, row: models.EmergencyEntry) -> None:
    kind = EmergencyKind(row.kind)
    later = (
        each
        for each in emergencies.known(office)
        if each.kind is kind and (each.ends_on is None or each.ends_on >= row.effective_on)
    )
    for each in later:
        raise Conflict(
            f"同类响应{each.span.zh}已在施行，请先登记其终止。",
            f"a response of this kind is in force {each.span.en}: record its end first",
        )
