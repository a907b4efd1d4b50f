"""重复申请: a filing about what an open case deals with already is linked to it, not filed again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.words import Words
from engine.persistence import models
from engine.services.office import Office
from engine.services.stepping import open_casework

TITLE = Words("重复申请，并入本件", "filed again: linked to this case")
CHANNELS = {
    "web": Words("网上", "online"),
    "window": Words("窗口", "at the window"),
    "api": Words("接口", "by program"),
    "credit_china": Words("信用中国转来", "handed over by Credit China"),
}


def link(
    office: Office,
    actor: Actor,
    number: str,
    channel: str,
    *,
    now: datetime,
    application_id: UUID | None = None,
) -> None:
    """The open case's history says that it was asked for again, by whom and where; papers that came
    with an application go to the case, and the application is done."""
    case = models.Case
    with office.uow.begin() as session:
        held = session.scalar(select(case).where(case.number == number).with_for_update())
        if held is None:
            return
        work = open_casework(office, session, held, actor, now)
        moved = _move(session, application_id, held, now) if application_id else 0
        told = CHANNELS.get(channel, Words(channel))
        detail = f"{told.zh}，{actor.name}"
        work.note(
            "duplicate_filed",
            TITLE,
            detail=f"{detail}，附材料 {moved} 件" if moved else detail,
            changes={"channel": channel, "papers": moved},
        )


def _move(session: Session, application_id: UUID, case: models.Case, now: datetime) -> int:
    draft = session.get(models.Application, application_id, with_for_update=True)
    if draft is None or draft.filed_as is not None or case.state != "open":
        return 0
    paper = models.Paper
    known = session.scalar(select(func.count()).where(paper.case_id == case.id)) or 0
    held = session.scalars(
        select(paper).where(paper.application_id == application_id).order_by(paper.uploaded_at)
    ).all()
    for number, row in enumerate(held, known + 1):
        row.case_id, row.receipt = case.id, f"{case.number[-6:]}-{number}"
    draft.filed_as, draft.updated_at = case.number, now
    return len(held)
