"""仍在公示: an enterprise says that a site has not followed; somebody looks, and it is answered."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.clock import EntryKind
from engine.domain.downstream import Act, Duty, Progress
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.parameters import STILL_SHOWN
from engine.domain.record import Cause, Publication, RecordEvent
from engine.domain.words import Words
from engine.persistence import models
from engine.services import kept_files, obligations, record_clocks
from engine.services.notice_writing import Told as Notice
from engine.services.notice_writing import write
from engine.services.obligation_rows import Finding
from engine.services.obligations import Told
from engine.services.office import Office
from engine.services.record_clocks import Entry
from engine.services.site_work import Proof, told_with

#: Why a record that is off show is off show.
GONE_BY = {
    Publication.WITHDRAWN_REPAIRED.value: RecordEvent.REPAIR_GRANTED,
    Publication.WITHDRAWN_EXPIRED.value: RecordEvent.EXPIRED,
    Publication.WITHDRAWN_CORRECTED.value: RecordEvent.REVOKED,
    Publication.EXEMPT.value: RecordEvent.EXEMPTED,
    Publication.TEMPORARILY_WITHDRAWN.value: RecordEvent.TEMPORARILY_WITHDRAWN,
}
CENTRE = "credit_centre"
SEEN = (Progress.CHECKED.value, Progress.DONE.value, Progress.CLOSED.value)


def say(
    office: Office,
    actor: Actor,
    record_id: UUID,
    site: str,
    *,
    now: datetime,
    link: str = "",
    note: str = "",
    proof: Proof | None = None,
) -> UUID:
    """The enterprise found its record on a site that should no longer show it. The id of its word.

    Errors: NotFound; Conflict while an earlier word on that site is not answered, or when the record
    is on show by right; Invalid without a link and a picture.
    """
    if not (link.strip() or proof):
        raise Invalid(
            "请写明网址或附上截图。",
            "give a link or a picture",
            fields={"link": Words("请写明网址或附上截图。", "Give a link or a picture.")},
        )
    office.sites.site(site)
    with office.uow.read() as session:
        _must_be_own(actor, session.get(models.Record, record_id))  # before a picture is kept
    told = told_with(office, proof, channel="web", note=note, link=link)
    with office.uow.begin() as session:
        record = _must_be_own(actor, session.get(models.Record, record_id, with_for_update=True))
        owed = _owed(office, session, record, site, actor, now)
        if _open_word(session, owed) is not None:
            raise Conflict(
                "您已反映过，正在核实，答复后会告诉您。",
                "you have said so; it is being looked into",
            )
        if proof is not None:
            kept_files.keep(office, session, proof.content)
        obligations.act(office, session, owed, Act.CONTESTED, actor, told, now=now)
        word = _word(office, session, owed, actor, told, now)
        _tell_centre(office, session, owed, word, now)
    return word.id


def _must_be_own(actor: Actor, record: models.Record | None) -> models.Record:
    if record is None or actor.subject is None or actor.subject != record.subject_code:
        raise NotFound("没有这条记录。", "there is no such record")
    return record


def _owed(
    office: Office,
    session: Session,
    record: models.Record,
    site: str,
    actor: Actor,
    now: datetime,
) -> models.Obligation:
    """What the site owes; a site that owes something only on report owes it from now on."""
    held = [
        row
        for row in obligations.of_records(session, [record.id])
        if row.site == site and row.state != Progress.DROPPED.value
    ]
    if held and held[-1].duty != Duty.PUT_BACK.value:
        return held[-1]
    event = GONE_BY.get(record.publication)
    if event is None:
        raise Conflict(
            "这条记录按规定正在公示，没有到撤下的时候。", "the record is on show, as it should be"
        )
    cause = Cause(event, actor=actor.username, document="企业反映")
    return obligations.open_one(
        office, session, record, office.sites.site(site), Duty.REMOVE, cause, actor, now=now
    )


def _open_word(session: Session, owed: models.Obligation) -> models.StillShown | None:
    row = models.StillShown
    return session.scalar(select(row).where(row.obligation_id == owed.id, row.state == "open"))


def _word(
    office: Office,
    session: Session,
    owed: models.Obligation,
    actor: Actor,
    told: Told,
    now: datetime,
) -> models.StillShown:
    entry = Entry(
        EntryKind.START,
        Act.CONTESTED.words.zh,
        basis=office.sites.answers_basis,
        actor=actor.name,
    )
    budget = office.parameters().budget(STILL_SHOWN, office.sites.answers_in)
    clock = record_clocks.begin(
        office, session, owed.record_id, "still_shown", budget, entry, now=now
    )
    row = models.StillShown(
        id=uuid4(),
        obligation_id=owed.id,
        clock_id=clock.id,
        said_by=actor.username,
        said_by_name=actor.name,
        said_at=now,
        link=told.link,
        note=told.note,
        proof_sha256=told.proof_sha256,
        proof_name=told.proof_name,
        proof_type=told.proof_type,
        state="open",
        finding="",
        answer="",
    )
    session.add(row)
    return row


def answer(
    office: Office,
    actor: Actor,
    word_id: UUID,
    finding: str,
    text: str,
    *,
    now: datetime,
) -> None:
    """What was found, told to the enterprise.

    done_now needs the removal to have been seen on the site; the two other findings are themselves
    what somebody saw there.
    Errors: NotFound, NotPermitted; Conflict when it was answered or is still shown; Invalid.
    """
    actor.must(Permission.TRACK_SITES)
    if finding not in {each.value for each in Finding} or not text.strip():
        raise Invalid(
            "请选择核查结果并写明答复。",
            "choose a finding and write the answer",
            fields={"answer": Words("请写明答复。", "Write the answer.")}
            if not text.strip()
            else {},
        )
    with office.uow.begin() as session:
        row = session.get(models.StillShown, word_id, with_for_update=True)
        if row is None:
            raise NotFound("没有这条反映。", "there is no such word")
        if row.state != "open":
            raise Conflict("已经答复过。", "it has been answered")
        owed = session.get_one(models.Obligation, row.obligation_id, with_for_update=True)
        _must_be_seen(office, session, owed, finding, text, actor, now)
        told = Told(note=text.strip()[:2000])
        obligations.act(office, session, owed, Act.ANSWERED, actor, told, now=now)
        row.state, row.finding, row.answer = "answered", finding, told.note
        row.answered_by, row.answered_at = actor.name, now
        clock = session.get_one(models.RecordClock, row.clock_id)
        entry = Entry(EntryKind.STOP, "答复", actor=actor.name)
        record_clocks.stop(office, session, clock, entry, now=now)
        _tell_enterprise(office, session, owed, row, now)


def _tell_enterprise(
    office: Office,
    session: Session,
    owed: models.Obligation,
    row: models.StillShown,
    now: datetime,
) -> None:
    record = session.get_one(models.Record, owed.record_id)
    facts = _facts(office, owed, record, Words(row.answer))
    session.flush()
    _tell(office, session, "site_answered", row.id, _of_subject(record.subject_code), facts, now)


def _tell_centre(
    office: Office, session: Session, owed: models.Obligation, row: models.StillShown, now: datetime
) -> None:
    record = session.get_one(models.Record, owed.record_id)
    facts = _facts(office, owed, record, Words(row.note))
    session.flush()
    _tell(office, session, "site_contested", row.id, None, facts, now)


def _facts(
    office: Office, owed: models.Obligation, record: models.Record, detail: Words
) -> dict[str, object]:
    return {
        "document": record.number,
        "site": office.sites.site(owed.site).title,
        "detail": detail,
    }


def _of_subject(code: str) -> Any:
    return models.Person.subject_code == code


def _tell(
    office: Office,
    session: Session,
    kind: str,
    word_id: UUID,
    who: Any,
    facts: dict[str, object],
    now: datetime,
) -> None:
    """Everybody of the enterprise, or (when nobody is named) who works on other sites."""
    person = models.Person
    found = session.execute(
        select(person.username, person.groups).where(
            person.is_active, person.subject_code.is_(None) if who is None else who
        )
    )
    told = [
        Notice(row.username, office.notices.kinds[kind], word_id.hex, None, None, facts)
        for row in found
        if who is not None or CENTRE in row.groups
    ]
    write(office, session, told, now=now)


def _must_be_seen(
    office: Office,
    session: Session,
    owed: models.Obligation,
    finding: str,
    text: str,
    actor: Actor,
    now: datetime,
) -> None:
    if owed.claimed_by not in (None, actor.username):
        raise NotPermitted("已由他人领取。", "somebody else holds it")
    if owed.state in SEEN:
        return
    if finding == Finding.DONE_NOW:
        raise Conflict(
            "还没有登记“站点已办”，不能答复已撤下。", "nobody has yet seen that it is gone"
        )
    told = Told(channel="web", note=text.strip()[:2000])
    obligations.act(office, session, owed, Act.SEEN_DONE, actor, told, now=now)
