"""What a closed case says of people goes when the archive's time is over; that it was done stays.

Number, procedure, dates, outcome, letters and every line of the history with its hashes remain.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.history import ERASED
from engine.domain.retention import Rule
from engine.domain.words import Words
from engine.persistence import models
from engine.services.office import Office
from engine.services.stepping import open_casework

_GONE: dict[str, Any] = {
    "detail": "",
    "changes": {},
    "actor_name": "",
    "salt": None,
    "is_erased": True,
}


def due(before: datetime) -> Select[Any]:
    """Ids of closed cases whose time is over."""
    case = models.Case
    is_old = (case.state == "closed", case.closed_at < before)
    return select(case.id).where(*is_old, case.erased_at.is_(None)).order_by(case.closed_at)


def erase(
    office: Office, session: Session, actor: Actor, case_id: UUID, rule: Rule, now: datetime
) -> Sequence[str]:
    """Erase one case, and say so in its history; the keys of its papers' files."""
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
    return _erase_rows(session, case)


def _erase_history(session: Session, case_id: UUID, through: int) -> None:
    """On PostgreSQL by the owner's function: the account of the application may not change history."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.erase_history(case_id, through)))
        return
    event = models.Event
    lines = (event.case_id == case_id, event.sequence <= through, event.kind != ERASED)
    session.execute(update(event).where(*lines).values(**_GONE))


def _erase_rows(session: Session, case: models.Case) -> Sequence[str]:
    paper, application = models.Paper, models.Application
    files = session.scalars(select(paper.sha256).where(paper.case_id == case.id)).all()
    for table, gone in (
        (paper, {"filename": "", "sha256": "", "uploaded_by": ""}),
        (models.Task, {"answers": None, "draft": None}),
        (models.DecisionMade, {"inputs": [], "outputs": [], "required": []}),
        (models.InboundMessage, {"payload": {}}),
    ):
        session.execute(update(table).where(table.case_id == case.id).values(**gone))
    filed = update(application).where(application.filed_as == case.number)
    session.execute(filed.values(answers={}))
    return [key for key in files if key]
