"""What a job may do, by name: print a letter, push to the platform, tell somebody."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.runtime.letters import render
from engine.services.casework import RETRIES
from engine.services.office import Office

MOST_RETRIES = RETRIES


def print_letter(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """The PDF of an issued letter, kept under its hash; printing twice gives the same bytes."""
    letter = session.get_one(models.Letter, UUID(arguments["letter_id"]), with_for_update=True)
    if letter.sha256 is not None:
        return
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
    letter.sha256, letter.size = office.files.put(pdf), len(pdf)


def push_to_platform(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """A notice to the upper platform, under the job's id so that it counts once there."""
    office.platform.send(job_id.hex, arguments["notice"])


def notify(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """A notice in the inbox of a role: kept as an inbound line of the case's correspondence."""
    number = arguments["case_number"]
    case = session.scalar(select(models.Case).where(models.Case.number == number))
    if case is None:
        return
    told = {"to": arguments["to"], "notice": arguments["notice"], "case_number": number}
    office.outbox.send(job_id.hex, told)


OPERATIONS: Mapping[str, Callable[[Office, Session, UUID, Mapping[str, Any], datetime], None]] = {
    "print_letter": print_letter,
    "push_to_platform": push_to_platform,
    "notify": notify,
}
