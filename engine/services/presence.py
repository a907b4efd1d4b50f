"""Who else has a task open, so that two do not fill in the same form unseen."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotPermitted
from engine.domain.views import Company
from engine.persistence import models
from engine.services.office import Office
from engine.services.task_access import seen
from engine.services.task_view import names_of

#: Real seconds after its last sign that a page counts as left, and after its last key as idle.
GONE, IDLE = timedelta(seconds=50), timedelta(seconds=30)
#: After this long a row is of no use to anybody.
FORGOTTEN = timedelta(minutes=10)


def attend(office: Office, actor: Actor, task_id: UUID, *, is_writing: bool = False) -> Company:
    """A sign of life from a task's page; what it is told of others in return. NotFound."""
    if not actor.is_staff:
        raise NotPermitted("只给工作人员使用。", "for the staff only")
    row, real = models.Presence, office.real_now()
    with office.uow.begin() as session:
        task, _ = seen(session, actor, task_id)
        _note(session, actor, task_id, real, is_writing=is_writing)
        others = session.scalars(
            select(row).where(
                row.task_id == task_id,
                row.username != actor.username,
                row.seen_at > real - GONE,
            )
        ).all()
        names = names_of(session, {name for name in (task.assignee, task.draft_by) if name})
    return Company(
        others=tuple(
            (one.name, one.wrote_at is not None and one.wrote_at > real - IDLE)
            for one in sorted(others, key=lambda one: one.name)
        ),
        version=task.version,
        state=task.state,
        assignee_name=names.get(task.assignee or ""),
        draft_by=names.get(task.draft_by or "") if task.draft_by != actor.username else None,
        draft_at=task.draft_at,
    )


def leave(office: Office, actor: Actor, task_id: UUID) -> None:
    """The page is closed: nobody need think that the actor is still there."""
    row = models.Presence
    with office.uow.begin() as session:
        session.execute(delete(row).where(row.task_id == task_id, row.username == actor.username))


def _note(
    session: Session, actor: Actor, task_id: UUID, real: datetime, *, is_writing: bool
) -> None:
    row = models.Presence
    session.execute(delete(row).where(row.seen_at < real - FORGOTTEN))
    held = session.get(row, (task_id, actor.username))
    if held is None:
        held = row(
            task_id=task_id, username=actor.username, name=actor.name, wrote_at=None, seen_at=real
        )
        session.add(held)
    held.seen_at = real
    if is_writing:
        held.wrote_at = real
