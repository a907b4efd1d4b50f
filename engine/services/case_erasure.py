"""What a closed case says of people goes when the archive's time is over; that it was done stays.

Number, procedure, dates and outcome remain, of letters and certificates number, moments, state and
hash, of the process which elements were passed, and every line of the history with its hashes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, LargeBinary, Select, cast, delete, func, select, update
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.history import ERASED, commitment_of
from engine.domain.retention import Rule
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import codec
from engine.services.office import Office
from engine.services.retention_kinds import NO_TEXT, UNSENT
from engine.services.stepping import open_casework

_GONE: dict[str, Any] = {
    "detail": "",
    "changes": {},
    "actor_name": "",
    "salt": None,
    "is_erased": True,
}
#: What goes of the case's rows in other tables.
_OF_ROWS: tuple[tuple[Any, Mapping[str, Any]], ...] = (
    (models.Paper, {"filename": "", "sha256": "", "uploaded_by": ""}),
    (models.Task, {"answers": None, "draft": None}),
    (models.DecisionMade, {"inputs": [], "outputs": [], "required": []}),
    (models.InboundMessage, {"payload": {}}),
    (models.Certificate, {"amount": None, "ended_because": ""}),
    (models.Supervision, {"ground_text": "", "answer": "", "contest": "", "ledger": []}),
    (
        models.Extension,
        {"reason": "", "opinion": "", "requested_by_name": "", "decided_by_name": None},
    ),
    (models.Incident, {"cause": "", "cause_en": "", "act": {}, "story": [], "proposal": None}),
    (models.MigratedCase, {"findings": []}),
)


def due(before: datetime) -> Select[Any]:
    """Ids of closed cases whose time is over."""
    case = models.Case
    is_old = (case.state == "closed", case.closed_at < before, case.open_incidents == 0)
    return select(case.id).where(*is_old, case.erased_at.is_(None)).order_by(case.closed_at)


def erase(
    office: Office, session: Session, actor: Actor, case_id: UUID, rule: Rule, now: datetime
) -> Sequence[str]:
    """Erase one case, and say so in its history; the keys of the files of its papers and letters."""
    case = session.get_one(models.Case, case_id, with_for_update=True)
    through = case.event_count
    work = open_casework(office, session, case, actor, now)
    work.note(
        ERASED,
        Words("保存期满，清除个人信息", "kept long enough: personal data erased"),
        detail=rule.basis,
        changes={"through": through, "rule": rule.told()},
    )
    case.answers, case.facts, case.found, case.frozen_records = {}, {}, [], []
    case.applicant_name, case.erased_at = "", now
    session.flush()
    _erase_history(session, case_id, through)
    _erase_states(session, case_id)
    return [*_erase_rows(session, case), *_erase_letters(session, case_id, now)]


def _erase_history(session: Session, case_id: UUID, through: int) -> None:
    """On PostgreSQL by the owner's function: the account of the application may not change history."""
    kept = _commitments(session, case_id, through)
    if session.get_bind().dialect.name == "postgresql":
        places = cast(list(kept), ARRAY(Integer))
        commitments = cast(list(kept.values()), ARRAY(LargeBinary))
        session.execute(select(func.erase_history(case_id, through, places, commitments)))
        return
    event = models.Event
    for place, commitment in kept.items():
        line = (event.case_id == case_id, event.sequence == place)
        session.execute(update(event).where(*line).values(commitment=commitment))
    lines = (event.case_id == case_id, event.sequence <= through, event.kind != ERASED)
    session.execute(update(event).where(*lines).values(**_GONE))
    entry = models.ClockEntry
    session.execute(update(entry).where(entry.case_id == case_id).values(reason="", actor=""))


def _commitments(session: Session, case_id: UUID, through: int) -> dict[int, bytes]:
    """Of the lines whose payload goes, by their places: the chains hold by these."""
    event = models.Event
    asked = select(event).where(event.case_id == case_id, event.sequence <= through)
    goes = (event.is_erased.is_(False), event.format > 1, event.kind != ERASED)
    return {line.sequence: commitment_of(line) for line in session.scalars(asked.where(*goes))}


def _erase_states(session: Session, case_id: UUID) -> None:
    """Instances without what was said in them; what a migration kept for undoing goes whole."""
    row, held, kept = models.ProcessInstance, models.MigratedCase, models.MigratedInstance
    for each in session.scalars(select(row).where(row.case_id == case_id).with_for_update()):
        each.state, each.version = codec.without_data(each.state), each.version + 1
    migrated = select(held.id).where(held.case_id == case_id)
    session.execute(delete(kept).where(kept.migrated_case_id.in_(migrated)))
    session.flush()


def _erase_letters(session: Session, case_id: UUID, now: datetime) -> Sequence[str]:
    """Who holds a copy can still have it verified: by number and by the hash of its file."""
    letter, files = models.Letter, []
    for each in session.scalars(select(letter).where(letter.case_id == case_id).with_for_update()):
        files.append(each.sha256)
        each.data, each.erased_at = {"issuer": each.data.get("issuer", "")}, now
    session.flush()
    return [key for key in files if key]


def _erase_rows(session: Session, case: models.Case) -> Sequence[str]:
    paper, application = models.Paper, models.Application
    files = session.scalars(select(paper.sha256).where(paper.case_id == case.id)).all()
    for table, gone in _OF_ROWS:
        session.execute(update(table).where(table.case_id == case.id).values(**gone))
    notice = models.Notice
    told = update(notice).where(notice.case_id == case.id, notice.state.not_in(UNSENT))
    session.execute(told.values(**NO_TEXT))
    filed = update(application).where(application.filed_as == case.number)
    session.execute(filed.values(answers={}))
    return [key for key in files if key]
