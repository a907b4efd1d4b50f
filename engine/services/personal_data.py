"""Numbers of people read whole (查看完整): by whom the matrix lets, for their case, and each time on record.

The pages hide such numbers from everybody (engine/services/veils.py). Reading them is a row of its own
(engine/persistence/models/reading.py), written before the answer is given, and never undone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import NotFound, NotPermitted
from engine.domain.personal_reading import (
    HeldText,
    PersonalData,
    Reading,
    ReadingView,
    checked_reason,
    chosen,
)
from engine.domain.sign_in import Place
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.bulk import insert_new
from engine.persistence.declarative import table_of
from engine.services import access, personal_texts, veils
from engine.services.case_reading import CaseReading
from engine.services.office import Office

#: Readings of one case that its page shows.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks to read: `keys` of texts, None for all; why; from where."""

    keys: frozenset[str] | None
    reason: str
    place: Place


def of_case(office: Office, actor: Actor, number: str, *, now: datetime) -> PersonalData:
    """Which texts of the case hold numbers, hidden; for who oversees it also who has read them.

    Errors: NotFound where the case is not seen.
    """
    with office.uow.read() as session:
        case = access.visible_case(session, actor, number)
        held = personal_texts.of_case(CaseReading(office, session, case, actor, now))
        reading = models.PersonalReading
        mine = reading.case_number == number
        return _shown(office, session, actor, "case", (number, None), held, mine)


def of_record(office: Office, actor: Actor, record_id: UUID) -> PersonalData:
    """The same of a record. NotFound for an enterprise that it is not about."""
    with office.uow.read() as session:
        row = _record(session, actor, record_id)
        held = personal_texts.of_record(row)
        mine = models.PersonalReading.record_id == record_id
        about = (row.number, record_id)
        may = _may_read_record(session, actor, row)
        return _shown(office, session, actor, "record", about, held, mine, may=may)


def _shown(
    office: Office,
    session: Session,
    actor: Actor,
    place: str,
    about: tuple[str, UUID | None],
    held: tuple[HeldText, ...],
    mine: Any,
    *,
    may: bool | None = None,
) -> PersonalData:
    readings: tuple[ReadingView, ...] = ()
    if actor.is_staff and veils.only_oversees(actor):
        row = models.PersonalReading
        asked = select(row).where(mine).order_by(row.at.desc(), row.id.desc()).limit(SHOWN)
        readings = tuple(view(office, each) for each in session.scalars(asked))
    return PersonalData(
        place=place,
        number=about[0],
        record_id=about[1],
        texts=tuple(each.hidden for each in held),
        may_read=not veils.only_oversees(actor) if may is None else may,
        needs_reason=needs_reason(actor),
        readings=readings,
    )


def needs_reason(actor: Actor) -> bool:
    """An enterprise reads its own; an official says what for (个人信息保护法第六条: 明确、合理的目的)."""
    return not actor.is_enterprise


def read_case(
    office: Office, actor: Actor, number: str, asked: Asked, *, now: datetime
) -> tuple[HeldText, ...]:
    """The texts asked for, whole. On record before they are given.

    Errors: NotFound; NotPermitted for who only oversees; Invalid without a reason, or for a text that
    is not there.
    """

    def found(session: Session) -> tuple[tuple[HeldText, ...], dict[str, Any]]:
        case = access.visible_case(session, actor, number)
        if veils.only_oversees(actor):
            raise _not_for_overseers()
        held = personal_texts.of_case(CaseReading(office, session, case, actor, now))
        return held, {"kind": Reading.CASE.value, "case_number": number, "about": number}

    return _read(office, actor, asked, found, now)


def read_record(
    office: Office, actor: Actor, record_id: UUID, asked: Asked, *, now: datetime
) -> tuple[HeldText, ...]:
    """The same of a record: for its enterprise, for who handles a case about it or keeps the register,
    and for the department whose decision it is. Errors: as of `read_case`."""

    def found(session: Session) -> tuple[tuple[HeldText, ...], dict[str, Any]]:
        row = _record(session, actor, record_id)
        if not _may_read_record(session, actor, row):
            raise _not_for_overseers()
        told = {"kind": Reading.RECORD.value, "record_id": record_id, "about": row.number}
        return personal_texts.of_record(row), told

    return _read(office, actor, asked, found, now)


def _read(
    office: Office,
    actor: Actor,
    asked: Asked,
    found: Callable[[Session], tuple[tuple[HeldText, ...], dict[str, Any]]],
    now: datetime,
) -> tuple[HeldText, ...]:
    with office.uow.begin() as session:
        held, about = found(session)
        reason = checked_reason(asked.reason, is_needed=needs_reason(actor))
        shown = chosen(held, asked.keys)
        fields = [[each.key, each.title.zh, each.title.within("en")] for each in shown]
        told = _values(actor, asked.place, now, fields=fields, reason=reason, **about)
        session.add(models.PersonalReading(**told))
    return shown


def _values(actor: Actor, place: Place, now: datetime, **told: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "case_number": None,
        "record_id": None,
        "fields": [],
        "reason": "",
        "once": None,
    }
    return {
        **known,
        "id": uuid4(),
        "at": now,
        "actor": actor.username,
        "actor_name": actor.name,
        "department": actor.department,
        "address": place.address,
        "browser": place.browser,
        **told,
    }


def _record(session: Session, actor: Actor, record_id: UUID) -> models.Record:
    row = session.get(models.Record, record_id)
    if row is None or not (actor.is_staff or row.subject_code == actor.subject):
        raise NotFound("没有这条记录。", "there is no such record")
    return row


def _may_read_record(session: Session, actor: Actor, row: models.Record) -> bool:
    if actor.is_enterprise:
        return True
    if veils.only_oversees(actor):
        return False
    if actor.may(Permission.IMPORT_RECORDS) or row.authority_key == actor.department:
        return True
    case = models.Case
    about = case.number.in_(personal_texts.record_of(session, row))
    return session.scalar(select(case.id).where(about, access.visible_cases(actor))) is not None


def _not_for_overseers() -> NotPermitted:
    return NotPermitted(
        "完整号码只给办理此件的人看。", "whole numbers are for who handles the case"
    )


# ── papers and letters ──────────────────────────────────────────────────────────────────────────


def opened(
    office: Office, actor: Actor, kind: Reading, file_id: UUID, *, place: Place, now: datetime
) -> tuple[str, ...]:
    """That an official opened a paper or a letter, which may hold anything: once a day for each. The key
    of the line; nothing where there is one already, or nothing to be seen."""
    if not actor.is_staff:
        return ()
    case = models.Case
    file = models.Paper if kind is Reading.PAPER else models.Letter
    name = models.Paper.filename if kind is Reading.PAPER else models.Letter.title
    asked = select(name, case.number).select_from(file).join(case, case.id == file.case_id)
    day = office.calendar().local_date(now)
    once = f"{actor.username[:100]} {file_id} {day}"
    with office.uow.read() as session:
        row = models.PersonalReading
        mine = asked.where(file.id == file_id, access.visible_cases(actor))
        found = session.execute(mine).first()
        if found is None or session.scalar(select(row.id).where(row.once == once)) is not None:
            return ()
    told = {"kind": kind.value, "about": found[0][:200], "case_number": found[1], "once": once}
    with office.uow.begin() as session:
        values = [_values(actor, place, now, **told)]
        insert_new(session, table_of(models.PersonalReading), values, key="once")
    return (once,)


def view(office: Office, row: models.PersonalReading) -> ReadingView:
    return ReadingView(
        at=row.at,
        what=Reading(row.kind).words,
        about=row.about,
        actor=row.actor,
        actor_name=row.actor_name,
        department=office.directory().department(row.department),
        fields=tuple(_titles(row.fields)),
        reason=row.reason,
        address=row.address,
    )


def _titles(fields: Iterable[list[str]]) -> Iterable[Words]:
    return (Words(zh, en) for _key, zh, en in fields)
