"""The centre's work on what other sites owe: listed, claimed, told, seen, confirmed, looked at again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.downstream import MOVES, Act, Progress
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted, TaskAlreadyClaimed
from engine.domain.views import ObligationView
from engine.domain.words import Words
from engine.persistence import models
from engine.services import documents, kept_files, obligations, record_clocks
from engine.services.obligation_rows import (
    TITLES,
    Channel,
    acts_of,
    contests_of,
    joined,
    row_view,
)
from engine.services.obligations import Told
from engine.services.office import Office
from engine.services.site_lists import seen_record, unknown
from engine.services.writing import Writing

#: Acts of people; what the platform and the system do is theirs.
BY_HAND = (
    Act.TOLD,
    Act.NOT_YET,
    Act.SEEN_DONE,
    Act.CONFIRMED,
    Act.RETURNED,
    Act.RECHECKED,
    Act.UNDONE,
)
BY_SECOND = (Act.CONFIRMED, Act.RETURNED)
#: Acts that say what was seen: a picture or a link belongs to them.
PROVEN = (Act.SEEN_DONE,)


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that shows what was seen."""

    filename: str
    content: bytes


# ── one of them ─────────────────────────────────────────────────────────────────────────────────


def get(office: Office, actor: Actor, obligation_id: UUID, *, now: datetime) -> ObligationView:
    """One obligation with its clock, its acts with their proofs, and what the enterprise said."""
    row = models.Obligation
    with office.uow.read() as session:
        found = session.execute(joined(row.id == obligation_id)).first()
        if found is None:
            raise unknown()
        held, clock = found[0], found[1]
        seen_record(session, actor, held.record_id)
        site, staff = office.sites.site(held.site), actor.is_staff
        return ObligationView(
            row=row_view(office, found, now=now, is_staff=staff),
            basis=clock.basis,
            document=held.document,
            needs_second=site.needs_second,
            address=site.address,
            clock=record_clocks.view(
                office, session, clock, TITLES[held.duty], now=now, is_public=not staff
            ),
            acts=acts_of(session, held, is_staff=staff),
            contests=contests_of(office, session, held, actor, now=now),
            actions=_actions(actor, held),
            version=held.version,
        )


def _actions(actor: Actor, row: models.Obligation) -> frozenset[str]:
    if not actor.may(Permission.TRACK_SITES) or row.state == Progress.DROPPED.value:
        return frozenset()
    found = {"claim"} if row.claimed_by is None else set()
    if row.claimed_by == actor.username:
        found.add("release")
    for act in BY_HAND:
        if Progress(row.state) in MOVES[act][0] and not _reason_not_to(actor, row, act):
            found.add(act.value)
    return frozenset(found)


def _reason_not_to(actor: Actor, row: models.Obligation, act: Act) -> NotPermitted | None:
    if act in BY_SECOND:
        if row.seen_by == actor.username:
            return NotPermitted(
                "前一步由您办理，须换人核实。", "you saw it: somebody else must confirm it"
            )
        return None
    if row.claimed_by not in (None, actor.username):
        return TaskAlreadyClaimedHere("已由他人领取。", "somebody else holds it")
    return None


class TaskAlreadyClaimedHere(NotPermitted):
    slug = TaskAlreadyClaimed.slug


def claim(office: Office, actor: Actor, obligation_id: UUID, *, now: datetime) -> None:
    """Take it on. Conflict when somebody was faster."""
    with office.uow.begin() as session:
        row = _locked(session, actor, obligation_id)
        if row.claimed_by == actor.username:
            return
        if row.claimed_by is not None:
            raise TaskAlreadyClaimed("已由他人领取。", "somebody else holds it")
        obligations.act(Writing(office, session, actor, now), row, Act.CLAIMED)


def release(office: Office, actor: Actor, obligation_id: UUID, *, now: datetime) -> None:
    with office.uow.begin() as session:
        row = _locked(session, actor, obligation_id)
        if row.claimed_by != actor.username:
            raise Conflict("不是您领取的。", "you do not hold it")
        obligations.act(Writing(office, session, actor, now), row, Act.RELEASED)


def log(
    office: Office,
    actor: Actor,
    obligation_id: UUID,
    act: str,
    *,
    now: datetime,
    channel: str = "",
    note: str = "",
    link: str = "",
    proof: Proof | None = None,
    version: int | None = None,
) -> None:
    """An act by hand, with its proof.

    Errors: NotFound; NotPermitted for the same person twice; Conflict when it moved on meanwhile or
    the act is not possible now; Invalid with fields.
    """
    actor.must(Permission.TRACK_SITES)
    what, told = _checked(office, act, channel, note, link, proof)
    with office.uow.begin() as session:
        row = _locked(session, actor, obligation_id)
        if version is not None and version != row.version:
            raise Conflict("这一项刚刚有变动，请刷新。", "it has changed since you read it")
        refusal = _reason_not_to(actor, row, what)
        if refusal is not None:
            raise refusal
        if row.claimed_by is None and what not in BY_SECOND:
            row.claimed_by, row.claimed_name = actor.username, actor.name
        if proof is not None:
            kept_files.keep(office, session, proof.content)
        obligations.act(Writing(office, session, actor, now), row, what, told)
        if row.state in (Progress.DONE.value, Progress.CLOSED.value):
            row.claimed_by = row.claimed_name = None


def _checked(
    office: Office, act: str, channel: str, note: str, link: str, proof: Proof | None
) -> tuple[Act, Told]:
    names = {each.value: each for each in BY_HAND}
    if act not in names:
        raise Invalid(f"没有 {act} 这一步。", f"there is no act {act}")
    problems: dict[str, str | Words] = {}
    what = names[act]
    if channel and channel not in {each.value for each in Channel}:
        problems["channel"] = Words("请选择方式。", "Choose how.")
    if what is Act.TOLD and not channel:
        problems["channel"] = Words("请选择方式。", "Choose how.")
    if what in PROVEN and not (link.strip() or proof):
        problems["proof"] = Words("请附截图或写明网址。", "Attach a picture or give the address.")
    if what in (Act.RETURNED, Act.UNDONE) and not note.strip():
        problems["note"] = Words("请写明看到的情况。", "Say what you saw.")
    if problems:
        raise Invalid("有未填的内容。", "something is missing", fields=problems)
    return what, told_with(office, proof, channel=channel, note=note, link=link)


def told_with(
    office: Office, proof: Proof | None, *, channel: str = "", note: str = "", link: str = ""
) -> Told:
    """What goes with an act; the file is kept under its hash."""
    kept: dict[str, Any] = {}
    if proof is not None:
        media_type, sha256 = documents.kept(office, proof.content)
        name = documents.named_by_content(documents.plain_name(proof.filename), media_type)
        kept = {"proof_type": media_type, "proof_sha256": sha256, "proof_name": name}
    return Told(channel=channel, note=note.strip()[:2000], link=link.strip()[:500], **kept)


@dataclass(frozen=True, slots=True)
class ProofFile:
    filename: str
    media_type: str
    sha256: str
    content: bytes


def proof(office: Office, actor: Actor, obligation_id: UUID, sequence: int) -> ProofFile:
    """The file of an act. NotFound when there is none, or for somebody else's record."""
    row, act = models.Obligation, models.ObligationAct
    with office.uow.read() as session:
        held = session.get(row, obligation_id)
        if held is None:
            raise unknown()
        seen_record(session, actor, held.record_id)
        found = session.scalar(
            select(act).where(act.obligation_id == obligation_id, act.sequence == sequence)
        )
    if found is None or found.proof_sha256 is None:
        raise NotFound("没有这份凭据。", "there is no such proof")
    key = found.proof_sha256
    return ProofFile(found.proof_name, found.proof_type, key, office.files.get(key))


def _locked(session: Session, actor: Actor, obligation_id: UUID) -> models.Obligation:
    actor.must(Permission.TRACK_SITES)
    row = session.get(models.Obligation, obligation_id, with_for_update=True)
    if row is None:
        raise unknown()
    return row
