"""Copies of certificates: filed in the enterprise's open cases that rest on them ([copies])."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import SYSTEM, Actor
from engine.domain.words import Words
from engine.persistence import models
from engine.services import documents, letter_printing
from engine.services.casework import Casework
from engine.services.office import Office
from engine.services.stepping import open_casework

PDF = "application/pdf"
ENDED = {
    "void": Words("案卷所附证明已作废", "the certificate on file is void"),
    "revoked": Words("案卷所附证明已撤销", "the certificate on file is revoked"),
}


def copy_certificate(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """Job: a copy of a valid certificate goes into each open case that asks for it, once; where a
    copy lies, the case is told that the certificate has ended."""
    number, state = arguments["number"], arguments["state"]
    certificate = session.scalars(
        select(models.Certificate).where(models.Certificate.number == number)
    ).one()
    letter = session.scalar(
        select(models.Letter).where(models.Letter.number == number).with_for_update()
    )
    if letter is not None and letter.erased_at is not None:
        letter = None  # its case's time in the archive is over: nothing is left to copy
    sha256 = letter_printing.printed(office, session, letter) if letter else ""
    for work in _resting_on(office, session, certificate, now):
        if state == "valid":
            _file(work, certificate, letter, sha256)
        elif _holds(session, work, sha256):
            work.note("certificate_copy_ended", ENDED[state], detail=number)


def _resting_on(
    office: Office, session: Session, certificate: models.Certificate, now: datetime
) -> Iterator[Casework]:
    """The enterprise's open cases of the procedures to which copies go."""
    case = models.Case
    issuing = session.get_one(case, certificate.case_id)
    rule = office.procedure(session, issuing.definition_id).copies
    found = select(case).where(
        case.subject_code == certificate.subject_code,
        case.state == "open",
        case.procedure.in_(rule.to if rule else ()),
    )
    for row in session.scalars(found.order_by(case.number).with_for_update()):
        yield open_casework(office, session, row, _sender(certificate), now)


def _sender(certificate: models.Certificate) -> Actor:
    return Actor(None, SYSTEM.username, certificate.issuer)


def _file(
    work: Casework, certificate: models.Certificate, letter: models.Letter | None, sha256: str
) -> None:
    """A body above keeps its own certificate: then the case learns its number and no more."""
    if letter is not None and letter.size is not None:
        if _holds(work.session, work, sha256):
            return
        paper = documents.new_paper(
            work.session,
            work.actor,
            certificate.kind,
            f"{certificate.number}.pdf",
            PDF,
            letter.size,
            sha256,
            now=work.now_at,
        )
        paper.case_id, paper.source = work.case.id, "register"
        paper.receipt = documents.next_receipt(work.session, work.case)
    work.note(
        "certificate_copied",
        Words("证明副本存入案卷", "a copy of the certificate is on file"),
        detail=f"{certificate.number}，{certificate.issuer}",
        changes={"number": certificate.number, "sha256": sha256},
    )


def _holds(session: Session, work: Casework, sha256: str) -> bool:
    paper = models.Paper
    held = select(paper.id).where(paper.case_id == work.case.id, paper.sha256 == sha256)
    return session.scalar(held.limit(1)) is not None
