"""留言: an enterprise asks about its case and the office answers; each is a line of the history."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Invalid, NotPermitted
from engine.domain.form import can_be_kept
from engine.domain.personal_numbers import without_personal_numbers
from engine.domain.views import InquiryLine
from engine.domain.words import Words
from engine.persistence import models
from engine.services import access, notice_writing
from engine.services.access import OPEN
from engine.services.notice_writing import Told
from engine.services.office import Office
from engine.services.stepping import open_casework

ASKED, ANSWERED = "inquiry_asked", "inquiry_answered"
LONGEST = 2_000
#: Who is told where nobody holds a task of the case.
WINDOW = "window"


def of_case(office: Office, actor: Actor, number: str) -> tuple[InquiryLine, ...]:
    """What was asked and answered, the oldest first. NotFound where the case is not seen."""
    event, directory = models.Event, office.directory()
    with office.uow.read() as session:
        case = access.visible_case(session, actor, number)
        asked = select(event).where(event.case_id == case.id, event.kind.in_((ASKED, ANSWERED)))
        rows = session.scalars(asked.order_by(event.sequence)).all()
    return tuple(
        InquiryLine(
            sequence=row.sequence,
            at=row.at,
            is_answer=row.kind == ANSWERED,
            actor_name=row.actor_name,
            department=directory.department(row.department),
            text=without_personal_numbers(row.detail),
        )
        for row in rows
    )


def ask(office: Office, actor: Actor, number: str, text: str, *, now: datetime) -> None:
    """The enterprise asks about its case; whoever has a task of it is told, else the window.

    Errors: Invalid for an empty or long text; NotFound; NotPermitted for the staff.
    """
    if not actor.is_enterprise:
        raise NotPermitted("留言由企业提出。", "questions are asked by the enterprise")
    with office.uow.begin() as session:
        case = access.visible_case(session, actor, number, to_change=True)
        to = _holders(session, case) or notice_writing.members(office, session, WINDOW, case)
        _write(office, session, case, actor, (ASKED, "inquiry", to), text, now)


def answer(office: Office, actor: Actor, number: str, text: str, *, now: datetime) -> None:
    """Somebody of the staff answers; the enterprise is told. Errors: as of `ask`."""
    if not actor.is_staff:
        raise NotPermitted("答复由工作人员写。", "answers are written by the staff")
    if actor.only_reads:
        raise NotPermitted("审计员只能查看。", "auditors only read")
    with office.uow.begin() as session:
        case = access.visible_case(session, actor, number, to_change=True)
        to = set(notice_writing.applicants(session, [case]).get(case.id, ()))
        _write(office, session, case, actor, (ANSWERED, "inquiry_answered", to), text, now)


def _write(
    office: Office,
    session: Session,
    case: models.Case,
    actor: Actor,
    what: tuple[str, str, set[str]],
    text: str,
    now: datetime,
) -> None:
    """One line, and its notices. `what`: kind of the line, of the notice, and who is told."""
    kind, notice, to = what
    line = open_casework(office, session, case, actor, now).note(
        kind,
        Words("企业留言", "question of the enterprise")
        if kind == ASKED
        else Words("答复留言", "answer to the enterprise"),
        detail=_checked(text),
    )
    facts = {"detail": line.detail[:200], "reason": actor.name}
    told = [
        Told(name, office.notices.kinds[notice], str(line.id), case.id, case.number, facts)
        for name in sorted(to - {actor.username})
    ]
    notice_writing.write(office, session, told, now=now)


def _checked(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST or not can_be_kept(text):
        wrong = Words(
            f"请写内容，最多 {LONGEST} 字", f"write something, at most {LONGEST} characters"
        )
        raise Invalid(wrong.zh, wrong.en, fields={"text": wrong})
    return text


def _holders(session: Session, case: models.Case) -> set[str]:
    """Of the staff, who holds a task of the case now."""
    task, person = models.Task, models.Person
    asked = (
        select(task.assignee)
        .join(person, person.username == task.assignee)
        .where(task.case_id == case.id, task.state.in_(OPEN), person.subject_code.is_(None))
    )
    return {name for name in session.scalars(asked) if name}
