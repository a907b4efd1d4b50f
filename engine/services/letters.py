"""Letters given out: to who may see the case, and to the public for checking."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Conflict, NotFound
from engine.domain.identifiers import masked, normalised
from engine.domain.views import CertificateView, LetterView
from engine.domain.words import Words
from engine.persistence import models
from engine.services import access
from engine.services.case_view import letter_view
from engine.services.office import Office

OVERTURNING = "reconsideration_overturned"


def open_letter(office: Office, actor: Actor, letter_id: UUID) -> tuple[LetterView, bytes]:
    """A letter as PDF. Conflict while it is still being printed."""
    letter, case = models.Letter, models.Case
    with office.uow.read() as session:
        row = session.scalar(
            select(letter)
            .join(case, case.id == letter.case_id)
            .where(letter.id == letter_id, access.visible_cases(actor))
        )
    if row is None or (actor.is_enterprise and not access.is_for_applicant(row)):
        raise NotFound("没有这份文书。", "there is no such letter")
    if row.erased_at is not None:
        raise NotFound(
            "案卷保存期已满，文书内容已清除；文号和文件指纹仍可核验。",
            "its time in the archive is over: the text is erased, number and hash can be verified",
        )
    if row.sha256 is None:
        raise Conflict("文书正在制作，请稍后再试。", "the letter is being printed, try again soon")
    return letter_view(row), office.files.get(row.sha256)


def certificate(office: Office, number: str, *, now: datetime) -> CertificateView:
    """What was issued under a number, to whom, and its state now. NotFound for an unknown one."""
    letter, case = models.Letter, models.Case
    with office.uow.read() as session:
        found = session.execute(
            select(letter, case)
            .join(case, case.id == letter.case_id)
            .where(letter.number == normalised(number), letter.sha256.is_not(None))
        ).first()
        if found is None:
            raise NotFound("没有这个文号的文书。", "no letter has this number")
        row, held = found
        newer = _overturning(office, session, row, held)
        register = models.Certificate
        entry = session.scalar(select(register).where(register.number == row.number))
        replaced_by = newer.number if newer else _replacing(session, entry)
    return CertificateView(
        number=row.number or "",
        title=Words(row.title, row.title_en),
        issued_at=row.issued_at or row.created_at,
        issuer=str(row.data.get("issuer", "")),
        addressee=_addressee(row, entry),
        state="superseded" if newer else entry.state if entry else "valid",
        sha256=row.sha256 or "",
        case_number=held.number,
        ended_at=newer.issued_at if newer else entry.ended_at if entry else None,
        replaced_by=replaced_by,
    )


def _addressee(row: models.Letter, entry: models.Certificate | None) -> str:
    """Whom it was issued to. A certificate is made to be shown to others and names its holder; of any
    other letter only so much is told that who holds it knows it again."""
    name = str(row.data.get("addressee", {}).get("name", ""))
    return name if entry is not None else masked(name)


def _overturning(
    office: Office, session: Session, row: models.Letter, case: models.Case
) -> models.Letter | None:
    """The decision on reconsideration that took the place of this one."""
    rule = office.procedure(session, case.definition_id).reconsidering
    if rule is None or row.key != rule.of:
        return None
    letter = models.Letter
    later = select(letter).where(
        letter.case_id == case.id, letter.key == OVERTURNING, letter.number.is_not(None)
    )
    return session.scalar(later.order_by(letter.issued_at.desc()).limit(1))


def _replacing(session: Session, entry: models.Certificate | None) -> str | None:
    """The certificate issued anew in the place of one that is void."""
    if entry is None or entry.state != "void":
        return None
    register = models.Certificate
    later = select(register.number).where(
        register.case_id == entry.case_id,
        register.id != entry.id,
        register.issued_at >= entry.ended_at,
    )
    return session.scalar(later.order_by(register.issued_at).limit(1))
