"""转办: what was applied for at the national platform is handed over to us, once under its number there.

信用中国 is the single entrance and who recognised a matter repairs it (36号令, 国办发〔2025〕22号): a
program of the platform files here what an enterprise applied for there, with its papers.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import (
    AlreadyFiled,
    AlreadyOpen,
    Conflict,
    EngineError,
    NotEligible,
    NotFound,
    StepFailed,
)
from engine.domain.identifiers import document_number_key
from engine.domain.views import Filed
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import applications, duplicates
from engine.services.filing import ABOVE, filed_view, key_above
from engine.services.office import Office


@dataclass(frozen=True, slots=True)
class Brought:
    """A paper that came along: its key in the procedure, its name, its content."""

    kind: str
    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class HandOver:
    """What is handed over.

    number: under which the platform received it. decisions: numbers of the penalty decisions (文号),
    in any spelling: it does not know ours. answers: of the application form.
    """

    procedure: str
    number: str
    subject: str
    decisions: tuple[str, ...]
    answers: Mapping[str, Any]
    papers: tuple[Brought, ...] = ()


def take(office: Office, actor: Actor, told: HandOver, *, now: datetime) -> Filed:
    """File it. What came before under the same number is not filed again: the same answer.

    Errors: NotFound (subject, record); NotEligible on a day or for a procedure that takes none, and
    for a record that may not be dealt with; AlreadyOpen; Invalid with fields.
    """
    actor.must(Permission.HAND_OVER)
    with office.uow.read() as session:
        earlier = _filed_before(office, session, told)
        if earlier is not None:
            return earlier
        _, edition = office.in_force(session, told.procedure, office.calendar().local_date(now))
        answers = {**told.answers, **_entrance(edition, told)}
        records = _records(session, told)
    try:
        draft = applications.start(
            office, actor, told.procedure, records, subject=told.subject, now=now
        )
    except AlreadyOpen as held:
        duplicates.link(office, actor, held.case_number, ABOVE, now=now)
        raise
    try:
        applications.save(office, actor, draft, answers, now=now)
        for each in told.papers:
            applications.attach(
                office, actor, draft, each.kind, each.filename, each.content, now=now
            )
        return applications.submit(office, actor, draft, now=now)
    except StepFailed:
        raise  # an incident files it again from the draft
    except EngineError as refused:
        with suppress(AlreadyFiled):  # it went to the case that another one opened meanwhile
            applications.discard(office, actor, draft, now=now)
        with office.uow.read() as session:
            earlier = _filed_before(office, session, told)
        if earlier is None or not isinstance(refused, Conflict):
            raise
        return earlier  # the same at the same moment: the other one filed it


def _filed_before(office: Office, session: Session, told: HandOver) -> Filed | None:
    held = models.Case
    key = key_above(told.procedure, told.number)
    found = session.scalar(select(held).where(held.idempotency_key == key))
    if found is None:
        return None
    return filed_view(office, office.procedure(session, found.definition_id), found)


def _entrance(edition: Procedure, told: HandOver) -> dict[str, str]:
    """How the form says that it came from above."""
    if not edition.entrance.above:
        raise NotEligible(
            f"“{edition.title.zh}”今天适用的版本不接收转办。",
            f"{edition.title.en}: the edition in force takes no hand-overs",
        )
    return {"entrance": edition.entrance.above, "national_number": told.number}


def _records(session: Session, told: HandOver) -> Sequence[UUID]:
    """The records of the subject under these decisions; each must be one."""
    record = models.Record
    keys = {document_number_key(each): each for each in told.decisions}
    found = session.execute(
        select(record.number_key, record.id).where(
            record.subject_code == told.subject, record.number_key.in_(keys)
        )
    ).all()
    missing = [keys[key] for key in keys if key not in {row.number_key for row in found}]
    if missing or len(found) != len(keys):
        named = "、".join(missing or keys.values())
        raise NotFound(f"对不上这家企业的记录：{named}", f"no such record of this subject: {named}")
    return [row.id for row in found]
