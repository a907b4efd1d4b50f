"""The PDF of an issued letter: set, signed where the office signs, kept under its hash."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.persistence import models
from engine.runtime.letters import render
from engine.services import kept_files
from engine.services.office import Office


def print_letter(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """Job: what an earlier try has printed stays; without a signature the bytes are the same."""
    letter = session.get_one(models.Letter, UUID(arguments["letter_id"]), with_for_update=True)
    printed(office, session, letter)


def printed(office: Office, session: Session, letter: models.Letter) -> str:
    """The hash of its PDF, which is made now where it is not yet there; the row is locked."""
    if letter.sha256 is None:
        case = session.get_one(models.Case, letter.case_id)
        procedure = office.procedure(session, case.definition_id)
        pdf = render(
            procedure.files,
            letter.key,
            letter.data,
            procedure=procedure.key,
            fonts=office.fonts,
            city_fonts=office.city_fonts,
        )
        if office.signer is not None:
            issuer = str(letter.data.get("issuer", ""))
            pdf = office.signer.sign(pdf, issuer=issuer, reason=f"{letter.title} {letter.number}")
        letter.sha256, letter.size = kept_files.keep(office, session, pdf), len(pdf)
    return letter.sha256
