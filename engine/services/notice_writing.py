"""Writes notices: whom an event concerns, by which channels each wants to be told, once for each.

A step only promises (job `tell`); the rows are written when the promise is kept. The key of a row is
its event, its recipient and its channel, and unique: kept twice, a promise tells once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from engine.domain.notice import Channel, NoticeKind, fill, id_of
from engine.domain.personal_numbers import without_personal_numbers
from engine.domain.words import Words, written
from engine.persistence import models
from engine.persistence.bulk import insert_new
from engine.persistence.declarative import table_of
from engine.services import covers
from engine.services.office import Office

_PERSON = select(
    models.Person.username,
    models.Person.department,
    models.Person.groups,
    models.Person.subject_code,
    models.Person.email,
    models.Person.phone,
    models.Person.notice_channels,
    models.Person.language,
).where(models.Person.is_active)
#: Which address a channel needs.
ADDRESS = {Channel.EMAIL: "email", Channel.SMS: "phone", Channel.WECHAT: "phone"}
#: Rows of one statement.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One notice to be written: who, what, about which case, by which event."""

    username: str
    kind: NoticeKind
    event: str
    case_id: UUID | None
    case_number: str | None
    facts: Mapping[str, object]


def write(office: Office, session: Session, wanted: Sequence[Told], *, now: datetime) -> int:
    """Write these notices, each by the channels its recipient chose; how many were new."""
    names = {one.username for one in wanted}
    people = {row.username: row for row in _people(session, names)}
    rows = [
        row
        for one in wanted
        if one.username in people
        for row in _rows(office, one, people[one.username], now)
    ]
    return insert_new(session, table_of(models.Notice), rows, key="id")


def _people(session: Session, names: Iterable[str]) -> Sequence[Row[Any]]:
    listed = sorted(names)
    found: list[Row[Any]] = []
    for start in range(0, len(listed), AT_ONCE):
        part = listed[start : start + AT_ONCE]
        found += session.execute(_PERSON.where(models.Person.username.in_(part)))
    return found


def _rows(office: Office, one: Told, person: Row[Any], now: datetime) -> Iterable[dict[str, Any]]:
    facts = {"number": one.case_number or "", **one.facts}
    title, body = _hidden(fill(one.kind.title, facts)), _hidden(fill(one.kind.body, facts))
    for channel in (Channel.INBOX, *(Channel(each) for each in person.notice_channels)):
        address = getattr(person, ADDRESS[channel]) if channel in ADDRESS else ""
        if channel is not Channel.INBOX and not address:
            continue
        is_inbox = channel is Channel.INBOX
        yield {
            "id": id_of(one.kind.key, one.event, person.username, channel),
            "recipient": person.username,
            "kind": one.kind.key,
            "case_id": one.case_id,
            "case_number": one.case_number,
            "channel": channel.value,
            "state": "unread" if is_inbox else "waiting",
            "title": title.zh[:200],
            "title_en": title.en[:200],
            "body": body.zh if is_inbox else "",
            "body_en": body.en if is_inbox else "",
            "address": address,
            "language": person.language,
            "attempts": 0,
            "last_error": "",
            "created_at": now,
            "next_at": None if is_inbox else office.real_now(),
        }


def _hidden(text: Words) -> Words:
    """Titles go out by mail and message: no number of a person goes with them."""
    return Words(without_personal_numbers(text.zh), without_personal_numbers(text.en))


# ── whom an event concerns ──────────────────────────────────────────────────────────────────────


def tell(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """Job: a line of a case's history is told to whom its kind of notice names."""
    case = _case_of(session, job_id)
    kind = office.notices.kinds.get(arguments["notice"])
    if case is None or kind is None:
        return
    event = arguments["event"]
    facts = {
        "detail": arguments.get("detail", ""),
        "document": arguments.get("document", ""),
        "step": _step(office, session, case, arguments.get("element")),
        "until": _day(arguments.get("until")),
    }
    told = f"{case.number}" if event == "once" else event
    hands = _hands(office, arguments, now) | _of_unit(session, arguments.get("unit"))
    wanted = [
        Told(name, kind, told, case.id, case.number, facts)
        for name in _names(office, session, case, kind.to, hands)
    ]
    write(office, session, wanted, now=now)


def _day(iso: str | None) -> Words:
    return written(date.fromisoformat(iso)) if iso else Words("")


def _case_of(session: Session, job_id: UUID) -> models.Case | None:
    job = models.Job
    found = select(models.Case).join(job, job.case_id == models.Case.id).where(job.id == job_id)
    return session.scalar(found)


def _step(office: Office, session: Session, case: models.Case, element_id: str | None) -> Words:
    procedure = office.procedure(session, case.definition_id)
    drawn = (d.elements.get(element_id or "") for d in procedure.drawings.values())
    return next((element.title for element in drawn if element), Words(""))


def _hands(office: Office, arguments: Mapping[str, Any], now: datetime) -> set[str]:
    """Into whose hands it was given, and who stands in for them today."""
    to = arguments.get("to")
    return {to, covers.receiver(office, to, now=now) or to} if to else set()


def _of_unit(session: Session, unit: str | None) -> set[str]:
    """Who answers for a department: a supervision is told to them beside the officer."""
    staff = session.execute(_PERSON.where(models.Person.department == unit)) if unit else ()
    return {row.username for row in staff if "responsible_unit" in row.groups}


def _names(
    office: Office,
    session: Session,
    case: models.Case,
    to: Sequence[str],
    hands: Collection[str] = (),
) -> set[str]:
    found: set[str] = set()
    for role in to:
        if role == "applicant":
            found |= set(applicants(session, [case]).get(case.id, ()))
        elif role == "assignee":
            found |= set(hands)
        else:
            found |= members(office, session, role, case)
    return found


def applicants(session: Session, cases: Iterable[models.Case]) -> Mapping[UUID, tuple[str, ...]]:
    """The accounts of the enterprise of each case: who filed it, or all it has."""
    held = list(cases)
    person = models.Person
    rows = session.execute(
        select(person.id, person.username, person.subject_code).where(
            person.is_active, person.subject_code.in_({case.subject_code for case in held})
        )
    ).all()
    found = {}
    for case in held:
        own = [row for row in rows if row.subject_code == case.subject_code]
        filed = [row for row in own if row.id == case.applicant_id]
        found[case.id] = tuple(row.username for row in filed or own)
    return found


def members(office: Office, session: Session, group: str, case: models.Case) -> set[str]:
    """Who of a candidate group deals with the case."""
    entry = office.directory().groups.get(group)
    department = entry.department if entry else None
    if entry is not None and entry.resolved == "record.authority":
        department = case.authority_key
    staff = session.execute(_PERSON.where(models.Person.subject_code.is_(None)))
    return {
        row.username
        for row in staff
        if group in row.groups and department in (None, row.department)
    }


def notify(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """Job: what a diagram tells to a role. Who has no account here is reached through the outbox."""
    number, role = arguments["case_number"], arguments["to"]
    case = session.scalar(select(models.Case).where(models.Case.number == number))
    if case is None:
        return
    kind = office.notices.of_diagram(arguments["notice"])
    names = _names(office, session, case, [role])
    wanted = [Told(name, kind, job_id.hex, case.id, number, {}) for name in names]
    write(office, session, wanted, now=now)
    if not names:
        told = {"to": role, "notice": arguments["notice"], "case_number": number}
        office.outbox.send(job_id.hex, told)
