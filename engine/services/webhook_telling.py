"""What webhooks are told of a case: rows in the transaction in which it happens."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.webhook import OF_HISTORY, WebhookEvent, message
from engine.persistence import models
from engine.services.office import Office


def of_history(
    office: Office, session: Session, case: models.Case, event: models.Event
) -> Iterator[UUID]:
    """What a line of a case's history tells; ids of deliveries whose jobs are to be promised."""
    told = OF_HISTORY.get(event.kind)
    if told is None or not (wanted := subscribers(office).get(told[0].value)):
        return
    kind, members = told
    data = {name: event.changes.get(name) for name in members}
    if event.element_id and kind is WebhookEvent.TASK_COMPLETED:
        data["element"] = event.element_id
    if kind is WebhookEvent.MESSAGE_RECEIVED:
        data["title"] = event.title
    yield from _rows(office, session, case, kind, data, event.at, wanted)


def of_task(
    office: Office, session: Session, case: models.Case, task: models.Task, at: datetime
) -> Iterator[UUID]:
    """That a task was reached."""
    if wanted := subscribers(office).get(WebhookEvent.TASK_CREATED.value):
        data = {
            "task": str(task.id),
            "element": task.element_id,
            "candidate_group": task.candidate_group,
            "department": task.department,
            "due_at": task.due_at.isoformat() if task.due_at else None,
        }
        yield from _rows(office, session, case, WebhookEvent.TASK_CREATED, data, at, wanted)


def _rows(
    office: Office,
    session: Session,
    case: models.Case,
    kind: WebhookEvent,
    data: Mapping[str, Any],
    at: datetime,
    wanted: tuple[UUID, ...],
) -> Iterator[UUID]:
    whole = message(kind.value, at, {"case": case.number, "procedure": case.procedure, **data})
    for webhook_id in wanted:
        yield new_row(office, session, webhook_id, kind, case.number, whole)


def new_row(
    office: Office,
    session: Session,
    webhook_id: UUID,
    kind: WebhookEvent,
    case_number: str,
    whole: Mapping[str, Any],
) -> UUID:
    """One message to one webhook, not sent yet."""
    row = models.WebhookDelivery(
        id=uuid4(),
        webhook_id=webhook_id,
        event=kind.value,
        case_number=case_number,
        message=dict(whole),
        state="waiting",
        attempts=0,
        status=0,
        told="",
        created_at=office.real_now(),
        last_at=None,
        next_at=office.real_now(),
    )
    session.add(row)
    return row.id


def subscribers(office: Office) -> Mapping[str, tuple[UUID, ...]]:
    """Event -> the enabled webhooks that want it. Asked at every line of history, so from memory."""
    return office.webhooks.get(lambda: _read(office), office.real_now())


def _read(office: Office) -> Mapping[str, tuple[UUID, ...]]:
    hook = models.Webhook
    asked = select(hook.id, hook.events).where(hook.is_enabled.is_(True)).order_by(hook.created_at)
    found: dict[str, tuple[UUID, ...]] = {}
    with office.uow.read() as session:
        for webhook_id, events in session.execute(asked):
            for event in events:
                found[event] = (*found.get(event, ()), webhook_id)
    return found
