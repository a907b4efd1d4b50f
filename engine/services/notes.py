"""便笺: what colleagues tell one another about a case. A note is a line of its history, and stays one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Invalid, NotPermitted
from engine.domain.form import can_be_kept
from engine.domain.personal_numbers import without_personal_numbers
from engine.domain.views import NoteView, PersonView
from engine.domain.words import Words
from engine.persistence import models
from engine.services import access, notice_writing
from engine.services.casework import Casework
from engine.services.notice_writing import Told
from engine.services.office import Office
from engine.services.people import actor_of
from engine.services.stepping import open_casework

KIND = "note_added"
LONGEST = 2_000
#: Offered while somebody types a name.
OFFERED = 8
#: One that was erased with its closed case says nothing any more.
_IS_NOTE = (models.Event.kind == KIND, models.Event.is_erased.is_(False))
_MENTION = re.compile(r"@([\w·]{1,20})")


@dataclass(frozen=True, slots=True)
class _Mentioned:
    found: tuple[models.Person, ...]
    unknown: tuple[str, ...]


def of_case(office: Office, actor: Actor, number: str) -> tuple[NoteView, ...]:
    """The notes of a case, the newest first; for the staff. NotFound where the case is not seen."""
    _must_be_staff(actor)
    event, directory = models.Event, office.directory()
    with office.uow.read() as session:
        case = access.visible_case(session, actor, number)
        asked = select(event).where(event.case_id == case.id, *_IS_NOTE)
        rows = session.scalars(asked.order_by(event.sequence.desc())).all()
    return tuple(
        NoteView(
            sequence=row.sequence,
            at=row.at,
            actor_name=row.actor_name,
            department=directory.department(row.department),
            text=without_personal_numbers(row.detail),
            mentions=tuple(row.changes.get("names", ())),
        )
        for row in rows
    )


def number(office: Office, actor: Actor, number: str) -> int:
    """How many notes the case has, as far as the actor may see it."""
    event, case = models.Event, models.Case
    asked = (
        select(func.count())
        .select_from(event)
        .join(case, case.id == event.case_id)
        .where(case.number == number, *_IS_NOTE, access.visible_cases(actor))
    )
    if not actor.is_staff:
        return 0
    with office.uow.glance() as connection:
        return connection.scalar(asked) or 0


def add(office: Office, actor: Actor, number: str, text: str, *, now: datetime) -> None:
    """Write a note; whoever it names with @ is told, and must be able to see the case.

    Errors: Invalid for an empty or long one, a name that nobody has, somebody who may not see the
    case; NotFound.
    """
    _must_be_staff(actor)
    if actor.only_reads:
        raise NotPermitted("审计员只能查看。", "auditors only read")
    text = _checked(text)
    with office.uow.begin() as session:
        case = access.visible_case(session, actor, number, to_change=True)
        told = _mentioned(session, text)
        if told.unknown:
            names = "、".join(told.unknown)
            _refuse(Words(f"没有叫“{names}”的工作人员", f"nobody here is called {names}"))
        _must_see(session, case, told.found)
        work = open_casework(office, session, case, actor, now)
        mentions = {
            "mentions": [person.username for person in told.found],
            "names": [person.name for person in told.found],
        }
        event = work.note(KIND, Words("便笺", "note"), detail=text, changes=mentions)
        _tell(work, event, told.found)


def _checked(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST or not can_be_kept(text):
        _refuse(
            Words(f"请写内容，最多 {LONGEST} 字", f"write something, at most {LONGEST} characters")
        )
    return text


def _tell(work: Casework, event: models.Event, people: Sequence[models.Person]) -> None:
    """Whoever is named is told of it, but for who names themselves."""
    office, case = work.office, work.case
    kind = office.notices.kinds["mention"]
    facts = {"detail": event.detail[:200], "reason": work.actor.name}
    wanted = [
        Told(person.username, kind, str(event.id), case.id, case.number, facts)
        for person in people
        if person.username != work.actor.username
    ]
    notice_writing.write(office, work.session, wanted, now=work.now_at)


def people_like(office: Office, actor: Actor, text: str) -> tuple[PersonView, ...]:
    """Colleagues whose name or account begins so, for a note that names them."""
    _must_be_staff(actor)
    person, directory = models.Person, office.directory()
    begins = text.strip()
    asked = (
        select(person)
        .where(
            person.is_active,
            person.subject_code.is_(None),
            or_(
                person.name.startswith(begins, autoescape=True),
                person.username.startswith(begins.lower(), autoescape=True),
            ),
        )
        .order_by(person.name, person.username)
        .limit(OFFERED)
    )
    with office.uow.read() as session:
        rows = session.scalars(asked).all()
    return tuple(
        PersonView(
            username=row.username,
            name=row.name,
            department=row.department,
            department_title=directory.department(row.department),
            groups=tuple(row.groups),
            group_titles=tuple(directory.group(group) for group in row.groups),
            subject=None,
            is_active=True,
        )
        for row in rows
    )


def _must_be_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise NotPermitted("便笺只给工作人员。", "notes are for the staff")


def _mentioned(session: Session, text: str) -> _Mentioned:
    """Whom the note names. A name runs into the sentence that follows it, so the longest that fits."""
    asked = _MENTION.findall(text)
    if not asked:
        return _Mentioned((), ())
    person = models.Person
    staff = session.scalars(select(person).where(person.is_active, person.subject_code.is_(None)))
    by_name: dict[str, list[models.Person]] = {}
    for one in staff:
        by_name.setdefault(one.name, []).append(one)
        by_name.setdefault(one.username, []).append(one)
    found: dict[str, models.Person] = {}
    unknown = []
    for each in asked:
        name = next((each[:n] for n in range(len(each), 0, -1) if each[:n] in by_name), None)
        if name is None:
            unknown.append(each)
        else:
            found |= {one.username: one for one in by_name[name]}
    return _Mentioned(tuple(found.values()), tuple(unknown))


def _must_see(session: Session, case: models.Case, people: Sequence[models.Person]) -> None:
    blind = [one.name for one in people if not _sees(session, case, one)]
    if blind:
        names = "、".join(blind)
        _refuse(Words(f"{names}看不到这个办件，不能提到", f"{names} may not see this case"))


def _sees(session: Session, case: models.Case, person: models.Person) -> bool:
    held = models.Case
    asked = select(held.id).where(held.id == case.id, access.visible_cases(actor_of(person)))
    return session.scalar(asked) is not None


def _refuse(told: Words) -> None:
    raise Invalid("便笺没有存上。", "the note is not kept", fields={"text": told})
