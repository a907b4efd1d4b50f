"""A certificate of training in place of an uploaded paper: found by the system, attached, verified."""

from datetime import date
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Paper, holds
from engine.services import course_certificates
from engine.services.casework import Casework

PDF = "application/pdf"


def number_for(session: Session, paper: Paper, subject_code: str, today: date) -> str | None:
    """The number of the enterprise's own certificate that counts today as this paper; None for none."""
    if not paper.course:
        return None
    found = course_certificates.valid_for(session, subject_code, paper.course, today)
    return found.number if found else None


def attach(work: Casework) -> None:
    """Hand in the enterprise's own certificates with its filing, where it has not uploaded the paper."""
    asked = [each for each in work.procedure.papers if each.course and _is_asked(work, each)]
    if not asked:
        return
    row = models.Paper
    given = set(work.session.scalars(select(row.kind).where(row.case_id == work.case.id)))
    today = work.calendar.local_date(work.now_at)
    for paper in asked:
        code = work.case.subject_code
        found = course_certificates.valid_for(work.session, code, paper.course, today)
        if found is not None and paper.key not in given:
            _hand_in(work, paper, found)


def _is_asked(work: Casework, paper: Paper) -> bool:
    fits = not paper.grades or work.case.grade in paper.grades
    return fits and (paper.when is None or holds(paper.when, work.case.answers))


def _hand_in(work: Casework, paper: Paper, found: models.CourseCertificate) -> None:
    content = course_certificates.printed(work.office, work.session, found)
    work.add(
        models.Paper(
            id=uuid4(),
            case_id=work.case.id,
            kind=paper.key,
            filename=f"{found.title} {found.number}.pdf",
            media_type=PDF,
            size=len(content),
            sha256=found.sha256,
            source="register",
            uploaded_by="系统核验",
            uploaded_at=work.now_at,
            receipt=f"{work.case.number[-6:]}-{paper.key}",
        )
    )
    work.session.flush()
    known = work.case.facts.get("certificates_verified", {})
    work.remember(certificates_verified={**known, paper.key: found.number})
    work.note(
        "certificate_verified",
        Words("核验培训证明并附卷", "certificate of training verified and filed"),
        detail=found.number,
        changes={"number": found.number, "paper": paper.key},
    )
