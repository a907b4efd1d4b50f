"""The kinds of data that may be erased: which of each are due, and how they go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from engine.persistence import models

#: Rows of one transaction.
AT_ONCE = 500
#: Notices that are still on their way.
UNSENT = ("waiting", "sending")
#: Notices that reached whom they were for.
SETTLED = ("read", "sent")
#: What of a notice is of somebody, gone.
NO_TEXT = {"body": "", "body_en": "", "address": "", "last_error": ""}


@dataclass(frozen=True, slots=True)
class Kind:
    """`due`: ids of what is older than a moment. `erase`: of these ids, in the transaction; the keys of
    files that no row of theirs names any more."""

    due: Callable[[datetime], Select[Any]]
    erase: Callable[[Session, Sequence[Any]], list[str]]

    def count(self, session: Session, before: datetime) -> int:
        found = session.scalar(select(func.count()).select_from(self.due(before).subquery()))
        return int(found or 0)

    def some(self, session: Session, before: datetime) -> Sequence[Any]:
        return session.scalars(self.due(before).limit(AT_ONCE)).all()


def _drafts(before: datetime) -> Select[Any]:
    draft = models.Application
    return select(draft.id).where(draft.filed_as.is_(None), draft.updated_at < before)


def _erase_drafts(session: Session, ids: Sequence[Any]) -> list[str]:
    """Who goes on with a draft meanwhile keeps it: its row is locked first."""
    paper, draft = models.Paper, models.Application
    locked = select(draft.id).where(draft.id.in_(ids), draft.filed_as.is_(None)).with_for_update()
    mine = session.scalars(locked).all()
    files = session.scalars(select(paper.sha256).where(paper.application_id.in_(mine))).all()
    session.execute(delete(paper).where(paper.application_id.in_(mine)))
    session.execute(delete(draft).where(draft.id.in_(mine)))
    return list(files)


def _deleted(table: Any, key: Any, moment: Any) -> Kind:
    """Rows that go whole."""

    def due(before: datetime) -> Select[Any]:
        return select(key).where(moment < before)

    def erase(session: Session, ids: Sequence[Any]) -> list[str]:
        session.execute(delete(table).where(key.in_(ids)))
        return []

    return Kind(due, erase)


def _has_text() -> ColumnElement[bool]:
    notice = models.Notice
    return or_(notice.body != "", notice.body_en != "", notice.address != "")


def _notices(before: datetime) -> Select[Any]:
    notice = models.Notice
    is_old = (notice.created_at < before, notice.state.not_in(UNSENT))
    return select(notice.id).where(*is_old, _has_text())


def _erase_notices(session: Session, ids: Sequence[Any]) -> list[str]:
    notice = models.Notice
    session.execute(update(notice).where(notice.id.in_(ids)).values(**NO_TEXT))
    return []


def _readings(before: datetime) -> Select[Any]:
    reading = models.PersonalReading
    return select(reading.id).where(reading.at < before)


def _erase_readings(session: Session, ids: Sequence[Any]) -> list[str]:
    """On PostgreSQL by the owner's function: the account of the application may not delete them."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.erase_readings(cast(list(ids), ARRAY(Uuid())))))
    else:
        reading = models.PersonalReading
        session.execute(delete(reading).where(reading.id.in_(ids)))
    return []


def _told_officers(before: datetime) -> Select[Any]:
    """What an applicant was told proves that it was; an officer was only to look."""
    notice, person, case = models.Notice, models.Person, models.Case
    officers = select(person.username).where(person.subject_code.is_(None))
    closed = select(case.id).where(case.id == notice.case_id, case.state == "closed")
    return select(notice.id).where(
        notice.created_at < before,
        notice.state.in_(SETTLED),
        notice.recipient.in_(officers),
        closed.correlate(notice).exists(),
    )


def _forget_notices(session: Session, ids: Sequence[Any]) -> list[str]:
    session.execute(delete(models.Notice).where(models.Notice.id.in_(ids)))
    return []


#: Kinds that go row by row. Closed cases go one by one: engine/services/case_erasure.py.
KINDS: Mapping[str, Kind] = {
    "drafts": Kind(_drafts, _erase_drafts),
    "tokens": _deleted(models.Token, models.Token.hash, models.Token.expires_at),
    "sessions": _deleted(models.WebSession, models.WebSession.hash, models.WebSession.expires_at),
    "repeated_posts": _deleted(
        models.IdempotentAnswer, models.IdempotentAnswer.id, models.IdempotentAnswer.created_at
    ),
    "notices": Kind(_notices, _erase_notices),
    "readings": Kind(_readings, _erase_readings),
    "told_officers": Kind(_told_officers, _forget_notices),
}
