"""仍在公示: an enterprise says that a site has not followed; somebody looks, and it is answered."""

from collections.abc import Iterable
from datetime import datetime
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
from engine.services.clock_entries import Entry
from engine.services.notice_writing import Told as Notice
from engine.services.notice_writing import write
from engine.services.obligation_rows import Finding
from engine.services.obligations import Told
from engine.services.office import Office
from engine.services.site_work import Proof, told_with
from engine.services.writing import Writing

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
        by = Writing(office, session, actor, now)
        owed = _owed(by, record, site)
        if _open_word(session, owed) is not None:
            raise Conflict(
                "您已反映过，正在核实，答复后会告诉您。",
                "you have said so; it is being looked into",
            )
        if proof is not None:
            kept_files.keep(office, session, proof.content)
        obligations.act(by, owed, Act.CONTESTED, told)
        word = _word(by, owed, told)
        _tell_centre(by, owed, word)
    return word.id


def _must_be_own(actor: Actor, record: models.Record | None) -> models.Record:
    if record is None or actor.subject is None or actor.subject != record.subject_code:
        raise NotFound("没有这条记录。", "there is no such record")
    return record


def _owed(by: Writing, record: models.Record, site: str) -> models.Obligation:
    """What the site owes; a site that owes something only on report owes it from now on."""
    held = [
        row
        for row in obligations.of_records(by.session, [record.id])
        if row.site == site and row.state != Progress.DROPPED.value
    ]
    if held and held[-1].duty != Duty.PUT_BACK.value:
        return held[-1]
    event = GONE_BY.get(record.publication)
    if event is None:
        raise Conflict(
            "这条记录按规定正在公示，没有到撤下的时候。", "the record is on show, as it should be"
        )
    cause = Cause(event, actor=by.actor.username, document="企业反映")
    return obligations.open_one(by, record, by.office.sites.site(site), Duty.REMOVE, cause)


def _open_word(session: Session, owed: models.Obligation) -> models.StillShown | None:
    row = models.StillShown
    return session.scalar(select(row).where(row.obligation_id == owed.id, row.state == "open"))


def _word(by: Writing, owed: models.Obligation, told: Told) -> models.StillShown:
    """The enterprise's word, with the clock of its answer."""
    sites = by.office.sites
    entry = Entry(EntryKind.START, Act.CONTESTED.words.zh, basis=sites.answers_basis)
    budget = by.office.parameters().budget(STILL_SHOWN, sites.answers_in)
    clock = record_clocks.begin(by, owed.record_id, "still_shown", budget, entry)
    row = models.StillShown(
        id=uuid4(),
        obligation_id=owed.id,
        clock_id=clock.id,
        said_by=by.actor.username,
        said_by_name=by.actor.name,
        said_at=by.now,
        link=told.link,
        note=told.note,
        proof_sha256=told.proof_sha256,
        proof_name=told.proof_name,
        proof_type=told.proof_type,
        state="open",
        finding="",
        answer="",
    )
    by.session.add(row)
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
        row = _unanswered(session, word_id)
        owed = session.get_one(models.Obligation, row.obligation_id, with_for_update=True)
        by = Writing(office, session, actor, now)
        _must_be_seen(by, owed, finding, text)
        told = Told(note=text.strip()[:2000])
        obligations.act(by, owed, Act.ANSWERED, told)
        row.state, row.finding, row.answer = "answered", finding, told.note
        row.answered_by, row.answered_at = actor.name, now
        clock = session.get_one(models.RecordClock, row.clock_id)
        record_clocks.stop(by, clock, Entry(EntryKind.STOP, "答复"))
        _tell_enterprise(by, owed, row)


def _unanswered(session: Session, word_id: UUID) -> models.StillShown:
    row = session.get(models.StillShown, word_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这条反映。", "there is no such word")
    if row.state != "open":
        raise Conflict("已经答复过。", "it has been answered")
    return row


def _tell_enterprise(by: Writing, owed: models.Obligation, row: models.StillShown) -> None:
    record = by.session.get_one(models.Record, owed.record_id)
    theirs = models.Person.subject_code == record.subject_code
    found = by.session.scalars(select(models.Person).where(models.Person.is_active, theirs))
    _tell(by, "site_answered", row.id, found.all(), _facts(by, owed, record, row.answer))


def _tell_centre(by: Writing, owed: models.Obligation, row: models.StillShown) -> None:
    """Who works on other sites."""
    record = by.session.get_one(models.Record, owed.record_id)
    staff = models.Person.subject_code.is_(None)
    found = by.session.scalars(select(models.Person).where(models.Person.is_active, staff))
    centre = [person for person in found if CENTRE in person.groups]
    _tell(by, "site_contested", row.id, centre, _facts(by, owed, record, row.note))


def _facts(
    by: Writing, owed: models.Obligation, record: models.Record, detail: str
) -> dict[str, object]:
    site = by.office.sites.site(owed.site).title
    return {"document": record.number, "site": site, "detail": Words(detail)}


def _tell(
    by: Writing,
    kind: str,
    word_id: UUID,
    people: Iterable[models.Person],
    facts: dict[str, object],
) -> None:
    by.session.flush()
    told = [
        Notice(each.username, by.office.notices.kinds[kind], word_id.hex, None, None, facts)
        for each in people
    ]
    write(by.office, by.session, told, now=by.now)


def _must_be_seen(by: Writing, owed: models.Obligation, finding: str, text: str) -> None:
    """What is answered rests on somebody's look at the site: this answer's, or an earlier one."""
    if owed.claimed_by not in (None, by.actor.username):
        raise NotPermitted("已由他人领取。", "somebody else holds it")
    if owed.state in SEEN:
        return
    if finding == Finding.DONE_NOW:
        raise Conflict(
            "还没有登记“站点已办”，不能答复已撤下。", "nobody has yet seen that it is gone"
        )
    told = Told(channel="web", note=text.strip()[:2000])
    obligations.act(by, owed, Act.SEEN_DONE, told)
