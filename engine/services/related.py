"""Other cases that whoever works on this one should know of: the same record, the same subject."""

from datetime import datetime

from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.views import RelatedCase
from engine.domain.words import Words
from engine.persistence import models
from engine.services import access, cases
from engine.services.office import Office

MOST = 50
SAME_RECORD = Words("同一条记录", "the same record")
SAME_MATTER = Words("同一文号", "the same document number")
SAME_SUBJECT = Words("同一主体", "the same subject")
_ORDER = (SAME_RECORD, SAME_MATTER, SAME_SUBJECT)


def of_case(office: Office, actor: Actor, number: str, *, now: datetime) -> tuple[RelatedCase, ...]:
    """What the actor may see of them: those about the same record first, then the newest."""
    case = models.Case
    visible = access.visible_cases(actor)
    with office.uow.read() as session:
        held = session.scalar(select(case).where(case.number == number, visible))
        if held is None:
            raise NotFound("没有这个办件。", "there is no such case")
        others = (
            select(case)
            .where(case.subject_code == held.subject_code, case.id != held.id, visible)
            .order_by(case.filed_at.desc(), case.id)
            .limit(MOST)
        )
        rows = session.scalars(others).all()
        shown = cases.rows_of(office, session, rows, now=now)
        found = [RelatedCase(view, _why(held, row)) for view, row in zip(shown, rows, strict=True)]
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.why)))


def _why(case: models.Case, other: models.Case) -> Words:
    if set(case.record_ids) & set(other.record_ids):
        return SAME_RECORD
    if case.line and case.line == other.line:
        return SAME_MATTER
    return SAME_SUBJECT
